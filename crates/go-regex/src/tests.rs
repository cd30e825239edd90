//! What the public functions promise, in a few words each.

use crate::Regex;

#[test]
fn anchored_pattern_must_match_the_whole_text() {
    let regex = Regex::anchored("foo.*|bar").unwrap();
    assert!(regex.is_match("foo\nx") && regex.is_match("bar"));
    assert!(!regex.is_match("xfoo") && !regex.is_match("barx"));
}

#[test]
fn unanchored_pattern_matches_anywhere() {
    let regex = Regex::new("o+").unwrap();
    assert!(regex.is_match("food"));
    assert_eq!(regex.find_iter("foo o").collect::<Vec<_>>(), [1..3, 4..5]);
}

#[test]
fn replacement_names_groups_by_number_and_name() {
    let regex = Regex::wrapped("^(?s:", "(?P<host>[^:]+):(.*)", ")$").unwrap();
    assert_eq!(regex.replace_all("a:1", "${host}-$2-$2x-$$"), "a-1--$");
    let captures = regex.captures("a:1").unwrap();
    assert_eq!(captures.name("host"), Some("a"));
    assert_eq!(captures.iter().collect::<Vec<_>>(), [Some("a:1"), Some("a"), Some("1")]);
}
