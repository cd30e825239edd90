//! Patterns made to break a parser or a compiler.

use std::thread;

use go_regex::{ErrorCode, Regex};

/// `core` in `levels` pairs of `open` and `close`.
fn nested(open: &str, core: &str, close: &str, levels: usize) -> String {
    [&open.repeat(levels), core, &close.repeat(levels)].concat()
}

fn code(pattern: &str) -> Option<ErrorCode> {
    Regex::new(pattern).err().map(|error| error.code())
}

#[test]
fn nesting_ends_at_the_level_where_go_ends_it() {
    // The most levels that promtool accepts.
    let most = [
        ("(", "a", ")", 999),
        ("(?:", "a", ")*b", 499),
        ("(", "a", ")*b", 333),
        ("(", "a", ")*", 499),
        ("(", "a", "|bc)", 499),
        ("(", "a", "|b)", 500),
        ("(?:", "ab", "|cd)e", 499),
    ];
    for (open, core, close, levels) in most {
        assert_eq!(code(&nested(open, core, close, levels)), None, "{open}{close} {levels}");
        let beyond = code(&nested(open, core, close, levels + 1));
        assert_eq!(beyond, Some(ErrorCode::NestsTooDeeply), "{open}{close} {levels}");
    }
}

#[test]
fn parentheses_that_make_no_level_may_nest_further() {
    let free = [
        ("(?:", "a", ")"),
        ("(?i:", "a", ")"),
        ("(?:", "a", ")*"),
        ("(?:", "a", ")b?c"),
        ("(?:", "a", "|bc)"),
    ];
    for (open, core, close) in free {
        assert_eq!(code(&nested(open, core, close, 1200)), None, "{open}{close}");
    }
}

#[test]
fn deep_patterns_need_little_stack() {
    let small_stack = || {
        for (open, close) in
            [("(", ")"), ("(", ")*"), ("(?:", "b)+"), ("(x", "|y)"), ("(?:", ")*"), ("(?:", ")+?")]
        {
            for levels in [300, 499, 999, 100_000] {
                let pattern = nested(open, "a", close, levels);
                if let Ok(regex) = Regex::new(&pattern) {
                    assert!(regex.captures("xaby").is_none_or(|found| found.len() > 0));
                }
                let unclosed = open.repeat(levels);
                assert_eq!(code(&unclosed), Some(ErrorCode::MissingParenthesis));
            }
        }
    };
    thread::Builder::new().stack_size(256 << 10).spawn(small_stack).unwrap().join().unwrap();
}

#[test]
fn patterns_that_compile_to_too_much_are_refused() {
    let too_large = [r"\pL{1000}".repeat(5), r"\pL".repeat(100_000), nested("(?:", "a", "b?)", 100_000)];
    for pattern in too_large {
        let error = Regex::anchored(&pattern).unwrap_err();
        assert_eq!(error.code(), ErrorCode::TooLarge);
        assert_eq!(error.expression(), pattern);
    }
}

#[test]
fn large_patterns_within_the_limits_compile() {
    let words: Vec<String> = (0..3000).map(|number| format!("word{number}")).collect();
    let large = [
        r"\pL{1000}".to_owned(),
        "(.*){1000}".to_owned(),
        "a?".repeat(2000),
        "(a{10}){100}".repeat(20),
        words.join("|"),
        words.join(".*|"),
    ];
    for pattern in large {
        assert!(Regex::new(&pattern).is_ok(), "{pattern:.50}");
    }
}

#[test]
fn the_longest_patterns_match_what_they_say() {
    let words: Vec<String> = (0..20_000).map(|number| format!("w{number}\\.x.*")).collect();
    let regex = Regex::anchored(&words.join("|")).unwrap();
    assert!(regex.is_match("w19999.x") && regex.is_match("w0.xyz"));
    assert!(!regex.is_match("w20000.x") && !regex.is_match("") && !regex.matches_empty());
    assert_eq!((regex.set_matches(), regex.prefix()), (None, None));
    assert!(Regex::anchored(&"a?b*".repeat(40_000)).unwrap().matches_empty());
}

#[test]
fn long_alternation_of_words_is_a_set() {
    // The longest fills a query of a megabyte.
    for count in [20_000, 140_000] {
        let words: Vec<String> = (0..count).map(|number| format!("w{number:06}")).collect();
        let regex = Regex::anchored(&words.join("|")).unwrap();
        assert_eq!(regex.set_matches().unwrap(), words);
        assert!(regex.is_match("w019999") && !regex.is_match("w140000"));
        assert_eq!((regex.prefix(), regex.suffix()), (Some(if count > 99_999 { "w" } else { "w0" }), None));
    }
}

#[test]
fn common_ends_are_told_by_characters() {
    let regex = Regex::anchored("(a|bä)x(oß|aß)").unwrap();
    assert_eq!((regex.prefix(), regex.suffix()), (None, Some("ß")));
    assert_eq!(Regex::anchored("aö|bö|ö").unwrap().suffix(), Some("ö"));
    assert_eq!(Regex::anchored("aö|b").unwrap().suffix(), None);
}
