//! Pushes: how they may be sent, and what of them is kept.

use super::*;

#[tokio::test]
async fn pushes_are_posted() {
    let loki = loki(LokiSettings::default(), logs("fake"));
    for path in ["/loki/api/v1/push", "/api/prom/push", "/otlp/v1/logs"] {
        let put = Request::put(path).body(Body::empty()).unwrap();
        assert_eq!(ask(&loki, put).await.0, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
    let put = Request::put("/elasticsearch/_bulk").body(Body::empty()).unwrap();
    assert_ne!(ask(&loki, put).await.0, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn what_is_not_utf_8_is_replaced_and_the_rest_of_the_push_is_kept() {
    let loki = loki(LokiSettings::default(), MemoryLogs::new());
    let time = (T0 + 1_800 * SECOND).to_string();
    let body: [&[u8]; 9] = [
        br#"{"streams":[{"stream":{"job":"cut"},"values":[[""#,
        time.as_bytes(),
        br#"","half "#,
        b"\xe6\x97",
        br#"",{"k":"v"#,
        b"\xff",
        br#""}],[""#,
        time.as_bytes(),
        br#"","whole"]]}]}"#,
    ];
    let push = Request::post("/loki/api/v1/push").header("content-type", "application/json");
    let (status, _, text) = ask(&loki, push.body(Body::from(body.concat())).unwrap()).await;
    assert_eq!((status, text.as_str()), (StatusCode::NO_CONTENT, ""));
    let query = escaped(r#"{job="cut"}"#);
    let target = format!("/loki/api/v1/query_range?query={query}&start=1718010000&end=1718013600");
    let body = json_of(&loki, &target).await;
    let rows: Vec<&Value> = body["data"]["result"].as_array().unwrap().iter().collect();
    let found = |line: &str| rows.iter().find(|row| row["values"][0][1] == line).copied();
    assert_eq!(found("half \u{fffd}").unwrap()["stream"]["k"], "v\u{fffd}");
    assert!(found("whole").is_some());
    let broken = Request::post("/loki/api/v1/push").header("content-type", "application/json");
    let broken = broken.body(Body::from(&b"{\"streams\":[\xff"[..])).unwrap();
    assert_eq!(ask(&loki, broken).await.0, StatusCode::BAD_REQUEST);
}
