//! The bytes are those that a real Prometheus writes.
#![expect(clippy::disallowed_methods, reason = "a test reads the file that was written")]

use promql_engine::{ActiveJournal, ActiveQuery};

use super::{ActiveQueriesFile, NAME, PLACE_BYTES, left_over};

fn query(text: &str) -> ActiveQuery {
    ActiveQuery { id: 1, text: text.to_owned(), began_ms: 1_795_275_673_999, start: 0, end: 0, step: 0 }
}

#[test]
fn running_queries_stand_in_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let file = ActiveQueriesFile::create(folder.path(), 3).unwrap();
    let read = || std::fs::read(folder.path().join(NAME)).unwrap();
    assert_eq!(read().len(), 3001);
    file.write(1, Some(&query("sum(x{a=\"b\"})")));
    file.write(3, Some(&query("more than there are places")));
    let bytes = read();
    let expected = br#"{"query":"sum(x{a=\"b\"})","timestamp_sec":1795275673}"#;
    assert_eq!((bytes.len(), bytes[0]), (3001, b'['));
    assert_eq!(bytes[1001..1001 + expected.len()], *expected);
    assert!(bytes[1001 + expected.len()..2000].iter().all(|byte| *byte == 0));
    assert_eq!(bytes[2000], b',');
    assert_eq!(left_over(&bytes), format!("[{}]", str::from_utf8(expected).unwrap()));
    file.write(1, None);
    assert!(read()[1..].iter().all(|byte| *byte == 0));
    assert_eq!(left_over(&read()), "");
}

#[test]
fn a_long_text_is_cut_to_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = ActiveQueriesFile::create(folder.path(), 1).unwrap();
    for text in ["x".repeat(3000), "\u{1}".repeat(3000), "ü\"".repeat(1500)] {
        file.write(0, Some(&query(&text)));
        let bytes = std::fs::read(folder.path().join(NAME)).unwrap();
        assert_eq!(bytes.len(), 1 + PLACE_BYTES);
        let left: serde_json::Value = serde_json::from_str(&left_over(&bytes)).unwrap();
        let cut = left[0]["query"].as_str().unwrap();
        assert!(cut.len() > 100 && text.starts_with(cut), "{cut}");
    }
}
