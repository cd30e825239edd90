//! Odd bodies and what Prometheus made of them (`testdata/formats/exposition`).

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::super::Format;
use super::{keys, read, read_guessing};

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
