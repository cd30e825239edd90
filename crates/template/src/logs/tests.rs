//! Functions of log queries; what the recorded queries try is tested with them.

use super::{LogFunctionNames, LogFunctions};
use crate::{Limits, MissingKey, Templates, Value};

fn run(text: &str) -> Result<String, String> {
    let mut templates = Templates::new(MissingKey::Zero, Limits::default());
    templates.parse("line", text, &LogFunctionNames).map_err(|error| error.to_string())?;
    let functions = LogFunctions { line: "a line", timestamp_ns: 1_718_010_011_030_000_000, now_ns: 0 };
    let data = Value::text_map([("level", "info"), ("status", "404")]);
    templates.execute("line", &data, &functions).map_err(|error| error.message().to_owned())
}

#[test]
fn texts_are_cut_filled_and_replaced() {
    for (template, expected) in [
        (r#"{{ title "it's a_b" }}"#, "It'S A_b"),
        (r#"{{ alignRight 2 .level }}"#, "fo"),
        (r#"{{ TrimLeft "xxay" "x" }}"#, "ay"),
        (r#"{{ "a,b" | replace "," ";" }}"#, "a;b"),
        (r#"{{ indent 2 "a\nb" }}"#, "  a\n  b"),
        (r#"{{ urldecode "a+b%21" }}"#, "a b!"),
        (r#"{{ b64enc "hello" }}"#, "aGVsbG8="),
        (r#"{{ substr 0 2 .level }}"#, "in"),
        (
            r#"{{ trunc 4 "日本" }}|{{ trunc -2 "日本" }}|{{ substr 1 6 "日本" }}"#,
            "日\u{fffd}|\u{fffd}\u{fffd}|\u{fffd}\u{fffd}本",
        ),
        (r#"{{ trunc -9 "abc" }}|{{ trunc 9 "abc" }}|{{ trunc -1 "" }}"#, "abc|abc|"),
        (r#"{{ __line__ }} {{ __timestamp__ | date "15:04:05.000" }}"#, "a line 09:00:11.030"),
    ] {
        assert_eq!(run(template).as_deref(), Ok(expected), "{template}");
    }
}

#[test]
fn a_border_outside_of_a_text_is_told_as_it_was_looked_at() {
    for (template, told) in [
        ("{{ substr 2 1 .level }}", "[2:1]"),
        ("{{ substr 9 2 .level }}", "[9:2]"),
        ("{{ substr 9 -1 .level }}", "[9:4]"),
        ("{{ substr 9 12 .level }}", "[9:4]"),
        ("{{ substr -1 9 .level }}", "[:9] with length 4"),
        ("{{ substr -1 -2 .level }}", "[:-2]"),
    ] {
        let expected = format!("error calling substr: runtime error: slice bounds out of range {told}");
        assert_eq!(run(template), Err(expected), "{template}");
    }
    for (template, expected) in [
        ("{{ substr -1 2 .level }}", "in"),
        ("{{ substr 4 4 .level }}|{{ substr 4 -1 .level }}", "|"),
        ("{{ substr 1 99 .level }}", "nfo"),
    ] {
        assert_eq!(run(template).as_deref(), Ok(expected), "{template}");
    }
}

#[test]
fn what_a_directive_does_not_fit_is_shown_as_wide_as_it_asks() {
    let shown = run(r#"{{ printf "%6.2f|%-6d|%3s|%+s" "xyz" "y" 5 6 }}"#);
    assert_eq!(shown.as_deref(), Ok("%!f(string=    xy)|%!d(string=y     )|%!s(int=  5)|%!s(int=+6)"));
}

#[test]
fn numbers_are_those_of_decimal_arithmetic() {
    for (template, expected) in [
        ("{{ addf 0.1 0.2 }}", "0.3"),
        ("{{ mulf 1.1 1.1 }}", "1.21"),
        (r#"{{ int "0x10" }} {{ int "3.0" }} {{ int "3.5" }}"#, "16 3 0"),
        (r#"{{ int "012" }} {{ int "08" }} {{ int "1_000" }} {{ int "_1" }} {{ int "0" }}"#, "10 0 1000 0 0"),
        ("{{ max 1 .status 3 }} {{ min 2 1 }}", "404 1"),
        (r#"{{ duration "1m30s" }} {{ duration_seconds "1.5ms" }}"#, "90 0.0015"),
    ] {
        assert_eq!(run(template).as_deref(), Ok(expected), "{template}");
    }
    assert!(run("{{ mul }}").is_err());
    assert_eq!(run("{{ mod 1 0 }}").unwrap_err(), "error calling mod: runtime error: integer divide by zero");
}

#[test]
fn times_are_read_by_layouts() {
    for (template, expected) in [
        (r#"{{ toDate "2006-01-02 15:04:05 -0700" "2024-06-10 09:00:00 +0200" | unixEpoch }}"#, "1718002800"),
        (r#"{{ toDate "Jan _2, 2006 at 3:04pm" "Jun 10, 2024 at 9:00pm" | unixEpoch }}"#, "1718053200"),
        (
            r#"{{ toDateInZone "2006-01-02 15:04" "Europe/Berlin" "2024-06-10 11:00" | unixEpoch }}"#,
            "1718010000",
        ),
        (
            r#"{{ toDate "2006-01-02T15:04:05Z07:00" "2024-06-10T09:00:00.5Z" | unixEpochMillis }}"#,
            "1718010000500",
        ),
    ] {
        assert_eq!(run(template).as_deref(), Ok(expected), "{template}");
    }
}

#[test]
fn what_would_grow_without_end_is_refused() {
    assert!(run(r#"{{ repeat 1000000000 "x" }}"#).is_err());
    assert!(run(r#"{{ indent 1000000000 "x" }}"#).is_err());
}
