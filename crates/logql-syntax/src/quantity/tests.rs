//! Durations and sizes read and write as the original does.

use super::*;

#[test]
fn durations_of_both_kinds_are_read() {
    for (text, nanos) in [
        ("1h15m30.918273645s", Some(4_530_918_273_645)),
        ("1.5h", Some(5_400_000_000_000)),
        ("100µs", Some(100_000)),
        ("-5s", Some(-5_000_000_000)),
        ("1d", Some(86_400_000_000_000)),
        ("0", Some(0)),
        (".5s", Some(500_000_000)),
        ("5", None),
        ("", None),
        ("-", None),
        (".s", None),
        ("5x", None),
        ("9999999999999h", None),
    ] {
        assert_eq!(parse_duration(text), nanos, "{text}");
    }
}

#[test]
fn durations_are_written_as_go_writes_them() {
    for (nanos, text) in [
        (0, "0s"),
        (1, "1ns"),
        (1_500_000, "1.5ms"),
        (-300_000_000_000, "-5m0s"),
        (3_600_000_000_000, "1h0m0s"),
        (1_000_000_001, "1.000000001s"),
    ] {
        assert_eq!(format_go_duration(nanos), text);
    }
}

#[test]
fn sizes_are_read_in_any_case_and_written_so_that_they_read_back() {
    for (text, bytes) in [
        ("42MB", Some(42_000_000)),
        ("1.5KiB", Some(1536)),
        ("200b", Some(200)),
        ("20kb", Some(20_000)),
        ("5EB", Some(5_000_000_000_000_000_000)),
        ("1", Some(1)),
        ("99EB", None),
        ("5x", None),
        ("", None),
    ] {
        assert_eq!(parse_bytes(text), bytes, "{text}");
    }
    for (bytes, text) in [(20_000, "20kB"), (1500, "1.5kB"), (1536, "1536B"), (0, "0B"), (2_000_000, "2.0MB")]
    {
        assert_eq!(format_bytes(bytes), text);
    }
}
