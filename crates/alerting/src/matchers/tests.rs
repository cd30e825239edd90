//! What the two syntaxes read, and which of them counts; the texts of errors are those that were recorded.

use super::*;

fn read(text: &str) -> Result<String, String> {
    let parsed = parse_matchers(text, Syntax::Both).map_err(|error| error.to_string())?;
    Ok(crate::print_matchers(&parsed.value))
}

fn notice(text: &str) -> Option<Notice> {
    parse_matchers(text, Syntax::Both).unwrap().notice
}

#[test]
fn both_syntaxes_read_the_usual_forms() {
    for (text, expected) in [
        ("a=b", r#"{a="b"}"#),
        (r#"c=~"d.*""#, r#"{c=~"d.*"}"#),
        ("{a=b,c=d}", r#"{a="b",c="d"}"#),
        ("{a=b,c=d,}", r#"{a="b",c="d"}"#),
        (r#"{ a = "b,c" , d!~e }"#, r#"{a="b,c",d!~"e"}"#),
        ("{}", "{}"),
        (r#"é="b""#, r#"{é="b"}"#),
        (r#""a b"="c""#, r#"{"a b"="c"}"#),
    ] {
        assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        assert_eq!(notice(text), None, "{text}");
    }
}

#[test]
fn a_single_matcher_stands_in_no_braces() {
    for text in ["{a=\"b\"}", "{a=b", "{}", "}"] {
        let error = parse_matcher(text, Syntax::Both).unwrap_err().to_string();
        assert_eq!(error, format!("unexpected open or close brace: {text}"));
    }
}

#[test]
fn classic_reading_counts_where_the_newer_syntax_refuses_or_disagrees() {
    let fallback = |error: &str, suggestion: &str| {
        Some(Notice::Fallback { error: error.to_owned(), suggestion: suggestion.to_owned() })
    };
    assert_eq!(notice("a=b c"), fallback("4:5: unexpected c: expected a comma or close brace", r#"a="b c""#));
    assert_eq!(notice("a=b}"), fallback("0:4: }: expected opening brace", r#"a="b""#));
    assert!(
        matches!(notice(r"a=\b"), Some(Notice::Fallback { suggestion, .. }) if suggestion == r#"a="\\b""#)
    );
    assert_eq!(read(r#"emoji="\U0001F600""#).unwrap(), r#"{emoji="\\U0001F600"}"#);
    assert_eq!(notice(r#"emoji="\U0001F600""#), Some(Notice::Disagreement));
}

#[test]
fn errors_are_those_of_the_classic_syntax() {
    for (text, expected) in [
        ("a", "bad matcher format: a"),
        ("1a=b c", "bad matcher format: 1a=b c"),
        (r#"a="b"#, r#"matcher value contains unescaped double quote: "b"#),
        (r#"a=~"(""#, "error parsing regexp: missing closing ): `^(?:()$`"),
    ] {
        assert_eq!(read(text), Err(expected.to_owned()));
    }
}

#[test]
fn one_matcher_is_one() {
    let parsed = parse_matcher("alertname=Cpu,instance=i1", Syntax::Both).unwrap();
    assert_eq!(parsed.value.to_string(), r#"alertname="Cpu,instance=i1""#);
    assert!(parse_matcher("a=b,c=d", Syntax::Utf8).is_err());
    assert!(parse_matcher("{a=b}", Syntax::Both).is_err());
}

#[test]
fn strict_modes_read_their_own_syntax() {
    assert!(parse_matchers("a=b c", Syntax::Utf8).is_err());
    assert!(parse_matchers(r#"é="b""#, Syntax::Classic).is_err());
    let parsed = parse_matchers(r#"a="\x41é""#, Syntax::Utf8).unwrap();
    assert_eq!(crate::print_matchers(&parsed.value), r#"{a="Aé"}"#);
}
