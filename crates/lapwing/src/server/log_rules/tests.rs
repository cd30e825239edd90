//! Rules over logs where Loki's ruler has them.

use std::collections::BTreeMap;

use super::*;

const GOOD: &str = "groups: [{name: g, rules: [{record: r, expr: 'count_over_time({a=\"b\"}[1m])'}]}]";

fn config(folder: &Path, more: &str) -> Config {
    let text =
        format!("ruler: {{storage: {{type: local, local: {{directory: {}}}}}, {more}}}", folder.display());
    let file = folder.with_file_name("loki.yml");
    RealFileSystem.write_atomic(&file, text.as_bytes()).unwrap();
    Config::load(&file, &RealFileSystem, None).unwrap().config
}

/// Names of groups with tenant and interval.
fn found(config: &Config) -> Vec<(String, String, u64)> {
    let groups = of_ruler(config, &RealFileSystem);
    groups
        .iter()
        .map(|group| {
            let tenant = group.dialect.tenant().unwrap().to_owned();
            (tenant, group.name.clone(), group.interval.as_secs())
        })
        .collect()
}

#[test]
fn each_tenant_has_the_rules_of_its_folder_and_bad_files_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules");
    for (tenant, file, text) in [
        ("fake", "a.yaml", GOOD.to_owned()),
        ("fake", "bad.yaml", GOOD.replace("count_over_time(", "count_over_tme(")),
        ("fake", ".hidden", GOOD.to_owned()),
        ("team", "a.yaml", GOOD.replace("name: g", "name: of-team, interval: 5s")),
        ("idle", "a.yaml", GOOD.to_owned()),
    ] {
        let folder = rules.join(tenant);
        RealFileSystem.create_dir_all(&folder).unwrap();
        RealFileSystem.write_atomic(&folder.join(file), text.as_bytes()).unwrap();
    }
    let expected = |pairs: &[(&str, &str, u64)]| -> Vec<(String, String, u64)> {
        pairs.iter().map(|(tenant, name, seconds)| (tenant.to_string(), name.to_string(), *seconds)).collect()
    };
    let off = config(&rules, "disabled_tenants: [idle], evaluation_interval: 30s");
    assert_eq!(found(&off), expected(&[("fake", "g", 30), ("team", "of-team", 5)]));
    let on = config(&rules, "enabled_tenants: [idle]");
    assert_eq!(found(&on), expected(&[("idle", "g", 60)]));
    let nowhere = config(&rules.join("missing"), "evaluation_interval: 30s");
    assert_eq!(found(&nowhere), expected(&[]));
}

#[test]
fn links_and_labels_are_those_of_the_ruler_where_it_has_any() {
    let around = Surroundings {
        external_labels: Labels::from_pairs([("cluster", "c1"), ("region", "r1")]),
        external_url: "http://lapwing/prom".to_owned(),
        path_prefix: "/prom".to_owned(),
        ..Surroundings::default()
    };
    assert_eq!(surroundings(&RulerConfig::default(), &around), around);
    let ruler = RulerConfig {
        external_url: "http://grafana:3000/".to_owned(),
        datasource_uid: "logs".to_owned(),
        external_labels: BTreeMap::from([("cluster".to_owned(), "c2".to_owned())]),
        ..RulerConfig::default()
    };
    let own = surroundings(&ruler, &around);
    assert_eq!(own.external_url, "http://grafana:3000");
    assert_eq!(own.path_prefix, "");
    assert_eq!(own.datasource_uid, "logs");
    assert_eq!(own.external_labels, Labels::from_pairs([("cluster", "c2"), ("region", "r1")]));
}
