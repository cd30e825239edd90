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

#[test]
fn files_that_users_have_are_valid() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/examples/loki");
    let Ok(files) = std::fs::read_dir(folder) else {
        eprintln!("left out: no examples at hand");
        return;
    };
    let mut count = 0;
    for file in files.map(|file| file.unwrap().path()) {
        let warnings = crate::server::check_loki(file.clone(), false);
        let warnings = warnings.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(!warnings.is_empty(), "{}", file.display());
        count += 1;
    }
    assert_eq!(count, 2);
    let error = crate::server::check_loki("none.yaml".into(), false).unwrap_err();
    assert!(error.contains("none.yaml"), "{error}");
}
