//! Answers that follow the original to the letter.

use std::io::Write;

use super::*;

/// The host of each stream of an answer with the times of its entries, in seconds since the first.
fn times(body: &Value) -> Vec<(String, Vec<i64>)> {
    let stream = |one: &Value| {
        let values = one["values"].as_array().unwrap().iter();
        let times = values.map(|value| (value[0].as_str().unwrap().parse::<i64>().unwrap() - T0) / SECOND);
        (one["stream"]["pod"].as_str().unwrap().to_owned(), times.collect())
    };
    body["data"]["result"].as_array().unwrap().iter().map(stream).collect()
}

#[tokio::test]
async fn an_interval_keeps_the_stream_that_comes_first_among_equal_times() {
    let loki = loki(LokiSettings::default(), logs("fake"));
    let query = escaped(r#"{job="api"}"#);
    let target = |direction: &str| {
        let span = "start=1718010000&end=1718013600&limit=14&interval=1m";
        format!("/loki/api/v1/query_range?query={query}&{span}&direction={direction}")
    };
    // Of these two streams the hash of `api-1` is the lower one; the limit counts what an interval leaves out.
    let body = json_of(&loki, &target("forward")).await;
    assert_eq!(times(&body), [("api-1".to_owned(), vec![0, 60])]);
    let body = json_of(&loki, &target("backward")).await;
    assert_eq!(times(&body), [("api-1".to_owned(), vec![3590, 3530])]);
}

#[tokio::test]
async fn a_log_query_at_one_time_is_refused_with_what_the_grammar_says_first() {
    let loki = loki(LokiSettings::default(), logs("fake"));
    for (query, text) in [
        (
            "{}",
            "parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~\".*\" does not meet this requirement, but app=~\".+\" will",
        ),
        (
            r#"{job="a"} |= "x" or |= "y""#,
            "parse error at line 0, col 21: syntax error: unexpected |=, expecting STRING or ip",
        ),
        (
            r#"{job="a"}"#,
            "log queries are not supported as an instant query type, please change your query to a range query type",
        ),
    ] {
        let (status, _, body) = get(&loki, &format!("/loki/api/v1/query?query={}", escaped(query))).await;
        assert_eq!((status, body.as_str()), (StatusCode::BAD_REQUEST, text), "{query}");
    }
}

#[tokio::test]
async fn approx_topk_is_answered_where_it_is_switched_on() {
    let limits = ReadLimits { approx_topk: false, ..ReadLimits::default() };
    let off = loki(LokiSettings { limits: Arc::new(limits), ..LokiSettings::default() }, logs("fake"));
    let on = loki(LokiSettings::default(), logs("fake"));
    for query in [
        r#"approx_topk(1, sum by (pod) (count_over_time({job="api"}[1h])))"#,
        r#"label_replace(approx_topk(1, count_over_time({job="api"}[1h])), "a", "", "b", "") + 1"#,
    ] {
        let target = format!("/loki/api/v1/query?query={}&time=1718013600", escaped(query));
        let (status, _, body) = get(&off, &target).await;
        let text = "approx_topk is not enabled. See -limits.shard_aggregations";
        assert_eq!((status, body.as_str()), (StatusCode::INTERNAL_SERVER_ERROR, text), "{query}");
        let body = json_of(&on, &target).await;
        assert_eq!(body["data"]["result"].as_array().unwrap().len(), 1, "{query}");
    }
}

fn lz4(text: &str) -> Vec<u8> {
    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn bodies_are_compressed_as_their_senders_may() {
    let loki = loki(LokiSettings::default(), MemoryLogs::new());
    let logs = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[
        {"timeUnixNano":"1718013500000000000","body":{"stringValue":"of lz4"}}]}]}]}"#;
    let send = |path: &str, encoding: &str, body: Vec<u8>| {
        let request = Request::post(path).header("content-type", "application/json");
        request.header("content-encoding", encoding).body(Body::from(body)).unwrap()
    };
    let (status, _, body) = ask(&loki, send("/otlp/v1/logs", "lz4", lz4(logs))).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{body}");
    let query = escaped(r#"{service_name="unknown_service"}"#);
    let target = format!("/loki/api/v1/query_range?query={query}&start=1718010000&end=1718013600");
    assert_eq!(json_of(&loki, &target).await["data"]["result"][0]["values"][0][1], "of lz4");
    let (status, ..) = ask(&loki, send("/otlp/v1/logs", "lz4", b"none".to_vec())).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    for encoding in ["zstd", "lz4", "br"] {
        let (status, _, body) = ask(&loki, send("/loki/api/v1/push", encoding, lz4(logs))).await;
        let text = format!("Content-Encoding \"{encoding}\" not supported\n");
        assert_eq!((status, body), (StatusCode::BAD_REQUEST, text));
    }
}

#[tokio::test]
async fn labels_of_selectors_may_be_demanded() {
    let limits = ReadLimits { strict_selectors: true, ..ReadLimits::default() };
    let strict = loki(LokiSettings { limits: Arc::new(limits), ..LokiSettings::default() }, logs("fake"));
    let open = loki(LokiSettings::default(), logs("fake"));
    let target = format!("/loki/api/v1/query?query={}&time=1718013600", escaped("count_over_time({}[1h])"));
    assert_eq!(get(&strict, &target).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(get(&open, &target).await.0, StatusCode::OK);
}
