//! Rules of the server: what its configuration names, and what they work with.

use std::sync::Arc;

use config::prometheus::Loaded;
use model::Labels;
use platform::Clock;
use platform::real::RealFileSystem;
use promql_engine::Engine;
use rules::{NoSink, Parts, Promql, Rules, Settings, Surroundings};
use telemetry::Registry;
use tsdb::Db;

use super::options;
use crate::cli::server_options::ServerOptions;
use crate::rules::{GroupDefaults, groups, load};

/// Reads the files of rules that the configuration names.
///
/// # Errors
/// All that is wrong with them.
pub(super) fn settings(options: &ServerOptions, loaded: &Loaded) -> Result<Settings, String> {
    let global = &loaded.config.global;
    let patterns: Vec<&str> = loaded.config.rule_files.iter().map(|pattern| pattern.as_str()).collect();
    let files = load(&patterns, &RealFileSystem, options::syntax(options), false)?;
    let defaults =
        GroupDefaults { interval: global.evaluation_interval, query_offset: global.rule_query_offset };
    let external_url = external_url(options);
    let behind_scheme = external_url.split_once("://").map_or("", |(_, rest)| rest);
    let path = behind_scheme.find('/').and_then(|position| behind_scheme.get(position..)).unwrap_or("");
    Ok(Settings {
        groups: groups(&files, defaults),
        surroundings: Surroundings {
            external_labels: Labels::from_pairs(&global.external_labels),
            path_prefix: path.to_owned(),
            external_url,
        },
    })
}

/// The address under which users reach the server: this machine's where nothing is said.
fn external_url(options: &ServerOptions) -> String {
    if !options.external_url.is_empty() {
        return options.external_url.clone();
    }
    let address = options.listen_addresses.first().map_or("", String::as_str);
    let port = address.rsplit_once(':').map_or("9090", |(_, port)| port);
    format!("http://{}:{port}", telemetry::process::hostname())
}

/// The rules, none yet. Alerts are not sent anywhere yet.
pub(super) fn rules(
    options: &ServerOptions,
    db: &Db,
    engine: Arc<Engine>,
    clock: Arc<dyn Clock>,
    registry: Registry,
) -> Rules {
    let store = Arc::new(db.clone());
    let language = Promql::new(engine, Arc::clone(&store) as _, options::syntax(options));
    let parts = Parts {
        language: Arc::new(language),
        appendable: Arc::clone(&store) as _,
        queryable: store,
        clock,
        sink: Arc::new(NoSink),
        registry,
    };
    Rules::new(parts, options.rules)
}
