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
