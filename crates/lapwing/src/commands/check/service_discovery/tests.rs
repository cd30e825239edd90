//! The output is promtool's.

use super::*;

const CONFIG: &str = "scrape_configs:
- job_name: a
  params: {z: [1]}
  static_configs:
  - {targets: ['h:1', 'h:1'], labels: {x: y}}
  - targets: ['drop:1', 'a/b']
  relabel_configs:
  - {source_labels: [__address__], regex: 'drop.*', action: drop}
  - {source_labels: [__address__], target_label: addr}
";

#[test]
fn targets_are_shown_before_and_behind_relabelling() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("prometheus.yml");
    RealFileSystem.write_atomic(&path, CONFIG.as_bytes()).unwrap();
    let jobs = jobs(path.to_str().unwrap()).unwrap();
    let groups = found(&jobs[0], Duration::ZERO).unwrap();
    let printed = printed(&checked(&jobs[0], &groups));
    let shown: Value = serde_json::from_str(&printed).unwrap();
    let steering = json!({"__address__": "h:1", "__metrics_path__": "/metrics", "__param_z": "1", "__scheme__": "http",
        "__scrape_interval__": "1m", "__scrape_timeout__": "10s", "addr": "h:1", "instance": "h:1", "job": "a", "x": "y"});
    for (name, value) in steering.as_object().unwrap() {
        assert_eq!(shown[0]["labels"][name], *value, "{name}");
    }
    assert_eq!(shown[0]["discoveredLabels"]["addr"], Value::Null);
    assert_eq!(shown[1]["discoveredLabels"]["__address__"], "drop:1");
    assert_eq!((&shown[1]["labels"], shown[1].get("error")), (&json!({}), None));
    assert_eq!((&shown[2]["labels"], &shown[2]["error"]), (&json!({}), &json!({})));
    assert_eq!(shown.as_array().unwrap().len(), 3);
    assert!(printed.starts_with("[\n  {\n    \"discoveredLabels\": {\n      \"__address__\": \"h:1\",\n"));
}
