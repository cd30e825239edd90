//! Levels as the recorded answers of the original have them.

use super::*;
use crate::Limits;

fn detect<'a>(rules: &LevelRules, metadata: &[(&str, &'a str)], line: &[u8]) -> &'a str {
    Levels::new(rules).detect(metadata, line)
}

fn rules() -> LevelRules {
    Limits::default().levels.unwrap()
}

#[test]
fn fields_of_lines_tell_the_level_before_words() {
    for (line, level) in [
        ("level=DBG msg=x i=13", "debug"),
        ("level=Information msg=x i=2", "unknown"),
        ("level=notice msg=x i=16", "unknown"),
        ("level=warn msg=\"an error\" n=603", "warn"),
        ("LEVEL=critical i=125", "critical"),
        ("lvl=trace", "trace"),
        ("msg=\"level=error inside\" severity=info", "info"),
        ("{\"__error__\":\"mine\"}", "error"),
        ("{\"severity\":\"Error\",\"msg\":\"x\"}", "error"),
        (" {\"msg\":\"a \\\"level\\\": \", \"o\":{\"level\":\"fatal\"}, \"level\" : \"warn\"} ", "warn"),
        ("{\"level\":\"fatal\",\"n\":[{\"level\":\"info\"}]}", "fatal"),
        ("2024-06-10 09:09:54,047 - synapse - 12 - DEBUG - None", "unknown"),
        ("2024-06-10 UTC [119] FATAL:  password authentication failed", "unknown"),
        ("2024-06-10 UTC [100] ERROR:  deadlock detected", "error"),
        ("[INFO] bracket i=47", "info"),
        ("x WARNING - persist", "warn"),
        ("an Error", "unknown"),
        (" ", "unknown"),
        ("", "unknown"),
    ] {
        assert_eq!(detect(&rules(), &[], line.as_bytes()), level, "{line}");
    }
}

#[test]
fn structured_metadata_tells_the_level_as_it_is_written() {
    let line = b"msg level=info";
    for (metadata, level) in [
        (("severity", "ERROR"), "ERROR"),
        (("LEVEL", "dbg"), "dbg"),
        (("severity_text", "Fatal"), "info"),
        (("detected_level", "mine"), "info"),
        (("severity_number", "17"), "error"),
        (("severity_number", "x"), "info"),
    ] {
        assert_eq!(detect(&rules(), &[metadata], line), level, "{metadata:?}");
    }
}

#[test]
fn deeper_fields_of_json_count_as_far_as_the_rules_say() {
    let line = b"{\"a\":{\"b\":{\"level\":\"trace\"}}}";
    for (json_depth, level) in [(1, "unknown"), (2, "unknown"), (3, "trace"), (0, "trace")] {
        assert_eq!(detect(&LevelRules { json_depth, ..rules() }, &[], line), level, "{json_depth}");
    }
}

#[test]
fn other_fields_are_looked_for_where_the_rules_name_them() {
    let rules = LevelRules { fields: vec!["grade".to_owned()], json_depth: 1 };
    assert_eq!(detect(&rules, &[], b"{\"grade\":\"warn\",\"level\":\"info\"}"), "warn");
    assert_eq!(detect(&rules, &[], b"grade=debug level=error"), "debug");
    assert_eq!(detect(&rules, &[("grade", "x")], b"grade=debug"), "x");
}
