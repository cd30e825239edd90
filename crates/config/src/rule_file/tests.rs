//! What is refused, with the places and the words of the real program.

use super::{RuleChecks, RuleFile};

fn parse(text: &str) -> Result<RuleFile, Vec<String>> {
    let checks = RuleChecks {
        expression: &|text| {
            if text.contains('{') { Err("1:4: parse error: unexpected end".into()) } else { Ok(()) }
        },
        template: &|name, text| {
            if text.starts_with("{{") { Err(format!("template: {name}:1: unclosed action")) } else { Ok(()) }
        },
    };
    let texts =
        |problems: Vec<super::RuleProblem>| problems.into_iter().map(|problem| problem.text).collect();
    RuleFile::parse(text, &checks, false).map_err(texts)
}

#[track_caller]
fn refused(text: &str, lines: &[&str]) {
    assert_eq!(parse(text).unwrap_err(), lines, "{text}");
}

#[test]
fn groups_and_rules_are_read() {
    let text = "groups:\n- name: g\n  interval: 30s\n  limit: 5\n  query_offset: 1m\n  labels: {x: y}\n  rules:\n  \
                - {record: a, expr: up}\n  - {alert: A, expr: 5, for: 5m, keep_firing_for: 1m}\n- name: h\n";
    let file = parse(text).unwrap();
    assert_eq!(file.rules(), 2);
    let group = &file.groups[0];
    assert_eq!((group.interval.as_secs(), group.limit, group.query_offset.unwrap().as_secs()), (30, 5, 60));
    let rule = &group.rules[1];
    assert_eq!((rule.name(), rule.expr.as_str(), rule.hold.as_secs()), ("A", "5", 300));
    assert_eq!(file.groups[1].query_offset, None);
    for empty in ["", "null", "groups:", "groups: [null]", "groups: []\n---\ngroups: [{]"] {
        assert_eq!(parse(empty).unwrap().rules(), 0, "{empty}");
    }
}

#[test]
fn rules_are_one_of_two_kinds() {
    let rule = |rule: &str| format!("groups:\n- name: g\n  rules:\n  - {rule}\n");
    refused(
        &rule("{expr: up}"),
        &["0:0: 0:0: group \"g\", rule 1, \"\": one of 'record' or 'alert' must be set"],
    );
    refused(
        &rule("{record: a, alert: b, expr: up}"),
        &["4:14: 4:24: group \"g\", rule 1, \"b\": only one of 'record' and 'alert' must be set"],
    );
    refused(
        &rule("{record: a, expr: up, for: 5m, keep_firing_for: 5m, annotations: {a: b}}"),
        &[
            "4:14: group \"g\", rule 1, \"a\": invalid field 'annotations' in recording rule",
            "4:14: group \"g\", rule 1, \"a\": invalid field 'for' in recording rule",
            "4:14: group \"g\", rule 1, \"a\": invalid field 'keep_firing_for' in recording rule",
        ],
    );
    refused(
        &rule("{record: \"a{b}\", expr: up}"),
        &[
            "4:14: group \"g\", rule 1, \"a{b}\": braces present in the recording rule name; should it be in expr?: a{b}",
        ],
    );
    refused(
        &rule("{record: a, expr: null}"),
        &["4:23: group \"g\", rule 1, \"a\": field 'expr' must be set in rule"],
    );
    refused(
        &rule("{record: a, expr: \"up{\"}"),
        &["4:23: group \"g\", rule 1, \"a\": could not parse expression: 1:4: parse error: unexpected end"],
    );
    refused(
        &rule("{alert: a, expr: up, labels: {__name__: x, y: \"{{ x\"}, annotations: {\"\": z}}"),
        &[
            "group \"g\", rule 1, \"a\": invalid label name: __name__",
            "group \"g\", rule 1, \"a\": invalid annotation name: ",
            "group \"g\", rule 1, \"a\": label \"y\": template: __alert_a:1: unclosed action",
        ],
    );
    parse(&rule("{record: a, expr: up, labels: {a: \"{{ x\"}}")).unwrap();
}

#[test]
fn groups_have_names_each_once() {
    refused(
        "groups: [{name: g}, {name: g}, {name: \"\"}]",
        &["0:0: groupname: \"g\" is repeated in the same file", "0:0: Groupname must not be empty"],
    );
    refused("groups: [{name: g, labels: {__name__: x}}]", &["invalid label name: __name__"]);
}

#[test]
fn what_is_read_twice_is_refused_twice() {
    let duration = "not a valid duration string: \"x\"";
    refused("groups: [{name: g, interval: x}]", &[duration, duration]);
    refused(
        "groups: {name: g}",
        &[
            "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into []rulefmt.RuleGroup",
            "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into []rulefmt.RuleGroupNode",
        ],
    );
    let doubled = "yaml: unmarshal errors:\n  line 3: mapping key \"name\" already defined at line 2";
    refused("groups:\n- name: g\n  name: h", &[doubled, doubled]);
    // Unknown keys, and values of keys whose places alone are read the second time, trouble one reading only.
    refused(
        "groups: [{name: g, foo: 1}]",
        &["yaml: unmarshal errors:\n  line 1: field foo not found in type rulefmt.RuleGroup"],
    );
    refused(
        "groups: [{name: g, rules: [{alert: a, expr: [up]}]}]",
        &["yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string"],
    );
}

#[test]
fn problems_know_their_place_and_key() {
    let checks = RuleChecks { expression: &|_| Err("1:1: parse error: x".into()), template: &|_, _| Ok(()) };
    let text = "groups:\n- name: g\n  rules:\n  - record: a\n    expr: |\n      up\n";
    let problems = RuleFile::parse(text, &checks, false).unwrap_err();
    let expected = "5:11: groups[0].rules[0].expr: could not parse expression: 1:1: parse error: x";
    assert_eq!(problems[0].problem.to_string(), expected);
}

#[test]
fn unknown_keys_are_passed_over_when_asked() {
    let checks = RuleChecks { expression: &|_| Ok(()), template: &|_, _| Ok(()) };
    let text = "foo: 1\ngroups: [{name: g, bar: 1, rules: [{record: a, expr: b, baz: 1}]}]";
    assert_eq!(RuleFile::parse(text, &checks, true).unwrap().rules(), 1);
    assert!(RuleFile::parse(text, &checks, false).is_err());
}
