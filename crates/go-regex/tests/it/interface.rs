//! What the public functions promise, in a few words each.

use go_regex::{ErrorCode, Regex, decoded};

#[test]
fn anchored_pattern_must_match_the_whole_text() {
    let regex = Regex::anchored("foo.*|bar").unwrap();
    assert!(regex.is_match("foo\nx") && regex.is_match("bar"));
    assert!(!regex.is_match("xfoo") && !regex.is_match("barx"));
    assert_eq!((regex.as_str(), regex.to_string().as_str()), ("foo.*|bar", "foo.*|bar"));
}

#[test]
fn unanchored_pattern_matches_anywhere() {
    let regex = Regex::new("o+").unwrap();
    assert!(regex.is_match("food"));
    assert_eq!(regex.find_iter("foo o").collect::<Vec<_>>(), [1..3, 4..5]);
    assert_eq!(regex.replace_all_literal("foo o", "$0"), "f$0 $0");
}

#[test]
fn replacement_names_groups_by_number_and_name() {
    let regex = Regex::wrapped("^(?s:", "(?P<host>[^:]+):(.*)", ")$").unwrap();
    assert_eq!(regex.replace_all("a:1", "${host}-$2-$2x-$$"), "a-1--$");
    let captures = regex.captures("a:1").unwrap();
    assert_eq!(captures.name("host"), Some("a"));
    assert_eq!(captures.range(2), Some(2..3));
    assert_eq!(captures.iter().collect::<Vec<_>>(), [Some("a:1"), Some("a"), Some("1")]);
    assert_eq!(regex.capture_names().collect::<Vec<_>>(), [None, Some("host"), None]);
    let mut out = String::from("> ");
    regex.expand("$2 ${host}", &captures, &mut out);
    assert_eq!(out, "> 1 a");
}

#[test]
fn group_that_took_no_part_has_no_text() {
    let regex = Regex::new("(a)|(b){0}(c)").unwrap();
    let captures = regex.captures("c").unwrap();
    assert_eq!(captures.iter().collect::<Vec<_>>(), [Some("c"), None, None, Some("c")]);
    assert_eq!((captures.len(), captures.get(9)), (4, None));
}

#[test]
fn first_of_two_groups_of_one_name_that_took_part_is_named() {
    let regex = Regex::new("(?P<x>a)|(?P<x>b)").unwrap();
    assert_eq!(regex.captures("b").unwrap().name("x"), Some("b"));
}

/// A matcher is read by itself, a relabelling rule as part of the text around it; both as promtool reports them.
#[test]
fn errors_name_what_was_read() {
    let message = |error: go_regex::Error| error.to_string();
    let alone = Regex::anchored("a(b").map_err(message);
    assert_eq!(alone.unwrap_err(), "error parsing regexp: missing closing ): `a(b`");
    let wrapped = Regex::wrapped("^(?s:", "a(b", ")$").map_err(message);
    assert_eq!(wrapped.unwrap_err(), "error parsing regexp: missing closing ): `^(?s:a(b)$`");
    let error = Regex::anchored("a)b(").unwrap_err();
    assert_eq!((error.code(), error.expression()), (ErrorCode::UnexpectedParenthesis, "a)b("));
    assert!(Regex::wrapped("^(?s:", "a)b(", ")$").unwrap().is_match("ab"));
}

#[test]
fn each_byte_that_is_no_text_is_one_replacement_character() {
    assert_eq!(decoded(b"a\xE2\x82b\xF0\x9F\x98\x80\xFF"), "a\u{FFFD}\u{FFFD}b😀\u{FFFD}");
    assert_eq!(decoded(b""), "");
    assert!(Regex::anchored("a..").unwrap().is_match_bytes(b"a\xE2\x82"));
    assert!(Regex::anchored("\u{FFFD}").unwrap().is_match_bytes(b"\xFF"));
    assert!(!Regex::anchored("..").unwrap().is_match_bytes("é".as_bytes()));
}

#[test]
fn pattern_that_matches_all_or_nothing_says_so() {
    let everything = Regex::anchored(".*").unwrap();
    assert!(everything.matches_everything() && everything.matches_empty() && !everything.matches_non_empty());
    let non_empty = Regex::anchored(".+").unwrap();
    assert!(non_empty.matches_non_empty() && !non_empty.matches_empty() && !non_empty.matches_everything());
    let optional = Regex::anchored("a*").unwrap();
    assert!(optional.matches_empty() && !optional.matches_everything());
}

#[test]
fn a_text_compiled_before_in_another_way_keeps_its_own_meaning() {
    for _ in 0..2 {
        assert!(Regex::new("[ab]+c?").unwrap().is_match("xab"));
        assert!(!Regex::anchored("[ab]+c?").unwrap().is_match("xab"));
        let wrapped = Regex::wrapped("^(?:", "[ab]+c?", ")$").unwrap();
        assert_eq!((wrapped.as_str(), wrapped.is_match("xab")), ("[ab]+c?", false));
        let whole = Regex::new("^(?:[ab]+c?)$").unwrap();
        assert_eq!((whole.as_str(), whole.is_match("ab")), ("^(?:[ab]+c?)$", true));
    }
    let many: Vec<Regex> = (0..100).map(|number| Regex::anchored(&format!("[a]{number}")).unwrap()).collect();
    assert!(many.iter().enumerate().all(|(number, regex)| regex.is_match(&format!("a{number}"))));
}
