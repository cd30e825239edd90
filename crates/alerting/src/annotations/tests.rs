//! Annotations give back what they were made of.

use super::Annotations;

#[test]
fn empty_texts_stay_and_of_equal_names_the_last() {
    let pairs = [("summary", "first"), ("empty", ""), ("summary", "second"), ("ünï", "ü")];
    let annotations = Annotations::from_pairs(pairs);
    let all: Vec<_> = annotations.iter().collect();
    assert_eq!(all, [("empty", ""), ("summary", "second"), ("ünï", "ü")]);
    assert_eq!(annotations, Annotations::from_pairs(all));
    assert_eq!(Annotations::from_pairs([("", "")]).iter().next(), Some(("", "")));
}

#[test]
fn long_texts_are_whole() {
    let long = "x".repeat(70_000);
    let annotations = Annotations::from_pairs([("a", long.as_str()), ("b", "y")]);
    assert_eq!(annotations.iter().map(|(_, text)| text.len()).collect::<Vec<_>>(), [70_000, 1]);
}
