//! Odd bodies and what Prometheus made of them (`testdata/formats/exposition`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::super::{Entry, Format, Options, Parser, unescape_help};
use super::{NONE, keys, read, read_guessing};

/// One recorded body.
struct Case {
    body: Vec<u8>,
    recorded: Value,
}

fn cases(file: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/formats/exposition").join(file);
    #[expect(clippy::disallowed_methods, reason = "tests read their recorded cases")]
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| {
            let recorded: Value = serde_json::from_str(line).unwrap();
            let body = match recorded["body"].as_str() {
                Some(body) => body.as_bytes().to_vec(),
                None => unbase64(recorded["body_base64"].as_str().unwrap()),
            };
            Case { body, recorded }
        })
        .collect()
}

fn unbase64(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits: u32 = 0;
    let mut count = 0;
    let mut bytes = Vec::new();
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        bits = bits << 6 | alphabet.iter().position(|known| *known == byte).unwrap() as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xFF) as u8);
        }
    }
    bytes
}

/// What a body declares, as the recording has it: name, type, help and unit, the last declaration of each.
fn declared(body: &[u8], format: Format) -> BTreeSet<[String; 4]> {
    let mut parser = Parser::new(body, format, Options::default());
    let mut declared: BTreeMap<String, [String; 3]> = BTreeMap::new();
    let mut set = |metric: &str, place: usize, text: String| {
        let known =
            declared.entry(metric.to_owned()).or_insert_with(|| ["unknown".into(), "".into(), "".into()]);
        known[place] = text;
    };
    while let Ok(Some(entry)) = parser.next(&NONE) {
        match entry {
            Entry::Type { metric, metric_type } => set(metric, 0, metric_type.to_string()),
            Entry::Help { metric, text, .. } => set(metric, 1, unescape_help(text, format)),
            Entry::Unit { metric, unit } => set(metric, 2, unit.to_owned()),
            Entry::Sample(_) | Entry::Histogram { .. } => {}
        }
    }
    declared.into_iter().map(|(metric, [kind, help, unit])| [metric, kind, help, unit]).collect()
}

/// Label sets as the recording has them: no empty value, any order.
fn label_sets<'a>(
    sets: impl IntoIterator<Item = &'a Vec<(String, String)>>,
) -> BTreeSet<Vec<(String, String)>> {
    sets.into_iter()
        .map(|labels| {
            let mut labels = labels.clone();
            let emptied: Vec<_> =
                labels.iter().filter(|label| label.1.is_empty()).map(|label| label.0.clone()).collect();
            labels.retain(|label| !emptied.contains(&label.0));
            labels.sort();
            labels
        })
        .collect()
}

fn check(file: &str, format: Format) {
    let cases = cases(file);
    assert!(cases.len() > 100, "{} cases in {file}", cases.len());
    let mut wrong = Vec::new();
    for Case { body, recorded } in cases {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let (samples, error) = read(&body, format);
        if recorded.get("later_error").is_none() {
            if error.as_deref() != recorded["error"].as_str() {
                wrong.push(format!("{shown:?}\n  got  {error:?}\n  want {}", recorded["error"]));
                continue;
            }
            if Some(samples.len() as u64) != recorded["samples"].as_u64() {
                wrong.push(format!("{shown:?}: {} samples, want {}", samples.len(), recorded["samples"]));
            }
        }
        let series: Vec<Vec<(String, String)>> = recorded["series"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| serde_json::from_value::<std::collections::BTreeMap<_, _>>(one[0].clone()).unwrap())
            .map(|labels| labels.into_iter().collect())
            .collect();
        // Samples with a time were too old for the server that was recorded.
        if !series.is_empty() && label_sets(&series) != label_sets(samples.iter().map(|sample| &sample.0)) {
            wrong.push(format!("{shown:?}\n  got  {samples:?}\n  want {}", recorded["series"]));
        }
        // A name that is no text is nobody's.
        let is_text = recorded["body"].is_string();
        if let Some(metadata) = recorded.get("metadata").filter(|_| is_text) {
            let metadata: BTreeSet<[String; 4]> = serde_json::from_value(metadata.clone()).unwrap();
            if metadata != declared(&body, format) {
                wrong.push(format!("{shown:?}\n  got  {:?}\n  want {metadata:?}", declared(&body, format)));
            }
        } else if is_text && error.is_none() && !declared(&body, format).is_empty() {
            wrong.push(format!("{shown:?} declares {:?}", declared(&body, format)));
        }
        let guessed = read_guessing(&body, format, &keys(&body, format));
        if format!("{guessed:?}") != format!("{:?}", (samples, error)) {
            wrong.push(format!("{shown:?} with right guesses: {guessed:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn text() {
    check("text.jsonl", Format::Text);
}

#[test]
fn open_metrics() {
    check("openmetrics.jsonl", Format::OpenMetrics);
}
