//! The answers recorded from Go in `testdata/`, which `record.py` there explains.

use std::path::Path;

use go_regex::{Error, Regex, decoded};
use serde_json::Value;

/// The replacement with which the results were recorded, where they name no other.
const SHOWN: &str = "<${0}|${1}|${2}|${3}>";

fn bytes(text: &Value) -> Vec<u8> {
    match text {
        Value::String(text) => text.as_bytes().to_vec(),
        other => {
            let digits = other["hex"].as_str().unwrap();
            let pairs = digits.as_bytes().chunks(2);
            pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
        }
    }
}

/// What is wrong with our answer to a recorded question.
fn complaint(answer: &Value, regex: &Result<Regex, Error>) -> Option<String> {
    let pattern = answer["p"].as_str().unwrap();
    let regex = match (regex, answer["error"].as_str()) {
        (Ok(regex), None) => regex,
        (Err(error), Some(expected)) if error.to_string() == expected => return None,
        (Err(error), expected) => return Some(format!("{pattern:?}: got {error}, expected {expected:?}")),
        (Ok(_), Some(expected)) => return Some(format!("{pattern:?}: accepted, expected {expected}")),
    };
    let (raw, expected) = (bytes(&answer["t"]), bytes(&answer["r"]));
    let (text, expected) = (decoded(&raw), decoded(&expected));
    let with = answer["with"].as_str();
    let got = regex.replace_all(&text, with.unwrap_or(SHOWN));
    if got != expected {
        return Some(format!(
            "{pattern:?} on {text:?} with {with:?}:\n   got {got:?}\nexpected {expected:?}"
        ));
    }
    if with.is_some() {
        return None;
    }
    // A replacement never equals what it replaces.
    let matches = text != expected;
    if regex.is_match_bytes(&raw) != matches || regex.is_match(&text) != matches {
        return Some(format!("{pattern:?} on {text:?}: is_match should be {matches}"));
    }
    None
}

fn check(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
    #[expect(clippy::disallowed_methods, reason = "a test reads its fixture")]
    let answers = std::fs::read_to_string(&path).unwrap();
    let answers: Vec<Value> = answers
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(answers.len() > 80, "{name} holds {} answers", answers.len());
    let mut complaints = Vec::new();
    for same_pattern in answers.chunk_by(|a, b| a["p"] == b["p"]) {
        let regex = Regex::new(same_pattern[0]["p"].as_str().unwrap());
        complaints.extend(same_pattern.iter().filter_map(|answer| complaint(answer, &regex)));
    }
    assert!(
        complaints.is_empty(),
        "{} of {} answers differ in {name}:\n{}",
        complaints.len(),
        answers.len(),
        complaints.join("\n")
    );
}

#[test]
fn syntax_is_accepted_and_refused_as_recorded() {
    check("syntax.jsonl");
}

#[test]
fn classes_and_empty_matches_are_as_recorded() {
    check("meaning.jsonl");
}

#[test]
fn templates_are_expanded_as_recorded() {
    check("templates.jsonl");
}

#[test]
fn random_patterns_are_answered_as_recorded() {
    check("random.jsonl");
}
