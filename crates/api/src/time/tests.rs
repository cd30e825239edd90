//! Times and durations are read as recorded from the original.

use super::{EARLIEST, EARLIEST_MS, LATEST, LATEST_MS, Moment, parse_request_duration, parse_time};

#[test]
fn seconds_and_rfc_3339_are_taken() {
    assert_eq!(parse_time("1700011800"), Ok(1_700_011_800_000));
    assert_eq!(parse_time("1700011800.1234"), Ok(1_700_011_800_123));
    assert_eq!(parse_time("1.7000118e9"), Ok(1_700_011_800_000));
    assert_eq!(parse_time("-1.5"), Ok(-1500));
    assert_eq!(parse_time("2023-11-15T00:00:00Z"), Ok(1_700_006_400_000));
    assert_eq!(parse_time("2023-11-15T01:00:00.25+01:00"), Ok(1_700_006_400_250));
    assert_eq!((parse_time(EARLIEST), parse_time(LATEST)), (Ok(EARLIEST_MS), Ok(LATEST_MS)));
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
        assert_eq!(Moment::parse(text).map(Moment::evaluation_ms), Ok(ms), "{text}");
    }
}

#[test]
fn far_moments_are_compared_as_the_original_compares_them() {
    let moment = |text| Moment::parse(text).unwrap();
    let now = moment("1700011800");
    for far in ["Inf", "-Inf", "NaN"] {
        assert!(moment(far).is_before(now), "{far}");
        assert_eq!(now.nanoseconds_since(moment(far)), i64::MAX);
        assert_eq!(moment(far).ms(), -9_223_372_036_855);
    }
    for late in ["9223372036854775", "1e15", LATEST] {
        assert!(now.is_before(moment(late)), "{late}");
        assert_eq!(now.nanoseconds_since(moment(late)), i64::MIN);
    }
    let edge = moment("9223372036854775");
    assert_eq!((edge.ms(), edge.evaluation_ms()), (-9_223_372_036_854_775_616, 192));
    assert_eq!((moment("1e300").ms(), moment("1e300").evaluation_ms()), (0, 0));
    assert_eq!(moment("1700011801.5").nanoseconds_since(now), 1_500_000_000);
    assert_eq!(moment("-0.25").nanoseconds_since(moment("0.25")), -500_000_000);
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
