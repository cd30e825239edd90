//! Rules over logs, as they are told of at the ruler's paths.

use std::sync::Arc;
use std::time::Duration;

use ::rules::{
    Dialect, Expression, GroupSettings, Language, NoSink, Options, Owner, Parts, RuleKind, RuleSettings,
    Rules, Sample, Settings,
};
use axum::body::Body;
use http::Request;
use model::Matcher;
use platform::simulated::SimulatedClock;
use serde_json::json;
use storage::memory::MemoryStore;
use telemetry::Registry;

use super::*;
use crate::loki::LokiSettings;
use crate::loki::tests::{ask, get, json_of, logs, loki};

/// A language in which every text is an expression that gives nothing.
struct Any;

struct Nothing(String);

impl Language for Any {
    fn compile(&self, text: &str, _: &Owner) -> Result<Arc<dyn Expression>, String> {
        Ok(Arc::new(Nothing(text.to_owned())))
    }
}

impl Expression for Nothing {
    fn text(&self) -> &str {
        &self.0
    }

    fn evaluate(&self, _: i64) -> Result<Vec<Sample>, String> {
        Ok(Vec::new())
    }

    fn selectors(&self) -> &[Vec<Matcher>] {
        &[]
    }
}

fn rule(name: &str, kind: RuleKind) -> RuleSettings {
    let labels = [("severity".to_owned(), "page".to_owned())].into();
    RuleSettings { name: name.to_owned(), expression: "rate({a=\"b\"}[1m]) > 1".to_owned(), labels, kind }
}

fn group(file: &str, name: &str, tenant: Option<&str>) -> GroupSettings {
    let annotations = [("summary".to_owned(), "it is {{ $value }}".to_owned())].into();
    let (hold, keep_firing_for) = (Duration::from_secs(300), Duration::ZERO);
    let alerting = RuleKind::Alerting { hold, keep_firing_for, annotations };
    GroupSettings {
        file: file.to_owned(),
        name: name.to_owned(),
        dialect: tenant.map_or(Dialect::Promql, |tenant| Dialect::Logql { tenant: tenant.into() }),
        interval: Duration::from_secs(60),
        query_offset: Duration::ZERO,
        limit: None,
        rules: vec![rule("Many", alerting), rule("lines:rate", RuleKind::Recording)],
    }
}

/// An interface with rules of two tenants, and others.
fn with_rules() -> Arc<Loki> {
    let store = MemoryStore::new();
    let parts = Parts {
        language: Arc::new(Any),
        log_language: Some(Arc::new(Any)),
        appendable: Arc::new(store.clone()),
        queryable: Arc::new(store),
        clock: Arc::new(SimulatedClock::new(0)),
        sink: Arc::new(NoSink),
        registry: Registry::new(),
    };
    let rules = Rules::new(parts, Options::default());
    let groups = vec![
        group("/etc/rules/a.yaml", "g", Some("fake")),
        group("/etc/rules/b c.yaml", "h/i", Some("fake")),
        group("/etc/rules/other.yaml", "of-team", Some("team")),
        group("/etc/rules/samples.yaml", "of-samples", None),
    ];
    rules.apply(Settings { groups, ..Settings::default() }).unwrap();
    let loki = loki(LokiSettings::default(), logs("fake"));
    loki.show_rules(Arc::new(rules));
    loki
}

const GROUP: &str = r#"name: g
interval: 1m
rules:
    - alert: Many
      expr: "rate({a=\"b\"}[1m]) > 1"
      for: 5m
      labels:
          severity: page
      annotations:
          summary: "it is {{ $value }}"
    - record: "lines:rate"
      expr: "rate({a=\"b\"}[1m]) > 1"
      labels:
          severity: page
"#;

#[tokio::test]
async fn groups_over_the_logs_of_a_tenant_are_listed_by_namespace() {
    let loki = with_rules();
    let (status, kind, body) = get(&loki, "/loki/api/v1/rules").await;
    assert_eq!((status.as_u16(), kind.as_str()), (200, "application/yaml"));
    let names: Vec<&str> = body.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(names, ["a.yaml:", "\"b c.yaml\":"]);
    let indented: Vec<String> = GROUP.lines().map(|line| format!("      {line}\n")).collect();
    let listed = indented.concat().replacen("      name", "    - name", 1);
    assert!(body.contains(&listed), "{body}");
    let (_, _, one) = get(&loki, "/api/prom/rules/a.yaml").await;
    assert_eq!(one, format!("a.yaml:\n{listed}"));
    let (_, _, one) = get(&loki, "/loki/api/v1/rules/a.yaml/g").await;
    assert_eq!(one, GROUP);
}

#[tokio::test]
async fn names_may_hold_encoded_slashes_and_what_is_not_there_is_not_found() {
    let loki = with_rules();
    for (target, status, text) in [
        ("/loki/api/v1/rules/b%20c.yaml/h%2Fi", 200, "name: h/i\n"),
        ("/loki/api/v1/rules/a.yaml/none", 404, "group does not exist\n"),
        ("/loki/api/v1/rules/other.yaml/of-team", 404, "group does not exist\n"),
        ("/loki/api/v1/rules/other.yaml", 404, "no rule groups found\n"),
        ("/loki/api/v1/rules/a.yaml/g/more", 404, "404 page not found\n"),
    ] {
        let (found, _, body) = get(&loki, target).await;
        assert_eq!(found.as_u16(), status, "{target}: {body}");
        assert!(body.starts_with(text) || body.contains(text), "{target}: {body}");
    }
}

#[tokio::test]
async fn rules_cannot_be_changed_over_http() {
    let loki = with_rules();
    for (method, target, text) in [
        ("POST", "/loki/api/v1/rules/a.yaml", "SetRuleGroup unsupported in rule local store\n"),
        ("DELETE", "/loki/api/v1/rules/a.yaml", "DeleteNamespace unsupported in rule local store\n"),
        ("DELETE", "/loki/api/v1/rules/a.yaml/g", "DeleteRuleGroup unsupported in rule local store\n"),
    ] {
        let request = Request::builder().method(method).uri(target).body(Body::from("name: g\n")).unwrap();
        let (status, _, body) = ask(&loki, request).await;
        assert_eq!((status.as_u16(), body.as_str()), (500, text), "{method} {target}");
    }
}

#[tokio::test]
async fn rules_and_alerts_are_told_in_the_shape_of_prometheus() {
    let loki = with_rules();
    let body = json_of(&loki, "/prometheus/api/v1/rules?type=alert&file[]=a.yaml").await;
    assert_eq!(
        (&body["status"], &body["errorType"], &body["error"]),
        (&json!("success"), &json!(""), &json!(""))
    );
    let groups = body["data"]["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 1, "{body}");
    assert_eq!((&groups[0]["file"], &groups[0]["name"]), (&json!("a.yaml"), &json!("g")));
    let rules = groups[0]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 1, "{body}");
    let fields = ["name", "type", "duration", "lastError", "health"].map(|key| rules[0][key].clone());
    assert_eq!(fields, [json!("Many"), json!("alerting"), json!(300), json!(""), json!("unknown")]);
    let alerts = json_of(&loki, "/prometheus/api/v1/alerts").await;
    assert_eq!(alerts["data"], json!({ "alerts": [] }));
    let (status, _, text) = get(&loki, "/prometheus/api/v1/rules?type=x").await;
    assert_eq!(status.as_u16(), 400);
    let told: Value = serde_json::from_str(&text).unwrap();
    let expected = json!({
        "status": "error", "data": null, "errorType": "bad_data", "error": "not supported value \"x\"",
    });
    assert_eq!(told, expected);
}
