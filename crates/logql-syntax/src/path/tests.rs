//! Paths are read, or told why not, as the original does.

use super::*;

fn key(name: &str) -> Step {
    Step::Key(name.to_owned())
}

#[test]
fn paths_are_keys_and_indexes() {
    assert_eq!(parse_json_path("b.c[0]").unwrap(), [key("b"), key("c"), Step::Index(0)]);
    assert_eq!(
        parse_json_path("req.headers[\"User-Agent\"]").unwrap(),
        [key("req"), key("headers"), key("User-Agent")]
    );
    assert_eq!(parse_json_path("[\"a b\"].c").unwrap(), [key("a b"), key("c")]);
    assert_eq!(parse_logfmt_key("lvl").unwrap(), "lvl");
}

#[test]
fn what_is_no_path_is_told() {
    for (text, told) in [
        ("1digit", "syntax error: unexpected $end, expecting LSB or FIELD"),
        ("", "syntax error: unexpected $end, expecting LSB or FIELD"),
        ("a.", "syntax error: unexpected $end, expecting FIELD"),
        ("a[", "syntax error: unexpected $end, expecting STRING or INDEX"),
        ("a[0", "syntax error: unexpected $end, expecting RSB"),
        ("a b", "syntax error: unexpected FIELD"),
        ("a-b", "unexpected char -"),
    ] {
        assert_eq!(parse_json_path(text).unwrap_err().to_string(), told, "{text}");
    }
    assert_eq!(parse_logfmt_key("b.c").unwrap_err().to_string(), "unexpected char .");
    assert_eq!(parse_logfmt_key("").unwrap_err().to_string(), "syntax error: unexpected $end, expecting KEY");
}
