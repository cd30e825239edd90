//! Label sets behave as sets sorted by name, and their bytes as the specification lays them out.

use super::{Labels, LabelsBuilder};

#[test]
fn pairs_are_sorted_and_empty_values_left_out() {
    let labels = Labels::from_pairs([("job", "node"), ("__name__", "up"), ("empty", ""), ("job", "late")]);
    assert_eq!(labels.iter().collect::<Vec<_>>(), [("__name__", "up"), ("job", "late")]);
    assert_eq!(labels.get("job"), Some("late"));
    assert_eq!(labels.get("empty"), None);
    assert_eq!(labels.get("zzz"), None);
}

#[test]
fn packed_bytes_are_length_prefixed() {
    assert_eq!(Labels::from_pairs([("a", "bc")]).as_bytes(), b"\x01a\x02bc");
    let long = "x".repeat(300);
    let labels = Labels::from_pairs([("a", long.as_str())]);
    assert_eq!(labels.as_bytes().get(..6), Some(&b"\x01a\xFF\x2c\x01\x00"[..]));
    assert_eq!(labels.value("a"), long);
    assert_eq!(Labels::from_bytes(labels.as_bytes()), Some(labels));
}

#[test]
fn bytes_that_are_no_labels_are_refused() {
    for bytes in
        [&b"\x01"[..], b"\x01a", b"\x01a\x05bc", b"\x01b\x01x\x01a\x01x", b"\x01\xff\x01a", b"\xff\x01"]
    {
        assert_eq!(Labels::from_bytes(bytes), None, "{bytes:?}");
    }
}

#[test]
fn order_is_by_name_then_value_then_length() {
    let sets = [
        Labels::empty(),
        Labels::from_pairs([("a", "1")]),
        Labels::from_pairs([("a", "1"), ("b", "1")]),
        Labels::from_pairs([("a", "10")]),
        Labels::from_pairs([("a", "2")]),
        Labels::from_pairs([("aa", "0")]),
    ];
    assert!(sets.is_sorted(), "{sets:?}");
}

#[test]
fn builder_applies_changes_over_the_base() {
    let base = Labels::from_pairs([("b", "1"), ("d", "2"), ("f", "3")]);
    let mut builder = LabelsBuilder::new(base);
    builder.set("a", "0").set("d", "new").remove("f").set("g", "9").set("e", "");
    assert_eq!(builder.value("d"), "new");
    assert_eq!(builder.build().to_string(), r#"{a="0", b="1", d="new", g="9"}"#);
    builder.retain(|name| name == "b");
    assert_eq!(builder.build().to_string(), r#"{b="1"}"#);
}

#[test]
fn display_quotes_what_classic_syntax_does_not_know() {
    let labels = Labels::from_pairs([("my.label", "a\"b\n"), ("ok", "ü")]);
    assert_eq!(labels.to_string(), r#"{"my.label"="a\"b\n", ok="ü"}"#);
}

#[test]
fn hash_is_xxh64_of_the_packed_bytes() {
    // XXH64 with seed 0 of the empty input, from the algorithm's specification.
    assert_eq!(Labels::empty().hash64(), 0xEF46_DB37_51D8_E999);
}
