//! Times and durations are read as recorded from the original.

use super::{EARLIEST, LATEST, LATEST_MS, parse_evaluation_time, parse_request_duration, parse_time};

#[test]
fn seconds_and_rfc_3339_are_taken() {
    assert_eq!(parse_time("1700011800"), Ok(1_700_011_800_000));
    assert_eq!(parse_time("1700011800.1234"), Ok(1_700_011_800_123));
    assert_eq!(parse_time("1.7000118e9"), Ok(1_700_011_800_000));
    assert_eq!(parse_time("-1.5"), Ok(-1500));
    assert_eq!(parse_time("2023-11-15T00:00:00Z"), Ok(1_700_006_400_000));
    assert_eq!(parse_time("2023-11-15T01:00:00.25+01:00"), Ok(1_700_006_400_250));
    assert_eq!(parse_time(LATEST), Ok(LATEST_MS));
}

#[test]
fn times_of_evaluation_wrap_around_as_recorded_from_the_original() {
    for (text, ms) in [
        ("1700011800.9999", 1_700_011_801_000),
        ("-0.0004", 0),
        ("-0.0005", -1),
        ("9223372036", 9_223_372_036_000),
        ("9223372037", -9_223_372_036_709),
        ("-9223372036854775", -192),
        ("1e12", 3_875_820_019_684),
        ("1e30", 0),
        ("NaN", -9_223_372_036_854),
        ("-Inf", -9_223_372_036_854),
        ("1969-12-31T23:59:59.9995Z", 0),
        (EARLIEST, 6_795_364_580_679),
        (LATEST, -6_795_364_579_679),
    ] {
        assert_eq!(parse_evaluation_time(text), Ok(ms), "{text}");
    }
    assert!(parse_evaluation_time("abc").is_err());
}

#[test]
fn other_texts_are_refused_in_the_original_s_words() {
    for text in
        ["", "abc", "2023-13-01T00:00:00Z", "2023-11-15", "1e400", "1700011800s", "2023-11-15 00:00:00Z"]
    {
        assert_eq!(parse_time(text), Err(format!("cannot parse \"{text}\" to a valid timestamp")));
    }
}

#[test]
fn durations_are_seconds_or_have_units() {
    assert_eq!(parse_request_duration("1.5"), Ok(1.5));
    assert_eq!(parse_request_duration("5m"), Ok(300.0));
    assert_eq!(parse_request_duration("-1m"), Err("cannot parse \"-1m\" to a valid duration".to_owned()));
    let overflow = "cannot parse \"99999999999999\" to a valid duration. It overflows int64";
    assert_eq!(parse_request_duration("99999999999999"), Err(overflow.to_owned()));
}
