//! Durations read and write as the specification's section 2.1 says.

use std::time::Duration;

use super::{DurationError, format_duration_ms, parse_duration};

#[test]
fn units_come_in_order_and_once() {
    assert_eq!(parse_duration("0"), Ok(Duration::ZERO));
    assert_eq!(parse_duration("1h30m"), Ok(Duration::from_secs(5400)));
    assert_eq!(parse_duration("1y2w3d4h5m6s7ms").map(|d| d.as_millis()), Ok(33_019_506_007));
    for text in ["1", "m", "30m1h", "1m1m", "-1s", "1h5", "99999999999999999999s"] {
        assert_eq!(parse_duration(text), Err(DurationError::Invalid(text.to_owned())));
    }
    assert_eq!(parse_duration(""), Err(DurationError::Empty));
    assert_eq!(parse_duration("300y"), Err(DurationError::OutOfRange));
}

#[test]
fn unit_that_does_not_exist_is_named() {
    for (text, unit) in
        [("1.5h", "."), ("1 h", " h"), ("1H", "H"), ("5mm", "mm"), ("5hs", "hs"), ("1h5é", "é")]
    {
        let (unit, duration) = (unit.to_owned(), text.to_owned());
        assert_eq!(parse_duration(text), Err(DurationError::UnknownUnit { unit, duration }));
    }
    assert_eq!(
        parse_duration("1.5m").map_err(|error| error.to_string()),
        Err(r#"unknown unit "." in duration "1.5m""#.to_owned())
    );
}

#[test]
fn text_is_the_original_s() {
    for (ms, text) in [
        (0, "0s"),
        (1, "1ms"),
        (1500, "1s500ms"),
        (60_000, "1m"),
        (86_400_000, "1d"),
        (90_000_000, "1d1h"),
        (604_800_000, "1w"),
        (31_536_000_000, "1y"),
        (-86_400_000, "-1d"),
        (129_600_000, "1d12h"),
        (691_200_000, "8d"),
        (33_019_506_007, "382d4h5m6s7ms"),
    ] {
        assert_eq!(format_duration_ms(ms), text);
    }
}
