//! Bodies of pushes are read as the original reads them.

mod bodies;
mod property;

use super::*;

#[test]
fn names_become_valid_and_none_becomes_empty() {
    for (name, valid) in
        [("a_b", "a_b"), ("a.b-c", "a_b_c"), ("1x", "key_1x"), ("", "key_"), ("ünï", "_n_"), ("_", "_")]
    {
        assert_eq!(metadata_name(name), valid, "{name}");
    }
}

#[test]
fn times_are_read_and_shown_as_the_original_shows_them() {
    let base = 1_718_010_000_000_000_000;
    for (text, time) in [
        ("2024-06-10T09:00:00Z", Some(base)),
        ("2024-06-10T11:00:00.5+02:00", Some(base + 500_000_000)),
        ("2024-06-10 09:00:00,000000001", Some(base + 1)),
        ("1969-12-31T23:59:59Z", Some(-1_000_000_000)),
        ("2024-02-29T00:00:00Z", Some(1_709_164_800_000_000_000)),
        ("2023-02-29T00:00:00Z", None),
        ("2024-06-10", None),
        ("2024-06-10T09:00:00ZZ", None),
        ("9999-06-10T09:00:00Z", None),
        ("", None),
    ] {
        assert_eq!(parse_rfc3339(text), time, "{text}");
    }
    assert_eq!(format_rfc3339(base), "2024-06-10T09:00:00Z");
    assert_eq!(format_rfc3339(2_524_608_000_000_000_000), "2050-01-01T00:00:00Z");
    assert_eq!(format_go(base + 120_000_000), "2024-06-10 09:00:00.12 +0000 UTC");
    assert_eq!(format_go(-1), "1969-12-31 23:59:59.999999999 +0000 UTC");
}
