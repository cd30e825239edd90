//! What holds for every pattern. The patterns are grown at random, together with a text that each should match.

use go_regex::{Folding, Regex, decoded};
use proptest::prelude::*;

/// A pattern and a text that it matches as a whole.
#[derive(Debug, Clone)]
struct Grown {
    pattern: String,
    text: String,
}

/// Random decisions, one byte each; the first choice for ever when they have run out.
struct Choices(std::vec::IntoIter<u8>);

impl Choices {
    fn below(&mut self, count: usize) -> usize {
        usize::from(self.0.next().unwrap_or(0)) % count
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

/// Grows a pattern without assertions, so that the text always matches.
fn grow(choices: &mut Choices, depth: u32, fold: bool) -> Grown {
    let made = |pattern: String, text: String| Grown { pattern, text };
    match choices.below(if depth == 0 { 5 } else { 13 }) {
        0 | 1 => {
            let literal =
                choices.pick(&["a", "b", "foo", "bar", "K", "s", "é", "Task", "ſ", "-", "\u{FFFD}", "🙂"]);
            let text = match choices.below(4) {
                0 if fold => literal.to_uppercase(),
                1 if fold => literal.replace(['k', 'K'], "\u{212A}").replace('s', "ſ"),
                _ => literal.to_owned(),
            };
            made(literal.to_owned(), text)
        }
        2 => made("[a-c]".into(), choices.pick(&["a", "b", "c"]).into()),
        3 => made(".*".into(), choices.pick(&["", "x", "foo", "ab"]).into()),
        4 => made("(?s:.+)".into(), choices.pick(&["x", "\n", "bar", "b\na"]).into()),
        5 => made("[^a]".into(), choices.pick(&["b", "\n", "é"]).into()),
        6..=8 => {
            let (left, right) = (grow(choices, depth - 1, fold), grow(choices, depth - 1, fold));
            made(left.pattern + &right.pattern, left.text + &right.text)
        }
        9 | 10 => {
            let (left, right) = (grow(choices, depth - 1, fold), grow(choices, depth - 1, fold));
            let text = if choices.below(2) == 0 { left.text } else { right.text };
            made(format!("({}|{})", left.pattern, right.pattern), text)
        }
        11 => {
            let (inner, copies) = (grow(choices, depth - 1, fold), choices.below(2) + 1);
            let operator = choices.pick(&["+", "*", "{1,2}", "{0,3}", "{1,}"]);
            made(format!("(?:{}){operator}", inner.pattern), inner.text.repeat(copies))
        }
        _ => {
            let inner = grow(choices, depth - 1, true);
            made(format!("(?i:{})", inner.pattern), inner.text)
        }
    }
}

fn grown() -> impl Strategy<Value = Grown> {
    (prop::collection::vec(any::<u8>(), 0..60), 0u32..6)
        .prop_map(|(bytes, depth)| grow(&mut Choices(bytes.into_iter()), depth, false))
}

/// Texts that may or may not match.
fn any_text() -> impl Strategy<Value = String> {
    let parts =
        ["", "a", "b", "foo", "bar", "k", "\u{212A}", "S", "ſ", "É", "-", "\n", "\u{FFFD}", "x", "task"];
    prop::collection::vec(prop::sample::select(parts.to_vec()), 0..8).prop_map(|parts| parts.concat())
}

/// Whether the engine itself finds a match, which [`Regex::is_match`] mostly does not ask.
fn engine_matches(regex: &Regex, text: &str) -> bool {
    regex.find_iter(text).next().is_some()
}

fn check_facts(regex: &Regex, text: &str, whole: bool) {
    let lower = text.to_ascii_lowercase();
    for group in regex.required_literals() {
        assert!(!group.any_of.is_empty() && !group.any_of.iter().any(String::is_empty));
        let holds = |literal: &String| match group.folding {
            Folding::None => text.contains(literal),
            Folding::Ascii => lower.contains(literal),
        };
        assert!(group.any_of.iter().any(holds), "{regex} needs {group:?}, not in {text:?}");
    }
    if !whole {
        return;
    }
    assert!(regex.prefix().is_none_or(|prefix| text.starts_with(prefix)), "{regex}");
    assert!(regex.suffix().is_none_or(|suffix| text.ends_with(suffix)), "{regex}");
    let in_set = |set: &[String]| set.iter().any(|member| member == text);
    assert!(regex.set_matches().is_none_or(in_set), "{regex} matches {text:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn text_grown_with_a_pattern_matches_it(Grown { pattern, text } in grown()) {
        let anchored = Regex::anchored(&pattern).unwrap();
        // Outside of `(?s:…)` a gap that was grown never holds a line feed.
        prop_assert!(anchored.is_match(&text), "{pattern:?} on {text:?}");
        prop_assert!(anchored.is_match_bytes(text.as_bytes()));
        prop_assert!(engine_matches(&anchored, &text));
        let found = anchored.captures(&text).unwrap();
        prop_assert_eq!(found.get(0), Some(text.as_str()));
        check_facts(&anchored, &text, true);
        let within = ["xyz\n", &text, "\nxyz"].concat();
        let unanchored = Regex::new(&pattern).unwrap();
        prop_assert!(unanchored.is_match(&within), "{pattern:?} in {within:?}");
        check_facts(&unanchored, &within, false);
    }

    #[test]
    fn comparing_strings_agrees_with_the_engine(Grown { pattern, text } in grown(), other in any_text()) {
        let patterns = [
            Regex::anchored(&pattern),
            Regex::new(&pattern),
            Regex::wrapped("^(?:", &pattern, ")$"),
            Regex::wrapped("^", &pattern, ""),
            Regex::wrapped("", &pattern, "$"),
            Regex::wrapped("(?m)^", &pattern, "$"),
        ];
        for regex in patterns {
            let regex = regex.unwrap();
            for text in [&text, &other, &[&other, "\n", &text].concat(), &[&text, &*other].concat()] {
                let expected = engine_matches(&regex, text);
                prop_assert_eq!(regex.is_match(text), expected, "{:?} on {:?}", regex, text);
                prop_assert_eq!(regex.is_match_bytes(text.as_bytes()), expected, "{:?} on {:?}", regex, text);
                prop_assert_eq!(regex.captures(text).is_some(), expected, "{:?} on {:?}", regex, text);
                prop_assert!(!regex.matches_everything() || expected);
                prop_assert!(!regex.matches_non_empty() || expected != text.is_empty());
                if expected {
                    check_facts(&regex, text, false);
                }
            }
            prop_assert_eq!(regex.matches_empty(), engine_matches(&regex, ""));
        }
    }

    #[test]
    fn bytes_that_are_no_text_match_as_replacement_characters(
        Grown { pattern, text } in grown(),
        at in any::<prop::sample::Index>(),
        byte in 0x80u8..,
    ) {
        let mut raw = text.into_bytes();
        raw.insert(at.index(raw.len() + 1), byte);
        let seen: String = decoded(&raw).into_owned();
        for regex in [Regex::anchored(&pattern).unwrap(), Regex::new(&pattern).unwrap()] {
            prop_assert_eq!(regex.is_match_bytes(&raw), engine_matches(&regex, &seen), "{:?} on {:?}", regex, raw);
        }
    }

    #[test]
    fn nothing_panics(pattern in r"[-a-cPpQExsiUd0-2\\(){}<>\[\]?*+|.,:^$é]{0,20}", text in any_text()) {
        for regex in [Regex::new(&pattern), Regex::anchored(&pattern), Regex::wrapped("^(?s:", &pattern, ")$")] {
            match regex {
                Ok(regex) => {
                    prop_assert_eq!(regex.is_match(&text), engine_matches(&regex, &text), "{:?} on {:?}", regex, text);
                    regex.replace_all(&text, &pattern);
                    regex.captures(&text);
                }
                Err(error) => prop_assert!(error.to_string().starts_with("error parsing regexp: ")),
            }
        }
    }
}
