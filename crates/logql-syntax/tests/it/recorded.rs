//! Answers recorded from the real Loki 3.4: every query in them is read, and what is answered compared.

use std::fs;
use std::path::PathBuf;

use logql_syntax::{Checks, Expr, Options, check_stages, parse, parse_selector};
use serde_json::Value;

/// What the recorded cases say of templates, in place of the template language.
struct Templates;

impl Checks for Templates {
    fn line_template(&self, text: &str) -> Result<(), String> {
        template("line", text)
    }

    fn label_template(&self, text: &str) -> Result<(), String> {
        template("label", text)
    }
}

fn template(name: &str, text: &str) -> Result<(), String> {
    for function in ["nofunc", "join", "env"] {
        if text.split(' ').any(|word| word.trim_end_matches('}') == function) {
            return Err(format!("template: {name}:1: function \"{function}\" not defined"));
        }
    }
    if text.contains("$nope") {
        return Err(format!("template: {name}:1: undefined variable \"$nope\""));
    }
    if text.contains("{{") && !text.contains("}}") {
        return Err(format!("template: {name}:1: unclosed action"));
    }
    Ok(())
}

struct Case {
    id: String,
    path: String,
    query: String,
    status: u64,
    body: Value,
}

impl Case {
    /// What is wrong with the text, where the answer tells that.
    fn told(&self) -> Option<&str> {
        let told = self.body.as_str().or_else(|| self.body["error"].as_str())?;
        let of_the_text = self.status == 400 && told.starts_with("parse error");
        of_the_text.then_some(told)
    }

    fn is_query(&self) -> bool {
        ["/query", "/query_range", "/format_query"].iter().any(|end| self.path.ends_with(end))
    }
}

fn shared(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(name)
}

/// All cases; none where the recorded answers are not at hand.
fn cases() -> Vec<Case> {
    let Ok(files) = fs::read_dir(shared("conformance/loki/queries")) else {
        eprintln!("left out: no recorded answers at hand");
        return Vec::new();
    };
    let mut cases = Vec::new();
    for file in files {
        for line in fs::read_to_string(file.unwrap().path()).unwrap().lines() {
            cases.extend(case(&serde_json::from_str(line).unwrap()));
        }
    }
    assert!(!cases.is_empty());
    cases
}

fn case(recorded: &Value) -> Option<Case> {
    let query = recorded["params"].as_array()?.iter().find(|pair| pair[0] == "query")?;
    Some(Case {
        id: recorded["id"].as_str()?.to_owned(),
        path: recorded["path"].as_str()?.to_owned(),
        query: query[1].as_str()?.to_owned(),
        status: recorded["status"].as_u64()?,
        body: recorded["body"].clone(),
    })
}

#[test]
fn every_recorded_query_is_accepted_or_refused_with_the_recorded_words() {
    let (mut failures, mut passed) = (Vec::new(), 0);
    for case in cases().iter().filter(|case| case.is_query()) {
        let got =
            parse(&case.query, Options::STRICT).and_then(|expr| match case.path.ends_with("/format_query") {
                true => Ok(()),
                false => check_stages(&expr, &Templates),
            });
        let got = got.err().map(|error| error.to_string());
        if got.as_deref() == case.told() {
            passed += 1;
        } else {
            failures.push(format!("{}: {}\n  {:?}\n  {got:?}", case.id, case.query, case.told()));
        }
    }
    assert!(failures.is_empty(), "{passed} passed, {} failed\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_recorded_selector_is_accepted_or_refused_with_the_recorded_words() {
    let ends = ["/labels", "/series", "/index/stats", "/index/volume", "/index/volume_range", "/values"];
    for case in cases().iter().filter(|case| ends.iter().any(|end| case.path.ends_with(end))) {
        // An empty query stands for all streams where it is not required; the volume is asked of all streams too.
        if case.query.is_empty() || (case.path.contains("/volume") && case.query == "{}") {
            continue;
        }
        let got = parse_selector(&case.query, Options::STRICT).err().map(|error| error.to_string());
        let told = case
            .body
            .as_str()
            .filter(|told| told.starts_with("parse error") || told.starts_with("only label"));
        assert_eq!(got.as_deref(), told, "{}: {}", case.id, case.query);
    }
}

#[test]
fn every_recorded_format_is_reproduced() {
    let mut failures = Vec::new();
    for case in cases().iter().filter(|case| case.path.ends_with("/format_query")) {
        let Some(formatted) = case.body["data"].as_str() else { continue };
        let got = parse(&case.query, Options::STRICT).map(|expr| expr.pretty());
        if got.as_deref() != Ok(formatted) {
            failures.push(format!("{}: {}\n{formatted}\n{got:?}", case.id, case.query));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn what_the_original_refuses_for_being_too_broad_is_taken_by_default() {
    for case in cases().iter().filter(|case| case.told().is_some_and(|told| told.contains("queries require")))
    {
        parse(&case.query, Options::default()).unwrap_or_else(|error| panic!("{}: {error}", case.query));
    }
}

#[test]
fn every_example_of_a_user_is_read() {
    let Ok(examples) = fs::read_to_string(shared("examples/queries/logql.txt")) else {
        eprintln!("left out: no examples at hand");
        return;
    };
    for line in examples.lines().filter(|line| !line.is_empty()) {
        let expr = parse(line, Options::default()).unwrap_or_else(|error| panic!("{line}: {error}"));
        check_stages(&expr, &Templates).unwrap();
        assert_round_trip(&expr);
    }
}

#[test]
fn every_recorded_query_survives_printing() {
    for case in cases() {
        if let Ok(expr) = parse(&case.query, Options::STRICT) {
            assert_round_trip(&expr);
        }
    }
}

fn assert_round_trip(expr: &Expr) {
    for printed in [expr.to_string(), expr.pretty()] {
        let again = parse(&printed, Options::default()).unwrap_or_else(|error| panic!("{printed}: {error}"));
        assert_eq!(&again, expr, "{printed}");
    }
}
