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

fn shown(built_in: bool, path: &Path) -> String {
    if built_in { "(built-in)".to_owned() } else { path.display().to_string() }
}

/// The configuration of a server without a file: it scrapes itself.
fn default_text(options: &ServerOptions) -> String {
    let address = options.listen_addresses.first().map_or("", String::as_str);
    let port = address.rsplit_once(':').map_or("9090", |(_, port)| port);
    format!(
        "global:\n  scrape_interval: 15s\nscrape_configs:\n  - job_name: lapwing\n    metrics_path: {}/metrics\n    \
         static_configs:\n      - targets: [\"localhost:{port}\"]\n",
        options.route_prefix,
    )
}
