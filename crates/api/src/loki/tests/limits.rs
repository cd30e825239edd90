//! Limits of a tenant, those of a request, and what is told of them.

use super::*;

fn with_header(target: &str, name: &str, value: &str) -> Request<Body> {
    Request::get(target).header(name, value).body(Body::empty()).unwrap()
}

fn lines(query: &str) -> String {
    format!("/loki/api/v1/query_range?query={}&start=1718010000&end=1718013600&limit=10", escaped(query))
}

#[tokio::test]
async fn limits_of_a_request_count_where_they_are_tighter_and_allowed() {
    let target = lines(r#"{job="api"}"#);
    let header = |json: &str| with_header(&target, "X-Loki-Query-Limits", json);
    let off = loki(LokiSettings::default(), logs("fake"));
    assert_eq!(ask(&off, header(r#"{"maxEntriesLimitPerQuery":5}"#)).await.0, StatusCode::OK);
    let limits =
        ReadLimits { required_labels: vec!["job".to_owned()], entries_max: 20, ..ReadLimits::default() };
    let settings =
        LokiSettings { per_request_limits: true, limits: Arc::new(limits), ..LokiSettings::default() };
    let loki = loki(settings, logs("fake"));
    for json in [
        r#"{"maxEntriesLimitPerQuery":100,"maxQueryLength":"0s","unknown":1}"#,
        r#"{"maxEntriesLimitPerQuery":10,"maxQueryLength":"1h","maxQueryTime":"1m","requiredLabels":null}"#,
    ] {
        let (status, _, body) = ask(&loki, header(json)).await;
        assert_eq!(status, StatusCode::OK, "{json}: {body}");
    }
    for (json, text) in [
        (
            r#"{"maxEntriesLimitPerQuery":5}"#,
            "max entries limit per query exceeded, limit > max_entries_limit_per_query (10 > 5)",
        ),
        (
            r#"{"maxQueryLength":"30m"}"#,
            "the query time range exceeds the limit (query length: 1h0m0s, limit: 30m)",
        ),
        (
            r#"{"requiredLabels":["pod"]}"#,
            "stream selector is missing required matchers [pod], labels present in the query were [job]",
        ),
        (
            r#"{"minimumLabelsNumber":2}"#,
            "stream selector has less label matchers than required: (present: [job], number_present: 1, required_number_label_matchers: 2)",
        ),
        (r#"{"maxQueryLength":"x"}"#, r#"X-Loki-Query-Limits: maxQueryLength: "x" is no duration"#),
        (
            r#"{"maxQueryBytesRead":"x"}"#,
            r#"X-Loki-Query-Limits: maxQueryBytesRead: "x" is no amount of bytes"#,
        ),
    ] {
        let (status, _, body) = ask(&loki, header(json)).await;
        assert_eq!((status, body.as_str()), (StatusCode::BAD_REQUEST, text), "{json}");
    }
    // A wider limit does not count.
    let wide = target.replace("limit=10", "limit=30");
    let request = with_header(&wide, "X-Loki-Query-Limits", r#"{"maxEntriesLimitPerQuery":1000}"#);
    assert_eq!(ask(&loki, request).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(ask(&loki, header("{")).await.0, StatusCode::BAD_REQUEST);
    let few = header(r#"{"maxQueryBytesRead":"1B"}"#);
    let (status, _, body) = ask(&loki, few).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body.starts_with("the query would read too many bytes"), "{body}");
}

#[tokio::test]
async fn some_series_of_too_many_are_told_to_the_application_for_logs() {
    let limits = ReadLimits { series_max: 2, ..ReadLimits::default() };
    let loki = loki(LokiSettings { limits: Arc::new(limits), ..LokiSettings::default() }, logs("fake"));
    let query = escaped(r#"count_over_time({job=~".+"}[1h])"#);
    let target = format!("/loki/api/v1/query?query={query}&time=1718013600");
    let (status, _, body) = get(&loki, &target).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    let (status, _, body) =
        ask(&loki, with_header(&target, "X-Query-Tags", "Source=grafana-lokiexplore-app")).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["data"]["result"].as_array().unwrap().len(), 2);
    let warning = "maximum number of series (2) reached for a single query; returning partial results";
    assert_eq!(body["warnings"], json!([warning]));
}

#[tokio::test]
async fn blocked_queries_are_told_by_their_tags_too() {
    let rule = super::super::BlockedQuery {
        pattern: super::super::BlockedPattern::Any,
        hash: 0,
        kinds: Vec::new(),
        tags: vec![("source".to_owned(), "bad".to_owned())],
    };
    let limits = ReadLimits { blocked: vec![rule], ..ReadLimits::default() };
    let loki = loki(LokiSettings { limits: Arc::new(limits), ..LokiSettings::default() }, logs("fake"));
    let target = lines(r#"{job="api"}"#);
    for (tags, expected) in [("Source=good", 200), ("a=b, Source=bad", 400)] {
        let (status, _, body) = ask(&loki, with_header(&target, "X-Query-Tags", tags)).await;
        assert_eq!(status.as_u16(), expected, "{tags}: {body}");
    }
}

#[tokio::test]
async fn variants_are_answered_where_they_are_switched_on() {
    let query =
        escaped(r#"variants(count_over_time({job="api"}[1h]), rate({job="api"}[1h])) of ({job="api"}[1h])"#);
    let target = format!("/loki/api/v1/query?query={query}&time=1718013600");
    let off = loki(LokiSettings::default(), logs("fake"));
    let (status, _, body) = get(&off, &target).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(body, "parse error at line 1, col 1: syntax error: unexpected IDENTIFIER");
    let limits = ReadLimits { variants: true, ..ReadLimits::default() };
    let on = loki(LokiSettings { limits: Arc::new(limits), ..LokiSettings::default() }, logs("fake"));
    let body = json_of(&on, &target).await;
    assert_eq!(body["data"]["result"].as_array().unwrap().len(), 4);
    assert_eq!(body["data"]["result"][0]["metric"]["__variant__"], "0");
}

#[tokio::test]
async fn the_level_of_the_log_is_told_and_set() {
    let loki = loki(LokiSettings::default(), logs("fake"));
    assert_eq!(get(&loki, "/log_level").await.2, r#"{"message":"Current log level is info"}"#);
    let set =
        |level: &str| Request::post(format!("/log_level?log_level={level}")).body(Body::empty()).unwrap();
    let (status, _, body) = ask(&loki, set("loud")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let expected = json!({ "status": "failed", "message": "unrecognized log level \"loud\"" });
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), expected);
    assert_eq!(ask(&loki, set("debug")).await.0, StatusCode::OK);
    assert_eq!(get(&loki, "/log_level").await.2, r#"{"message":"Current log level is debug"}"#);
}
