//! What the scanners make of lines.

use super::scan_json::{Broken, Json, Step, walk};
use super::scan_logfmt::Pairs;
use super::text::{push_name, unescape};

fn pairs(line: &str) -> Vec<String> {
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Pairs::new(line.as_bytes())
        .map(|pair| match pair {
            Ok(pair) => format!("{}:{}", shown(pair.key), shown(pair.value)),
            Err(broken) => broken.to_string(),
        })
        .collect()
}

#[test]
fn pairs_stand_between_blanks_and_broken_ones_are_passed_over() {
    assert_eq!(pairs(r#" a=1 b="x y" c d="" e="#), ["a:1", "b:x y", "c:", "d:", "e:"]);
    assert_eq!(pairs("a==b c=1"), ["logfmt syntax error at pos 3 : unexpected '='", "c:1"]);
    assert_eq!(pairs(r#"k="open"#), ["logfmt syntax error at pos 8 : unterminated quoted value"]);
    assert_eq!(pairs(r#"k="a\"b" z=1"#), [r#"k:a\"b"#, "z:1"]);
}

fn keys(line: &str) -> (Vec<String>, Result<(), Broken>) {
    let mut found = Vec::new();
    let result = walk(line.as_bytes(), |depth, (key, _), value| {
        let key = String::from_utf8_lossy(key);
        match value {
            None => {
                found.push(format!("{depth}{key}>"));
                return Step::Into;
            }
            Some(Json::Plain(text) | Json::String(text, _) | Json::Array(text) | Json::Object(text)) => {
                found.push(format!("{depth}{key}={}", String::from_utf8_lossy(text)));
            }
            Some(Json::Null) => found.push(format!("{depth}{key} null")),
        }
        Step::Next
    });
    (found, result)
}

#[test]
fn objects_are_walked_in_order_and_arrays_are_values() {
    let (found, result) = keys(r#"{"a":1, "b":{"c":"x","d":{}},"e":[1,{"f":2}],"g":null,"h":true}tail"#);
    assert_eq!(found, ["0a=1", "0b>", "1c=x", "1d>", "0e=[1,{\"f\":2}]", "0g null", "0h=true"]);
    assert_eq!(result, Ok(()));
}

#[test]
fn broken_objects_tell_what_they_had() {
    assert_eq!(keys(r#"{"a":1,"b":"#), (vec!["0a=1".to_owned()], Err(Broken::Malformed)));
    assert_eq!(keys(r#"{"a":1"#), (vec!["0a=1".to_owned()], Err(Broken::Object)));
    assert_eq!(keys("plain"), (vec![], Err(Broken::Object)));
}

#[test]
fn escapes_are_those_of_json() {
    assert_eq!(unescape(br#"a\n\u00e9\ud83d\ude00\"\\"#).as_deref(), Some("a\né😀\"\\"));
    assert_eq!(unescape(br"\x"), None);
    assert_eq!(unescape(br"\ud83d").as_deref(), Some("\u{FFFD}"));
}

#[test]
fn names_have_only_what_names_may_have() {
    let name = |key: &str| {
        let mut out = String::new();
        push_name(key.as_bytes(), &mut out);
        out
    };
    assert_eq!(["a.b", "1g", "éclair", "日本語", "${x}"].map(name), ["a_b", "_1g", "_clair", "___", "__x_"]);
}
