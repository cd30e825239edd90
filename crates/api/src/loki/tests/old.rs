//! Routes of Loki's first releases, and those about the process.

use super::*;

#[tokio::test]
async fn the_old_query_api_answers_lines_in_its_form() {
    let loki = loki(LokiSettings::default(), logs("fake"));
    let query = escaped(r#"{pod="api-0"}"#);
    let regexp = escaped("n=(7|8)$");
    let target = format!("/api/prom/query?query={query}&regexp={regexp}&start=1718010000&end=1718013600");
    let body = json_of(&loki, &target).await;
    let expected = json!([{
        "labels": r#"{detected_level="info", job="api", pod="api-0"}"#,
        "entries": [
            { "ts": "2024-06-10T09:01:20Z", "line": "level=info n=8" },
            { "ts": "2024-06-10T09:01:10Z", "line": "level=info n=7" },
        ],
    }]);
    assert_eq!(body["streams"], expected);
    assert!(body["stats"]["summary"].is_object());
    let (status, _, text) = get(&loki, &format!("/api/prom/query?query={}", escaped("vector(1)"))).await;
    let words = "legacy endpoints only support streams result type, current type is matrix";
    assert_eq!((status, text.as_str()), (StatusCode::BAD_REQUEST, words));
}

#[tokio::test]
async fn routes_that_only_a_cluster_needs_are_answered() {
    let loki = loki(LokiSettings::default(), logs("fake"));
    for (method, path, status, text) in [
        ("GET", "/ingester/prepare_shutdown", 200, "unset"),
        ("POST", "/ingester/prepare_shutdown", 204, ""),
        ("GET", "/ingester/prepare_shutdown", 200, "set"),
        ("DELETE", "/ingester/prepare_shutdown", 204, ""),
        ("GET", "/ingester/prepare_shutdown", 200, "unset"),
        ("POST", "/ingester/prepare_partition_downscale", 204, ""),
        ("POST", "/ingester/shutdown?flush=true", 204, ""),
        ("GET", "/loki/api/v1/rules", 404, "no rule groups found\n"),
        ("GET", "/loki/api/v1/rules/a%2Fb/c", 404, "group does not exist\n"),
        ("GET", "/api/prom/rules/a/b", 404, "group does not exist\n"),
        ("GET", "/api/prom/rules/a/b/c", 404, "404 page not found\n"),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let (found, _, body) = ask(&loki, request).await;
        assert_eq!((found.as_u16(), body.as_str()), (status, text), "{path}");
    }
}

#[tokio::test]
async fn a_server_that_is_about_to_stop_is_not_ready_and_answers_all_else() {
    let loki = loki(LokiSettings::default(), logs("fake"));
    assert_eq!(get(&loki, "/ready").await.0, StatusCode::OK);
    loki.leave();
    assert_eq!(get(&loki, "/ready").await.0, StatusCode::SERVICE_UNAVAILABLE);
    let target = "/loki/api/v1/labels?start=1718010000&end=1718013600";
    assert_eq!(get(&loki, target).await.0, StatusCode::OK);
}

#[test]
fn messages_of_the_old_tail_have_their_own_form() {
    use crate::loki::entries::{Entry, Kind};
    use crate::loki::live::Dropped;
    use crate::loki::tail::message::{Form, message};
    let stream = Labels::from_pairs([("job", "api")]);
    let entry = Entry {
        timestamp: T0 + 5,
        line: b"a line".to_vec(),
        stream: stream.clone(),
        labels: vec![
            ("job".to_owned(), "api".to_owned(), Kind::Stream),
            ("level".to_owned(), "info".to_owned(), Kind::Parsed),
        ],
    };
    let dropped = [Dropped { stream, timestamp: T0 }];
    let text = message(std::slice::from_ref(&entry), &dropped, Form::Old, false);
    let expected = json!({
        "streams": [{
            "labels": r#"{job="api", level="info"}"#,
            "entries": [{ "ts": "2024-06-10T09:00:00.000000005Z", "line": "a line" }],
        }],
        "dropped_entries": [{ "Timestamp": "2024-06-10T09:00:00Z", "Labels": r#"{job="api"}"# }],
    });
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
    let bare = message(&[entry], &[], Form::Old, true);
    assert_eq!(serde_json::from_str::<Value>(&bare).unwrap()["streams"][0]["labels"], r#"{job="api"}"#);
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test reads what users have")]
async fn every_query_of_users_is_answered() {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/examples/queries/logql.txt");
    let Ok(queries) = std::fs::read_to_string(path) else {
        eprintln!("left out: no examples at hand");
        return;
    };
    let labels = Labels::from_pairs([("namespace", "matrix"), ("app_kubernetes_io_name", "synapse")]);
    let lines =
        [r#"{"level":"ERROR","status":503,"remote_addr":"1.2.3.4"}"#, "level=error ERROR 401 bytes=x"];
    let entries = lines.map(|line| EntryRef { timestamp: T0 + SECOND, line: line.as_bytes(), metadata: &[] });
    let store = MemoryLogs::new();
    let push = [StreamEntries { labels: &labels, entries: &entries, hint: None }];
    store.append("fake", &push, &AppendRules::default()).unwrap();
    let loki = loki(LokiSettings::default(), store);
    let (mut count, mut found) = (0, 0);
    for query in queries.lines().filter(|line| !line.is_empty()) {
        let escaped = escaped(query);
        let target = format!("/loki/api/v1/query_range?query={escaped}&start=1718010000&end=1718010060");
        let body = json_of(&loki, &target).await;
        found += usize::from(!body["data"]["result"].as_array().unwrap().is_empty());
        if body["data"]["resultType"] == "matrix" {
            json_of(&loki, &format!("/loki/api/v1/query?query={escaped}&time=1718010060")).await;
        }
        count += 1;
    }
    assert!(count > 30 && found >= 10, "{found} of {count}");
}
