//! Rules of the server: what its configuration names, and what they work with.

use std::sync::Arc;

use config::prometheus::Loaded;
use model::Labels;
use notify::{Alert, Alertmanagers};
use platform::Clock;
use platform::real::RealFileSystem;
use promql_engine::Engine;
use rules::{AlertSink, Logql, LogqlParts, Notification, Parts, Promql, Rules, Settings, Surroundings};
use storage::Queryable;
use telemetry::Registry;
use tsdb::Db;

use super::{log_rules, options};
use crate::cli::server_options::{ServerOptions, path_of};
use crate::rules::{GroupDefaults, groups, load};
use crate::version;

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
    let surroundings = Surroundings {
        external_labels: Labels::from_pairs(&global.external_labels),
        path_prefix: path_of(&external_url).to_owned(),
        external_url,
        ..Surroundings::default()
    };
    let over_logs = log_rules::settings(options, loaded, &surroundings)?;
    let mut groups = groups(&files, defaults);
    let named_twice = over_logs.groups.iter().find(|group| files.iter().any(|file| file.path == group.file));
    if let Some(group) = named_twice {
        return Err(format!("{}: named in rule_files and in log_rule_files", group.file));
    }
    groups.extend(over_logs.groups);
    Ok(Settings { groups, surroundings, log_surroundings: over_logs.surroundings })
}

/// The address under which users reach the server: this machine's where nothing is said.
pub(super) fn external_url(options: &ServerOptions) -> String {
    if !options.external_url.is_empty() {
        return options.external_url.clone();
    }
    format!("http://{}:{}", telemetry::process::hostname(), options.first_port())
}

/// Hands alerts of rules to the Alertmanagers.
pub(super) struct Sink(pub(super) Arc<Alertmanagers>);

impl AlertSink for Sink {
    fn send(&self, alerts: Vec<Notification>) {
        let alert = |alert: Notification| Alert {
            labels: alert.labels,
            annotations: alert.annotations,
            starts_at_ns: alert.starts_at_ns,
            ends_at_ns: alert.ends_at_ns,
            generator_url: alert.generator_url,
        };
        self.0.send(alerts.into_iter().map(alert).collect());
    }
}

/// Sends alerts to the dispatcher of this process, where there is one, and to others, to none yet.
pub(super) fn alertmanagers(
    options: &ServerOptions,
    clock: Arc<dyn Clock>,
    registry: Registry,
    built_in: Option<notify::Runner>,
) -> Arc<Alertmanagers> {
    let parts = notify::Parts {
        clock,
        files: Arc::new(RealFileSystem),
        registry,
        user_agent: format!("Prometheus/{}", version::PROMETHEUS_VERSION),
        discovery_interval: options.discovery_reload_interval,
        built_in,
    };
    Arc::new(Alertmanagers::new(parts, options.notifications))
}

/// The rules, none yet; their alerts go to `alertmanagers`.
pub(super) fn rules(
    options: &ServerOptions,
    (db, queryable): (&Db, Arc<dyn Queryable>),
    engine: Arc<Engine>,
    clock: Arc<dyn Clock>,
    registry: Registry,
    alertmanagers: Arc<Alertmanagers>,
    over_logs: LogqlParts,
) -> Rules {
    let language = Promql::new(engine, Arc::clone(&queryable), options::syntax(options));
    let parts = Parts {
        language: Arc::new(language),
        log_language: Some(Arc::new(Logql::new(over_logs))),
        appendable: Arc::new(db.clone()),
        queryable,
        clock,
        sink: Arc::new(Sink(alertmanagers)),
        registry,
    };
    Rules::new(parts, options.rules)
}
