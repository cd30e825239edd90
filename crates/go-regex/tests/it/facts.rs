//! What is told to who holds an index.

use go_regex::{Folding, Regex};

fn set(pattern: &str) -> Option<Vec<String>> {
    Regex::anchored(pattern).unwrap().set_matches().map(<[_]>::to_vec)
}

#[test]
fn few_texts_are_listed() {
    let cases: [(&str, &[&str]); 13] = [
        ("", &[""]),
        ("foo", &["foo"]),
        ("a|b|c", &["a", "b", "c"]),
        ("foo(bar|baz)", &["foobar", "foobaz"]),
        ("[ab]c", &["ac", "bc"]),
        ("(a|b)(c|d)?", &["a", "ac", "ad", "b", "bc", "bd"]),
        ("x{2,3}", &["xx", "xxx"]),
        ("(?i)ab", &["AB", "Ab", "aB", "ab"]),
        ("(?i)k", &["K", "k", "\u{212A}"]),
        ("^foo$", &["foo"]),
        ("^foo|bar$", &["bar", "foo"]),
        (r"foo\b|\bbar|\B", &["", "bar", "foo"]),
        (r"fo\bo|[^\x00-\x{10FFFF}]", &[]),
    ];
    for (pattern, texts) in cases {
        let texts = texts.iter().map(|text| text.to_string()).collect();
        assert_eq!(set(pattern), Some(texts), "{pattern}");
    }
}

#[test]
fn many_texts_are_not_listed() {
    for pattern in ["a*", "a.", "[a-z]{3}", "a.*|b", r"\d\d\d", "(a|b){9}"] {
        assert_eq!(set(pattern), None, "{pattern}");
    }
    assert_eq!(Regex::new("foo").unwrap().set_matches(), None);
    assert_eq!(Regex::new("^(a|b)$").unwrap().set_matches().unwrap(), ["a", "b"]);
    assert_eq!(Regex::new("(?m)^a$").unwrap().set_matches(), None);
}

#[test]
fn ends_of_anchored_patterns_are_known() {
    let cases = [
        ("foo.*", Some("foo"), None),
        (".*foo", None, Some("foo")),
        ("foo.*bar", Some("foo"), Some("bar")),
        ("(foo|fob)x*", Some("fo"), None),
        ("foo(bar.*|baz)", Some("fooba"), None),
        ("foo", Some("foo"), Some("foo")),
        ("ab|cb", None, Some("b")),
        ("(?:ab){2,}", Some("abab"), None),
        ("(?:ab)+", Some("ab"), None),
        ("(?:ab)*", None, None),
        ("(?i)foo", None, None),
        (r"é\d+è", Some("é"), Some("è")),
        ("é|è", None, None),
        ("foo.*|bar", None, None),
    ];
    for (pattern, prefix, suffix) in cases {
        let regex = Regex::anchored(pattern).unwrap();
        assert_eq!((regex.prefix(), regex.suffix()), (prefix, suffix), "{pattern}");
    }
    let unanchored = Regex::new("foo").unwrap();
    assert_eq!((unanchored.prefix(), unanchored.suffix()), (None, None));
    let front = Regex::new("^foo|^fox").unwrap();
    assert_eq!((front.prefix(), front.suffix()), (Some("fo"), None));
}

type Groups<'a> = &'a [(Folding, &'a [&'a str])];

#[test]
fn required_literals_are_found() {
    use Folding::{Ascii, None as Exact};
    let cases: [(&str, Groups); 13] = [
        ("error", &[(Exact, &["error"])]),
        ("error|warn", &[(Exact, &["error", "warn"])]),
        ("(?i)(error|fatal)", &[(Ascii, &["error", "fatal"])]),
        ("(?i)task", &[(Ascii, &["task", "tas\u{212A}", "taſk", "taſ\u{212A}"])]),
        ("foo.*bar", &[(Exact, &["foo"]), (Exact, &["bar"])]),
        (r"status=\d+ took", &[(Exact, &["status="]), (Exact, &[" took"])]),
        ("(a+bb|ccd*)e", &[(Exact, &["bb", "cc"]), (Exact, &["e"])]),
        ("x(?i:error)", &[(Exact, &["x"]), (Ascii, &["xerror"])]),
        (r"\bpanic\b", &[(Exact, &["panic"])]),
        ("(?:foo){3}", &[(Exact, &["foofoofoo"])]),
        ("[a-z]+", &[]),
        ("(foo)?bar*", &[(Exact, &["ba", "fooba"])]),
        ("foo|.", &[]),
    ];
    for (pattern, groups) in cases {
        let regex = Regex::new(pattern).unwrap();
        let found: Vec<_> = regex
            .required_literals()
            .iter()
            .map(|group| (group.folding, group.any_of.iter().map(String::as_str).collect::<Vec<_>>()))
            .collect();
        let mut expected: Vec<_> =
            groups.iter().map(|(folding, any_of)| (*folding, any_of.to_vec())).collect();
        expected.iter_mut().for_each(|(_, any_of)| any_of.sort_unstable());
        assert_eq!(found, expected, "{pattern}");
    }
}

#[test]
fn matches_stay_in_a_line_unless_a_line_feed_or_the_surroundings_count() {
    for pattern in ["abc", "(?i)(a|b)", "a.*b", r"[0-9]{3}\w+", ""] {
        assert!(Regex::new(pattern).unwrap().stays_in_line(), "{pattern}");
    }
    for pattern in ["^abc", "abc$", r"\babc", "(?s)a.b", r"a\sb", "[^x]", r"a\nb"] {
        assert!(!Regex::new(pattern).unwrap().stays_in_line(), "{pattern}");
    }
}

#[test]
fn patterns_that_are_nothing_but_words_say_which() {
    let words = |pattern: &str| {
        let regex = Regex::new(pattern).unwrap();
        regex.words().map(|words| (words.any_of.join(" "), words.folding))
    };
    assert_eq!(words("b|a"), Some(("a b".to_owned(), Folding::None)));
    assert_eq!(words("(?i)(Error|fatal)"), Some(("error fatal".to_owned(), Folding::Ascii)));
    assert_eq!(words("(?i)a1|ok"), Some(("a1 ok o\u{212a}".to_owned(), Folding::Ascii)));
    assert_eq!(words("[Ee]rr"), Some(("Err err".to_owned(), Folding::None)));
    for pattern in ["^a", "a$", "a.*", "a*", r"\ba", "(?i)a|", ""] {
        assert_eq!(words(pattern), None, "{pattern}");
    }
}

#[test]
fn what_no_match_holds_is_known() {
    let without = |pattern: &str| Regex::new(pattern).unwrap().is_without(b"0123456789");
    for pattern in ["error", "(?i)(error|fatal)", "[a-f]+", "é"] {
        assert!(without(pattern), "{pattern}");
    }
    for pattern in ["err1", "a.b", r"\w", "[^a]", "(?i)a[5-7]", "^a"] {
        assert!(!without(pattern), "{pattern}");
    }
    assert_eq!(Regex::new("ab+|c").unwrap().len_min(), 1);
}
