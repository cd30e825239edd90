//! Loading the configuration: from its file, or the built-in one.

use std::path::Path;

use config::prometheus::{Features, Loaded, Mode, Source};
use platform::FileSystem;
use platform::real::RealFileSystem;

use crate::cli::server_options::ServerOptions;

/// Loads the configuration that the flags name.
///
/// # Errors
/// Every problem with file, line, column and key.
pub(super) fn load(options: &ServerOptions) -> Result<Loaded, String> {
    let files = RealFileSystem;
    let built_in = !options.config_file_given && !files.exists(&options.config_file).unwrap_or(true);
    let source = Source {
        path: &options.config_file,
        files: &files,
        environment: &|name| std::env::var(name).ok(),
        mode: Mode::Server,
        features: Features {
            extra_scrape_metrics: options.has_feature("extra-scrape-metrics"),
            protobuf_first: options.has_feature("created-timestamp-zero-ingestion")
                || options.has_feature("st-storage"),
        },
        ignore_unknown_keys: false,
    };
    let loaded = if built_in { source.load_text(&default_text(options)) } else { source.load() };
    let loaded = loaded.map_err(|error| error.explain())?;
    check_encoding(options, &loaded.config)?;
    if built_in {
        tracing::info!("no configuration file: the server scrapes itself");
    }
    for (path, problem) in &loaded.warnings {
        tracing::warn!(file = %path.display(), "{problem}");
    }
    for notice in super::settings::notices::notices(&loaded) {
        tracing::warn!(file = %shown(built_in, &options.config_file), "{notice}");
    }
    Ok(loaded)
}

/// Holds the encoding of samples that the configuration asks for against what the flags have turned on.
fn check_encoding(options: &ServerOptions, config: &config::prometheus::Config) -> Result<(), String> {
    let chunks = config.storage.tsdb.as_ref().and_then(|tsdb| tsdb.chunk_encoding.as_ref());
    let floats = chunks.map_or("", |chunks| &chunks.floats);
    match encoding_problem(floats, |feature| options.has_feature(feature)) {
        None => Ok(()),
        Some(problem) => {
            let file = options.config_file.display();
            Err(format!("{file}: storage.tsdb.chunk_encoding.floats: {floats} {problem}"))
        }
    }
}

/// Why floats cannot be encoded so with these features.
fn encoding_problem(floats: &str, has_feature: impl Fn(&str) -> bool) -> Option<&'static str> {
    match floats {
        "xor2" if !has_feature("xor2-encoding") => Some("needs --enable-feature=xor2-encoding"),
        "xor" if has_feature("st-storage") => {
            Some("cannot hold the start timestamps of --enable-feature=st-storage")
        }
        _ => None,
    }
}

fn shown(built_in: bool, path: &Path) -> String {
    if built_in { "(built-in)".to_owned() } else { path.display().to_string() }
}

/// The configuration of a server without a file: it scrapes itself.
fn default_text(options: &ServerOptions) -> String {
    let port = options.first_port();
    format!(
        "global:\n  scrape_interval: 15s\nscrape_configs:\n  - job_name: lapwing\n    metrics_path: {}/metrics\n    \
         static_configs:\n      - targets: [\"localhost:{port}\"]\n",
        options.route_prefix,
    )
}

#[cfg(test)]
mod tests;
