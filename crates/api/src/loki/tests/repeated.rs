//! Entries that two blocks hold are given once.

use storage::logs::memory::Doubled;

use super::*;

/// A store whose blocks hold every entry twice.
fn doubled() -> Arc<Loki> {
    let logs = logs("fake");
    let read = Doubled(logs.clone(), logs.clone());
    loki_reading(LokiSettings::default(), logs, Arc::new(read))
}

#[tokio::test]
async fn an_export_has_each_entry_once() {
    let loki = doubled();
    let query = escaped(r#"{job="api"} | line_format "x""#);
    let target = format!("/loki/api/v1/export?query={query}&start=1718010000&end=1718013600");
    let (status, _, body) = get(&loki, &target).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(body.lines().count(), 720);
    let lines: std::collections::BTreeSet<&str> = body.lines().collect();
    assert_eq!(lines.len(), 720);
}

#[tokio::test]
async fn what_is_found_in_lines_counts_each_entry_once() {
    let loki = doubled();
    let span = "start=1718010000&end=1718013600";
    let query = escaped(r#"{job="web"}"#);
    // Of the newest lines so many are looked at, which are as many entries.
    let body =
        json_of(&loki, &format!("/loki/api/v1/detected_fields?query={query}&{span}&line_limit=40")).await;
    let fields = body["fields"].as_array().unwrap();
    let number = fields.iter().find(|field| field["label"] == "n").unwrap();
    assert_eq!(number["cardinality"], 40, "{body}");
}
