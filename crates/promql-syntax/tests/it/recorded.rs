//! Answers recorded from the real Prometheus 3.14: every expression in them is read, and what it is answered with
//! compared.

use std::fs;
use std::path::PathBuf;

use promql_syntax::json::write_json;
use promql_syntax::{Options, parse_expr};
use serde_json::Value;

/// One recorded question with an expression in it.
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) body: Value,
    /// Feature flags of the server, as they stood on its command line.
    features: String,
}

impl Case {
    pub(crate) fn options(&self) -> Options {
        let on = |feature: &str| self.features.split(',').any(|flag| flag == feature);
        Options {
            experimental_functions: on("promql-experimental-functions"),
            extended_range_selectors: on("promql-extended-range-selectors"),
            binop_fill_modifiers: on("promql-binop-fill-modifiers"),
        }
    }

    /// The message of a syntax error, without the name of the parameter.
    fn parse_error(&self) -> Option<&str> {
        let message = self.body.get("error")?.as_str()?;
        let message = message.strip_prefix("invalid parameter \"query\": ").unwrap_or(message);
        message.contains(": parse error: ").then_some(message)
    }
}

fn shared() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/prometheus")
}

/// All cases; none where the recorded answers are not at hand.
pub(crate) fn cases() -> Vec<Case> {
    let Ok(profiles) = fs::read(shared().join("profiles.json")) else { return Vec::new() };
    let profiles: Value = serde_json::from_slice(&profiles).unwrap();
    let mut cases = Vec::new();
    for file in fs::read_dir(shared().join("queries")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        for line in fs::read_to_string(path).unwrap().lines() {
            cases.extend(case(&serde_json::from_str(line).unwrap(), &profiles));
        }
    }
    cases
}

fn case(recorded: &Value, profiles: &Value) -> Option<Case> {
    let path = recorded["path"].as_str()?.to_owned();
    let asks = ["/query", "/query_range", "/format_query", "/parse_query"];
    if !asks.iter().any(|end| path.ends_with(end)) {
        return None;
    }
    let query = recorded["params"].as_array()?.iter().find(|pair| pair[0] == "query")?;
    let profile = recorded["profile"].as_str().unwrap_or("");
    Some(Case {
        id: recorded["id"].as_str()?.to_owned(),
        query: query[1].as_str()?.to_owned(),
        body: recorded["body"].clone(),
        features: profiles[profile]["features"].as_str().unwrap_or("").to_owned(),
        path,
    })
}

#[test]
fn every_recorded_expression_is_accepted_or_refused_with_the_recorded_words() {
    let mut failures = Vec::new();
    for case in cases() {
        let got = parse_expr(&case.query, case.options()).err().map(|error| error.to_string());
        if got.as_deref() != case.parse_error() {
            failures.push(format!("{}: {}\n  {:?}\n  {got:?}", case.id, case.query, case.parse_error()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_recorded_format_is_reproduced() {
    for case in cases().iter().filter(|case| case.path.ends_with("/format_query")) {
        let Some(formatted) = case.body["data"].as_str() else { continue };
        let expr = parse_expr(&case.query, case.options()).unwrap();
        assert_eq!(expr.pretty(), formatted, "{}", case.id);
    }
}

#[test]
fn every_recorded_tree_is_reproduced() {
    for case in cases().iter().filter(|case| case.path.ends_with("/parse_query")) {
        let Some(recorded) = case.body.get("data") else { continue };
        let expr = parse_expr(&case.query, case.options()).unwrap();
        let mut written = String::new();
        write_json(&mut written, &expr);
        assert_eq!(&serde_json::from_str::<Value>(&written).unwrap(), recorded, "{}", case.id);
    }
}
