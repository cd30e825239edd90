//! Tests of the interface of Loki over a store in memory, through its routes.

mod exact;
mod limits;
mod old;
mod pushes;
mod repeated;

use std::sync::Arc;

use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use log_intake::Intake;
use model::Labels;
use parking_lot::Mutex;
use platform::simulated::SimulatedClock;
use serde_json::{Value, json};
use storage::logs::memory::MemoryLogs;
use storage::logs::{AppendRules, EntryAppendable, EntryRef, LogQueryable, StreamEntries};
use telemetry::Registry;

use super::{
    CancelDeleteRefusal, DeleteProgress, LogAdmin, LogDelete, Loki, LokiParts, LokiServices, LokiSettings,
    ReadLimits,
};

const SECOND: i64 = 1_000_000_000;
const T0: i64 = 1_718_010_000 * SECOND;

/// Writes nothing; requests to delete are kept and deleted is nothing.
#[derive(Default)]
struct NoFiles(Mutex<Vec<LogDelete>>);

impl LogAdmin for NoFiles {
    fn flush(&self) -> storage::Result<()> {
        Ok(())
    }

    fn delete(&self, _: &str, query: &str, start: i64, end: i64) -> storage::Result<String> {
        let mut requests = self.0.lock();
        let id = format!("r{}", requests.len());
        let (created_ms, progress) = (T0 / 1_000_000 + 500, DeleteProgress::Received);
        requests.push(LogDelete {
            id: id.clone(),
            query: query.to_owned(),
            start,
            end,
            created_ms,
            progress,
        });
        Ok(id)
    }

    fn deletes(&self, _: &str) -> Vec<LogDelete> {
        self.0.lock().clone()
    }

    fn cancel_delete(
        &self,
        _: &str,
        id: &str,
        force: bool,
    ) -> storage::Result<Result<(), CancelDeleteRefusal>> {
        let mut requests = self.0.lock();
        if !requests.iter().any(|request| request.id == id) {
            return Ok(Err(CancelDeleteRefusal::Unknown));
        }
        if !force {
            return Ok(Err(CancelDeleteRefusal::Begun));
        }
        requests.retain(|request| request.id != id);
        Ok(Ok(()))
    }
}

/// Two streams of a job and one of another, a line every ten seconds for an hour.
pub(super) fn logs(tenant: &str) -> MemoryLogs {
    let logs = MemoryLogs::new();
    for (job, pod) in [("api", "api-0"), ("api", "api-1"), ("web", "web-0")] {
        let labels = Labels::from_pairs([("job", job), ("pod", pod)]);
        let lines: Vec<String> = (0..360).map(|number| format!("level=info n={number}")).collect();
        let entries: Vec<EntryRef<'_>> = lines
            .iter()
            .zip(0..)
            .map(|(line, number)| EntryRef {
                timestamp: T0 + number * 10 * SECOND,
                line: line.as_bytes(),
                metadata: &[("detected_level", "info")],
            })
            .collect();
        let push = [StreamEntries { labels: &labels, entries: &entries, hint: None }];
        logs.append(tenant, &push, &AppendRules::default()).unwrap();
    }
    logs
}

pub(super) fn loki(settings: LokiSettings, logs: MemoryLogs) -> Arc<Loki> {
    let read = Arc::new(logs.clone());
    loki_reading(settings, logs, read)
}

/// One that writes to a store and reads from another.
pub(super) fn loki_reading(
    settings: LokiSettings,
    logs: MemoryLogs,
    read: Arc<dyn LogQueryable>,
) -> Arc<Loki> {
    let clock = Arc::new(SimulatedClock::new(T0 / 1_000_000 + 3_600_000));
    let parts = LokiParts {
        clock,
        registry: Registry::new(),
        memory: Arc::new(platform::MemoryBudget::new(0)),
        build: crate::BuildInfo {
            version: "3.4.6".to_owned(),
            revision: String::new(),
            branch: String::new(),
            build_user: String::new(),
            build_date: String::new(),
            go_version: String::new(),
        },
        prefix: String::new(),
        queries_max: 4,
        query_threads: 1,
        log_level: "info".to_owned(),
        set_log_level: Box::new(|level| match level {
            "debug" => Ok(()),
            other => Err(format!("unrecognized log level {other:?}")),
        }),
        logs_queries: false,
        folder_exists: Box::new(|_| false),
    };
    let loki = Loki::new(settings, parts);
    let clock = Arc::clone(&loki.parts.clock);
    let intake = Intake::new(Arc::new(logs), clock, &loki.parts.registry).with_observer(loki.live());
    let admin = Arc::new(NoFiles::default());
    loki.open(LokiServices { logs: read, intake: Arc::new(intake), admin });
    loki
}

pub(super) async fn ask(loki: &Arc<Loki>, request: Request<Body>) -> (StatusCode, String, String) {
    let path = request.uri().path().to_owned();
    let response = loki.respond(request, path).await;
    let status = response.status();
    let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, kind.unwrap_or_default(), String::from_utf8(body.to_vec()).unwrap())
}

pub(super) async fn get(loki: &Arc<Loki>, target: &str) -> (StatusCode, String, String) {
    ask(loki, Request::get(target).body(Body::empty()).unwrap()).await
}

pub(super) async fn json_of(loki: &Arc<Loki>, target: &str) -> Value {
    let (status, _, body) = get(loki, target).await;
    assert_eq!(status, StatusCode::OK, "{target}: {body}");
    serde_json::from_str(&body).unwrap()
}

fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn names_and_values_of_labels_are_listed() {
    let loki = loki(LokiSettings::default(), logs("fake"));
    let (_, kind, body) = get(&loki, "/loki/api/v1/labels").await;
    assert_eq!(body, r#"{"status":"success","data":["job","pod"]}"#);
    assert_eq!(kind, "application/json; charset=UTF-8");
    let pods = escaped(r#"{job="api"}"#);
    let (_, _, body) = get(&loki, &format!("/loki/api/v1/label/pod/values?query={pods}")).await;
    assert_eq!(body, r#"{"status":"success","data":["api-0","api-1"]}"#);
}

#[tokio::test]
async fn an_empty_list_of_values_has_no_data() {
    let loki = loki(LokiSettings::default(), logs("fake"));
    let (_, _, body) = get(&loki, "/loki/api/v1/label/nope/values").await;
    assert_eq!(body, r#"{"status":"success"}"#);
}

#[tokio::test]
async fn series_of_several_selectors_are_told_once() {
    let loki = loki(LokiSettings::default(), logs("fake"));
    let (one, two) = (escaped(r#"{job="api"}"#), escaped(r#"{pod="api-1"}"#));
    let body = json_of(&loki, &format!("/loki/api/v1/series?match[]={one}&match={two}")).await;
    let series = json!([{ "job": "api", "pod": "api-0" }, { "job": "api", "pod": "api-1" }]);
    assert_eq!(body["data"], series);
    let none = escaped(r#"{job="none"}"#);
    let (_, _, body) = get(&loki, &format!("/loki/api/v1/series?match[]={none}")).await;
    assert_eq!(body, r#"{"status":"success","data":[]}"#);
}

#[tokio::test]
async fn what_is_wrong_is_told_as_plain_text() {
    let loki = loki(LokiSettings::default(), logs("fake"));
    let filtered = escaped(r#"{job="api"} |= "x""#);
    for (target, status, text) in [
        (
            "/loki/api/v1/labels?start=x".to_owned(),
            400,
            "could not parse 'start' parameter: strconv.ParseInt: parsing \"x\": invalid syntax",
        ),
        (
            "/loki/api/v1/labels?since=-5m".to_owned(),
            400,
            "could not parse 'since' parameter: not a valid duration string: \"-5m\"",
        ),
        (format!("/loki/api/v1/labels?query={filtered}"), 400, "only label matchers are supported"),
        (
            "/loki/api/v1/labels?start=1718020800&end=1718010000".to_owned(),
            500,
            "merging responses requires at least one response",
        ),
        ("/loki/api/v1/index/stats?query=".to_owned(), 400, "parse error : syntax error: unexpected $end"),
        ("/loki/api/v1/nope".to_owned(), 404, "404 page not found\n"),
    ] {
        let (found, kind, body) = get(&loki, &target).await;
        assert_eq!((found.as_u16(), body.as_str()), (status, text), "{target}");
        assert_eq!(kind, "text/plain; charset=utf-8", "{target}");
    }
}

#[tokio::test]
async fn a_span_may_be_no_longer_than_the_limit() {
    let limits =
        ReadLimits { length_max: Some(std::time::Duration::from_secs(7200)), ..ReadLimits::default() };
    let loki = loki(LokiSettings { limits: Arc::new(limits), ..LokiSettings::default() }, logs("fake"));
    let (status, _, text) =
        get(&loki, "/loki/api/v1/labels?start=1718010000000000000&end=1718017201000000000").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(text, "the query time range exceeds the limit (query length: 2h0m1s, limit: 2h)");
    let (status, ..) =
        get(&loki, "/loki/api/v1/labels?start=1718010000000000000&end=1718017200000000000").await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn methods_that_a_route_does_not_know_are_refused() {
    let loki = loki(LokiSettings::default(), logs("fake"));
    let put = Request::put("/loki/api/v1/labels").body(Body::empty()).unwrap();
    let (status, _, body) = ask(&loki, put).await;
    assert_eq!((status, body.as_str()), (StatusCode::METHOD_NOT_ALLOWED, ""));
}

#[tokio::test]
async fn volumes_are_grouped_by_the_labels_that_are_named() {
    let loki = loki(LokiSettings::default(), logs("fake"));
    let query = escaped(r#"{job=~".+"}"#);
    let span = "start=1718010000&end=1718013600";
    let body = json_of(&loki, &format!("/loki/api/v1/index/volume?query={query}&{span}")).await;
    let names: Vec<&Value> =
        body["data"]["result"].as_array().unwrap().iter().map(|row| &row["metric"]).collect();
    assert_eq!(names, [&json!({ "job": "api" }), &json!({ "job": "web" })]);
    let body = json_of(
        &loki,
        &format!("/loki/api/v1/index/volume?query={query}&{span}&aggregateBy=labels&targetLabels=pod"),
    )
    .await;
    assert_eq!(body["data"]["result"][0]["metric"], json!({ "pod": "" }));
    let body =
        json_of(&loki, &format!("/loki/api/v1/index/volume_range?query={query}&{span}&step=1200")).await;
    assert_eq!(body["data"]["resultType"], "matrix");
    let times: Vec<f64> = body["data"]["result"][0]["values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| point[0].as_f64().unwrap())
        .collect();
    assert_eq!(times, [1_718_011_199.999, 1_718_012_399.999, 1_718_013_600.0]);
}

#[tokio::test]
async fn stats_count_streams_and_entries() {
    let loki = loki(LokiSettings::default(), logs("fake"));
    let query = escaped(r#"{job="api"}"#);
    let body =
        json_of(&loki, &format!("/loki/api/v1/index/stats?query={query}&start=1718010000&end=1718013600"))
            .await;
    assert_eq!((&body["streams"], &body["entries"]), (&json!(2), &json!(720)));
}

#[tokio::test]
async fn tenants_see_their_own_streams_and_several_are_told_apart() {
    let store = logs("a");
    let settings = LokiSettings { auth_enabled: true, multi_tenant_reads: true, ..LokiSettings::default() };
    let labels = Labels::from_pairs([("job", "other")]);
    let entries = [EntryRef { timestamp: T0 + SECOND, line: b"x", metadata: &[] }];
    let push = [StreamEntries { labels: &labels, entries: &entries, hint: None }];
    store.append("b", &push, &AppendRules::default()).unwrap();
    let loki = loki(settings, store);
    let asked = |tenant: &str, target: &str| {
        Request::get(target).header("X-Scope-OrgID", tenant).body(Body::empty()).unwrap()
    };
    let (status, ..) = get(&loki, "/loki/api/v1/labels").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let (_, _, body) = ask(&loki, asked("b", "/loki/api/v1/label/job/values")).await;
    assert_eq!(body, r#"{"status":"success","data":["other"]}"#);
    let (_, _, body) = ask(&loki, asked("a|b", "/loki/api/v1/label/job/values")).await;
    assert_eq!(body, r#"{"status":"success","data":["api","other","web"]}"#);
    let (_, _, body) = ask(&loki, asked("b|a", "/loki/api/v1/label/__tenant_id__/values")).await;
    assert_eq!(body, r#"{"status":"success","data":["a","b"]}"#);
    let only_b = format!("/loki/api/v1/series?match[]={}", escaped(r#"{__tenant_id__="b"}"#));
    let (_, _, body) = ask(&loki, asked("a|b", &only_b)).await;
    assert_eq!(body, r#"{"status":"success","data":[{"__tenant_id__":"b","job":"other"}]}"#);
}

#[tokio::test]
async fn queries_are_written_as_usual() {
    let loki = loki(LokiSettings::default(), logs("fake"));
    let query = escaped(r#"{job="a"}|="x""#);
    let (_, kind, body) = get(&loki, &format!("/loki/api/v1/format_query?query={query}")).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body, json!({"status": "success", "data": r#"{job="a"} |= "x""#}));
    assert_eq!(kind, "application/json; charset=utf-8");
    let (status, _, body) = get(&loki, "/loki/api/v1/format_query?query=a").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body.contains("invalid-query"), "{body}");
}

#[tokio::test]
async fn what_is_pushed_is_found_at_once() {
    let loki = loki(LokiSettings::default(), MemoryLogs::new());
    let body = r#"{"streams":[{"stream":{"job":"new"},"values":[["1718013600000000000","a line"]]}]}"#;
    let push = Request::post("/loki/api/v1/push").header("content-type", "application/json");
    let (status, _, body) = ask(&loki, push.body(Body::from(body)).unwrap()).await;
    assert_eq!((status, body.as_str()), (StatusCode::NO_CONTENT, ""));
    let query = escaped(r#"{job="new"}"#);
    let target = format!("/loki/api/v1/query_range?query={query}&start=1718010000&end=1718020000");
    let found = json_of(&loki, &target).await;
    assert_eq!(found["data"]["result"][0]["values"], json!([["1718013600000000000", "a line"]]));
}

#[tokio::test]
async fn a_push_without_a_media_type_is_refused() {
    let loki = loki(LokiSettings::default(), MemoryLogs::new());
    for (kind, text) in [
        ("", "mime: no media type\n"),
        ("/json", "mime: no media type\n"),
        ("application json", "mime: expected slash after first token\n"),
        ("application/", "mime: expected token after slash\n"),
        ("application/json/x", "mime: unexpected content after media subtype\n"),
        ("bad;;/type", "mime: invalid media parameter\n"),
    ] {
        let push = Request::post("/loki/api/v1/push").header("content-type", kind);
        let (status, _, body) = ask(&loki, push.body(Body::from("{}")).unwrap()).await;
        assert_eq!((status, body.as_str()), (StatusCode::BAD_REQUEST, text));
    }
}

#[tokio::test]
async fn requests_to_delete_are_made_listed_and_taken_back() {
    let loki = loki(LokiSettings::default(), logs("fake"));
    let send = |method: &str, target: String| {
        let request = Request::builder().method(method).uri(format!("/loki/api/v1/delete{target}"));
        ask(&loki, request.body(Body::empty()).unwrap())
    };
    let query = escaped(r#"{job="api"} |= "x""#);
    assert_eq!(send("GET", String::new()).await.2, "[]");
    let (status, _, body) = send("POST", format!("?query={query}&start=1718010000&end=1718010060")).await;
    assert_eq!((status, body.as_str()), (StatusCode::NO_CONTENT, ""));
    let listed: Value = serde_json::from_str(&send("GET", String::new()).await.2).unwrap();
    let expected = json!([{
        "request_id": "r0", "start_time": 1_718_010_000, "end_time": 1_718_010_060,
        "query": r#"{job="api"} |= "x""#, "status": "received", "created_at": 1_718_010_000.5,
    }]);
    assert_eq!(listed, expected);
    for (target, status, text) in [
        ("?request_id=r9", 404, "could not find delete request with given id"),
        (
            "?request_id=r0",
            400,
            "deletion of request which has begun or is past its cancel period is not allowed. To force, use the ?force query parameter",
        ),
        ("?request_id=r0&force=true", 204, ""),
    ] {
        let (found, _, body) = send("DELETE", target.to_owned()).await;
        assert_eq!((found.as_u16(), body.as_str()), (status, text), "{target}");
    }
    assert_eq!(send("GET", String::new()).await.2, "[]");
}

#[tokio::test]
async fn requests_to_delete_are_refused_as_in_the_original() {
    let loki = loki(LokiSettings::default(), logs("fake"));
    let query = escaped(r#"{job="api"} |= "x""#);
    let times = "require unix seconds or RFC3339 format";
    for (target, text) in [
        ("start=1718010000".to_owned(), "query not set".to_owned()),
        ("query=x&start=1718010000".to_owned(), "invalid query expression".to_owned()),
        (format!("query={}&start=1718010000", escaped("{}")), "invalid query expression".to_owned()),
        (
            format!("query={}&start=1718010000", escaped(r#"{job!="web"} |= "x""#)),
            "invalid query expression".to_owned(),
        ),
        (format!("query={query}"), "start time not set".to_owned()),
        (format!("query={query}&start=1718010000000000000"), format!("invalid start time: {times}")),
        (format!("query={query}&start=1718010000&end=9"), format!("invalid end time: {times}")),
        (
            format!("query={query}&start=1718010000&end=1800000000"),
            "deletes in the future are not allowed".to_owned(),
        ),
        (
            format!("query={query}&start=1718010000&end=1718010000"),
            "start time can't be greater than or equal to end time".to_owned(),
        ),
        (
            format!("query={query}&start=1718010000&end=1718010060&max_interval=25h"),
            "max_interval can't be greater than 1d".to_owned(),
        ),
    ] {
        let put = Request::put(format!("/loki/api/v1/delete?{target}")).body(Body::empty()).unwrap();
        let (status, _, body) = ask(&loki, put).await;
        assert_eq!((status, body), (StatusCode::BAD_REQUEST, text), "{target}");
    }
    let settings = LokiSettings { deletes_enabled: false, ..LokiSettings::default() };
    let (status, _, body) = get(&self::loki(settings, logs("fake")), "/loki/api/v1/delete").await;
    assert_eq!((status, body.as_str()), (StatusCode::NOT_FOUND, "404 page not found\n"));
    let limits = ReadLimits { deletion_mode: "disabled".to_owned(), ..ReadLimits::default() };
    let settings = LokiSettings { limits: Arc::new(limits), ..LokiSettings::default() };
    let (status, _, body) = get(&self::loki(settings, logs("fake")), "/loki/api/v1/delete").await;
    assert_eq!((status, body.as_str()), (StatusCode::FORBIDDEN, "deletion is not available for this tenant"));
}
