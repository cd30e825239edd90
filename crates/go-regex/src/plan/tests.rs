//! Which patterns need no engine, and what shapes match.

use super::Plan;
use crate::facts::Facts;
use crate::regex::Source;

fn plan(pattern: &str, whole: bool) -> Plan {
    let text = pattern.into();
    let hir = Source { text, whole }.parse(false).unwrap().hir;
    Plan::of(&hir, &Facts::of(&hir))
}

fn needs_engine(pattern: &str, whole: bool) -> bool {
    matches!(plan(pattern, whole), Plan::Engine)
}

#[test]
fn simple_matchers_need_no_engine() {
    let simple = [
        "",
        "foo",
        "foo|bar",
        "(foo|bar)",
        "foo(bar|baz)?",
        "(?i)ab",
        "[ab]c",
        "^foo$",
        "foo.*",
        ".*foo",
        ".*foo.*",
        ".+foo.+",
        "foo.*bar",
        "foo.*|bar.*",
        "foo.*|bar",
        "(foo.*)?",
        "a(b.*|c.+)d",
        "(?:prod|stage)-.*",
        ".*",
        ".+",
        ".*(a|b).*",
        "foo-.*-(a|b)",
        "a{3}",
        "(.*)",
        "x.*y.*z",
    ];
    for pattern in simple {
        assert!(!needs_engine(pattern, true), "{pattern}");
    }
}

#[test]
fn simple_line_filters_need_no_engine() {
    for pattern in
        ["", "foo", "(foo)", "foo.*bar", "^foo", "foo$", ".*foo.*", "^foo.*bar$", "a|b", "foo(bar|baz)"]
    {
        assert!(!needs_engine(pattern, false), "{pattern}");
    }
}

#[test]
fn what_strings_cannot_tell_needs_an_engine() {
    for pattern in ["[0-9]+", "foo[0-9a-z]", ".{2}", "a+b", r"\bfoo\b", "..*", "(?-s:.+).*"] {
        assert!(needs_engine(pattern, true), "{pattern}");
    }
    for pattern in ["error|warn|info|debug|trace", "(?m)^foo", "foo$|bar", ".+", "(?s)a.*b.*(?-s)c.*d"] {
        assert!(needs_engine(pattern, false), "{pattern}");
    }
}

#[test]
fn all_texts_and_all_but_the_empty_one_are_known() {
    for pattern in [".*", "(.*)", ".*.*", "(?:.+)?", ".*|foo", ".+|"] {
        assert!(matches!(plan(pattern, true), Plan::Everything), "{pattern}");
    }
    for pattern in [".+", "(.+)", ".*.+", ".+|foo"] {
        assert!(matches!(plan(pattern, true), Plan::NonEmpty), "{pattern}");
    }
    assert!(matches!(plan(".*", false), Plan::Everything));
    assert!(matches!(plan("", false), Plan::Everything));
}

#[test]
fn gap_within_a_line_holds_no_line_feed() {
    let cases = [
        ("foo.*bar", "foo\nfoo bar", true),
        ("foo.*bar", "foo\nbar", false),
        ("^foo.*bar", "foo bar\nx", true),
        ("^foo.*bar", "x\nfoo bar", false),
        ("foo.*bar$", "x\nfoo bar", true),
        ("foo.*bar$", "foo bar\nx", false),
        ("^foo.*bar$", "foo bar", true),
        ("^foo.*bar$", "foo \n bar", false),
        ("^.*foo", "x foo\ny", true),
        ("^.*foo", "x\ny foo", false),
        ("foo.*$", "foo\nfoo", true),
        ("foo.*$", "foo\nbar", false),
    ];
    for (pattern, text, matches) in cases {
        assert_eq!(plan(pattern, false).is_match(text.as_bytes()), Some(matches), "{pattern} on {text:?}");
    }
}

#[test]
fn literals_of_a_shape_do_not_overlap() {
    let cases = [
        ("ab.*bc", "abc", false),
        ("ab.*bc", "abbc", true),
        ("ab.+bc", "abbc", false),
        ("ab.+bc", "abxbc", true),
        ("(a|ab).*b", "ab", true),
        (".*aba.*ba", "ababa", true),
        (".*aba.+ba", "ababa", false),
        (".+a.+", "xay", true),
        (".+a.+", "aaa", true),
        (".+a.+", "ay", false),
        (".+a.+", "xa", false),
    ];
    for (pattern, text, matches) in cases {
        assert_eq!(plan(pattern, true).is_match(text.as_bytes()), Some(matches), "{pattern} on {text:?}");
    }
}
