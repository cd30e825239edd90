//! Tests of overrides that change while the process runs, and of files that users have.
#![expect(clippy::disallowed_methods, reason = "a test writes files as a user does")]

use std::path::Path;

use telemetry::{Registry, Value};

use super::*;
use crate::server::logs::load;

fn value(registry: &Registry, name: &str) -> f64 {
    let families = registry.gather();
    let family = families.iter().find(|family| family.name == name).unwrap();
    match family.metrics[0].value {
        Value::Gauge(value) => value,
        _ => panic!("{name} is no gauge"),
    }
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

#[test]
fn overrides_hold_when_their_file_has_changed_and_stay_when_it_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let (file, more) = (folder.path().join("loki.yaml"), folder.path().join("more.yaml"));
    let runtime = folder.path().join("runtime.yaml");
    let text = format!(
        "auth_enabled: true\nruntime_config: {{file: '{},{}', period: 3s}}\nlimits_config: {{max_query_series: 7}}\n",
        runtime.display(),
        more.display(),
    );
    write(&file, &text);
    write(&runtime, "overrides: {a: {max_query_series: 8}, b: {max_query_series: 9}}\n");
    write(&more, "overrides: {b: {max_query_series: 10}}\n");
    let loaded = load(&[file], false, |_| {}).unwrap();
    let series = |configured: &Configured, tenant: &str| configured.settings.limits(tenant).series_max;
    assert_eq!(["a", "b", "c"].map(|tenant| series(&loaded, tenant)), [8, 10, 7]);
    assert!(loaded.settings.limits("a").shown.contains("max_query_series: 8\n"));
    let registry = Registry::new();
    let overrides = Overrides::new(loaded.config, loaded.texts, &registry);
    assert_eq!(overrides.period(), Duration::from_secs(3));
    assert!(overrides.reread().unwrap().is_none());
    write(&runtime, "overrides: {a: {max_query_series: 11}}\n");
    let changed = overrides.reread().unwrap().unwrap();
    assert_eq!(["a", "b", "c"].map(|tenant| series(&changed, tenant)), [11, 10, 7]);
    assert!(overrides.reread().unwrap().is_none());
    let name = "loki_runtime_config_last_reload_successful";
    assert_eq!(value(&registry, name), 1.0);
    write(&runtime, "overrides: {a: {max_query_serie: 11}}\n");
    assert!(overrides.reread().err().unwrap().contains("max_query_serie"));
    // It is told once.
    assert!(overrides.reread().unwrap().is_none());
    assert_eq!(value(&registry, name), 0.0);
    std::fs::remove_file(&runtime).unwrap();
    assert!(overrides.reread().is_err());
    write(&runtime, "");
    let changed = overrides.reread().unwrap().unwrap();
    assert_eq!(["a", "b"].map(|tenant| series(&changed, tenant)), [7, 10]);
    assert_eq!(value(&registry, name), 1.0);
}

/// What users have of Loki's: keys that hold, and keys that mean nothing here, which are told.
const FILES: [&str; 2] = [
    "limits_config: {retention_period: 720h, ingestion_rate_mb: 10, query_timeout: 5m}\n\
     table_manager: {retention_deletes_enabled: true, retention_period: 720h}\n",
    "auth_enabled: false\n\
     server: {http_listen_port: 3100}\n\
     common: {path_prefix: /loki, replication_factor: 1, ring: {kvstore: {store: inmemory}}}\n\
     schema_config: {configs: [{from: 2024-01-01, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}]}\n\
     limits_config: {reject_old_samples: true, reject_old_samples_max_age: 168h, max_global_streams_per_user: 10000}\n",
];

#[test]
fn files_that_users_have_are_valid() {
    let folder = tempfile::tempdir().unwrap();
    for text in FILES {
        let file = folder.path().join("loki.yaml");
        write(&file, text);
        let warnings = crate::server::check_loki(file, false);
        let warnings = warnings.unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(!warnings.is_empty(), "{text}");
    }
    let error = crate::server::check_loki("none.yaml".into(), false).unwrap_err();
    assert!(error.contains("none.yaml"), "{error}");
}
