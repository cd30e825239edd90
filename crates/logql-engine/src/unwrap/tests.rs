//! What is no number is told in the original's words.

use super::*;

#[test]
fn durations_that_are_none_are_told_with_what_is_wrong() {
    let told = |text: &str| convert(Some(Conversion::Duration), text).unwrap_err();
    for (text, reason) in [
        ("5", r#"missing unit in duration "5""#),
        ("5.5", r#"missing unit in duration "5.5""#),
        ("5.5.5s", r#"missing unit in duration "5.5.5s""#),
        ("1h5.", r#"missing unit in duration "1h5.""#),
        ("5d", r#"unknown unit "d" in duration "5d""#),
        ("1h 5m", r#"unknown unit "h " in duration "1h 5m""#),
        ("1e3s", r#"unknown unit "e" in duration "1e3s""#),
        ("", r#"invalid duration """#),
        ("-", r#"invalid duration "-""#),
        (".s", r#"invalid duration ".s""#),
        ("m", r#"invalid duration "m""#),
        ("99999999999999999999", r#"invalid duration "99999999999999999999""#),
        ("9999999h", r#"invalid duration "9999999h""#),
    ] {
        assert_eq!(told(text), format!("time: {reason}"), "{text}");
    }
}

#[test]
fn numbers_that_are_too_large_are_told_apart_from_what_is_none() {
    let told = |text: &str| convert(None, text).unwrap_err();
    assert_eq!(told("-1e400"), r#"strconv.ParseFloat: parsing "-1e400": value out of range"#);
    assert_eq!(told("1_000"), r#"strconv.ParseFloat: parsing "1_000": invalid syntax"#);
    assert_eq!(convert(None, "1e-400"), Ok(0.0));
}
