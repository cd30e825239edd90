//! Each action does what the specification's section 3.6 says.

use go_regex::Regex;

use super::{Action, Rule, hash, relabel};
use crate::name::ValidationScheme;
use crate::{Labels, LabelsBuilder};

fn rule(action: Action) -> Rule {
    Rule {
        source_labels: vec!["a".to_owned(), "b".to_owned()],
        separator: ";".to_owned(),
        regex: Regex::anchored("(.*)").unwrap(),
        modulus: 0,
        target_label: "t".to_owned(),
        replacement: "$1".to_owned(),
        action,
        names: ValidationScheme::Utf8,
    }
}

fn run(rule: Rule, labels: &[(&str, &str)]) -> Option<String> {
    let mut builder = LabelsBuilder::new(Labels::from_pairs(labels.iter().copied()));
    relabel(&[rule], &mut builder).then(|| builder.build().to_string())
}

const LABELS: &[(&str, &str)] = &[("a", "X"), ("b", "y")];

#[test]
fn replace_expands_groups_in_target_and_value() {
    assert_eq!(run(rule(Action::Replace), LABELS).unwrap(), r#"{a="X", b="y", t="X;y"}"#);
    let regex = Regex::anchored("(?P<first>.);(.)").unwrap();
    let named =
        Rule { regex, target_label: "n_$2".into(), replacement: "${first}!".into(), ..rule(Action::Replace) };
    assert_eq!(run(named, LABELS).unwrap(), r#"{a="X", b="y", n_y="X!"}"#);
}

#[test]
fn replace_leaves_labels_alone_without_a_match_and_removes_on_empty() {
    let no_match = Rule { regex: Regex::anchored("z.*").unwrap(), ..rule(Action::Replace) };
    assert_eq!(run(no_match, LABELS).unwrap(), r#"{a="X", b="y"}"#);
    let empty = Rule { target_label: "a".into(), replacement: String::new(), ..rule(Action::Replace) };
    assert_eq!(run(empty, LABELS).unwrap(), r#"{b="y"}"#);
}

#[test]
fn keep_and_drop_look_at_the_joined_value() {
    let regex = || Regex::anchored("X;y").unwrap();
    assert!(run(Rule { regex: regex(), ..rule(Action::Keep) }, LABELS).is_some());
    assert!(run(Rule { regex: regex(), ..rule(Action::Drop) }, LABELS).is_none());
    assert!(run(Rule { regex: regex(), ..rule(Action::Keep) }, &[("a", "X")]).is_none());
    let equal = |action| Rule { source_labels: vec!["a".into()], target_label: "b".into(), ..rule(action) };
    assert!(run(equal(Action::KeepEqual), &[("a", "1"), ("b", "1")]).is_some());
    assert!(run(equal(Action::DropEqual), &[("a", "1"), ("b", "1")]).is_none());
    assert!(run(equal(Action::KeepEqual), LABELS).is_none());
}

#[test]
fn names_are_mapped_dropped_and_kept() {
    let regex = || Regex::anchored("__meta_(.+)").unwrap();
    let labels = &[("__meta_x", "1"), ("keep", "2")];
    assert_eq!(
        run(Rule { regex: regex(), ..rule(Action::LabelMap) }, labels).unwrap(),
        r#"{__meta_x="1", keep="2", x="1"}"#
    );
    assert_eq!(run(Rule { regex: regex(), ..rule(Action::LabelDrop) }, labels).unwrap(), r#"{keep="2"}"#);
    assert_eq!(run(Rule { regex: regex(), ..rule(Action::LabelKeep) }, labels).unwrap(), r#"{__meta_x="1"}"#);
}

#[test]
fn case_and_hash_are_written_to_the_target() {
    assert_eq!(run(rule(Action::Lowercase), LABELS).unwrap(), r#"{a="X", b="y", t="x;y"}"#);
    assert_eq!(run(rule(Action::Uppercase), LABELS).unwrap(), r#"{a="X", b="y", t="X;Y"}"#);
    // One character for one, as recorded from the original.
    assert_eq!(run(rule(Action::Uppercase), &[("a", "äß")]).unwrap(), r#"{a="äß", t="Äß;"}"#);
    // MD5 of the empty text is d41d8cd98f00b204e9800998ecf8427e (RFC 1321).
    assert_eq!(hash(""), 0xe980_0998_ecf8_427e);
}
