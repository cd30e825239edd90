//! Numbers read and write as in Go; expected texts are those of Go's strconv and fmt documentation.

use super::{format_exponent, format_general, format_plain, format_significant, parse_float, push_api};

fn api(value: f64) -> String {
    let mut out = String::new();
    push_api(&mut out, value);
    out
}

#[test]
fn api_uses_an_exponent_only_far_from_one() {
    assert_eq!(api(0.0), "0");
    assert_eq!(api(-0.0), "-0");
    assert_eq!(api(1e20), "100000000000000000000");
    assert_eq!(api(1e21), "1e+21");
    assert_eq!(api(1.5e-7), "1.5e-07");
    assert_eq!(api(0.000001), "0.000001");
    assert_eq!(api(f64::NAN), "NaN");
    assert_eq!(api(f64::INFINITY), "+Inf");
    assert_eq!(api(f64::NEG_INFINITY), "-Inf");
}

#[test]
fn other_forms() {
    assert_eq!(format_plain(1e21), "1000000000000000000000");
    assert_eq!(format_exponent(1_500_000.0), "1.5e+06");
    assert_eq!(format_exponent(0.0), "0e+00");
    assert_eq!(format_general(1e6), "1e+06");
    assert_eq!(format_general(123_456_789.0), "1.23456789e+08");
    assert_eq!(format_general(100_000.0), "100000");
    assert_eq!(format_general(0.00001), "1e-05");
    assert_eq!(format_general(0.5), "0.5");
    assert_eq!(format_significant(1234.567, 4), "1235");
    assert_eq!(format_significant(0.00001234567, 4), "1.235e-05");
    assert_eq!(format_significant(99999.0, 4), "1e+05");
    assert_eq!(format_significant(1.5, 4), "1.5");
}

#[test]
fn of_two_texts_equally_near_the_even_one_is_written() {
    // 2^52/3 is stored as …165.25: 165.2 and 165.3 are equally near and both read back as it.
    assert_eq!(format_plain(2f64.powi(52) / 3.0), "1501199875790165.2");
    assert_eq!(format_plain(2f64.powi(52) / 3.0 + 0.5), "1501199875790165.8");
    assert_eq!(format_plain(2f64.powi(52) / -3.0), "-1501199875790165.2");
    assert_eq!(format_plain(2_251_799_813_685_248.5), "2251799813685248.5");
    assert_eq!(format_plain(0.125), "0.125");
    assert_eq!(format_plain(5e-324).len(), 326);
}

#[test]
fn reading_follows_go() {
    for (text, value) in [
        ("1", 1.0),
        ("+1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("Inf", f64::INFINITY),
        ("-inf", f64::NEG_INFINITY),
        ("+Infinity", f64::INFINITY),
        ("0x1p-2", 0.25),
        ("0x1.8p1", 3.0),
        ("1e-400", 0.0),
    ] {
        assert_eq!(parse_float(text), Some(value), "{text}");
    }
    assert!(parse_float("NaN").is_some_and(f64::is_nan));
    for text in
        ["", "+", "-", "1_000", "0x1", "1e400", "infinit", "e5", "1 ", " 1", "+NaN", "1e", "--1", "0xp1"]
    {
        assert_eq!(parse_float(text), None, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn plain_digits_are_the_shortest_that_read_back(bits in proptest::prelude::any::<u64>(), cents in -10_000_000_i64..10_000_000) {
        for value in [f64::from_bits(bits), cents as f64, cents as f64 / 100.0, cents as f64 * 1e15, cents as f64 / 1e9] {
            let written = format_plain(value);
            if value.is_finite() {
                // Rust's own text has the shortest digits and no exponent either; only ties go another way.
                proptest::prop_assert_eq!(written.len(), value.to_string().len(), "{} of {}", &written, value);
                proptest::prop_assert_eq!(written.parse::<f64>().map(f64::to_bits), Ok(value.to_bits()));
                proptest::prop_assert!(!written.contains('e'));
            }
        }
    }
}
