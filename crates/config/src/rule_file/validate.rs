//! What rules must have, may have, and may not.

use std::collections::HashSet;

use model::quote::quote;

use super::{Rule, RuleFile, RuleGroup, RuleProblem, items, place};
use crate::{
    error::Problem,
    yaml::{Node, Position},
};

/// What is asked elsewhere.
#[derive(Clone, Copy)]
pub struct RuleChecks<'a> {
    /// Whether a text is an expression; the error is worded as the query language words it.
    pub expression: &'a dyn Fn(&str) -> Result<(), String>,
    /// Whether a text, the second argument, is a template; the first is its name in errors.
    pub template: &'a dyn Fn(&str, &str) -> Result<(), String>,
}

/// Looks at all groups and rules.
pub(super) fn validate(file: &RuleFile, node: &Node, checks: &RuleChecks<'_>) -> Vec<RuleProblem> {
    let mut problems = Vec::new();
    let mut names = HashSet::new();
    let nodes = items(node, "groups");
    for (index, group) in file.groups.iter().enumerate() {
        let node = nodes.get(index).map_or(node, |node| node);
        let key = format!("groups[{index}]");
        let mut found = |at_key: &str, text: String| {
            let at =
                if at_key.is_empty() { node.at } else { node.get(at_key).map_or(node.at, |value| value.at) };
            let problem = Problem::new(at, format!("{key}.{at_key}"), text.clone());
            problems.push(RuleProblem { text, problem });
        };
        if group.name.is_empty() {
            found("name", format!("{}: Groupname must not be empty", Position::default()));
        }
        for name in group.labels.keys() {
            if name.is_empty() || name == "__name__" {
                found("labels", format!("invalid label name: {name}"));
            }
        }
        if !names.insert(&group.name) {
            let name = quote(&group.name);
            found("name", format!("{}: groupname: {name} is repeated in the same file", Position::default()));
        }
        validate_rules(group, node, &key, checks, &mut problems);
    }
    problems
}

fn validate_rules(
    group: &RuleGroup,
    node: &Node,
    key: &str,
    checks: &RuleChecks<'_>,
    problems: &mut Vec<RuleProblem>,
) {
    let nodes = items(node, "rules");
    for (index, rule) in group.rules.iter().enumerate() {
        let node = nodes.get(index).map_or(node, |node| node);
        let whose = format!("group {}, rule {}, {}", quote(&group.name), index + 1, quote(rule.name()));
        for finding in validate_rule(rule, node, checks) {
            let places: String = finding.places.iter().map(|place| format!("{place}: ")).collect();
            let at = finding.places.iter().find(|place| place.line > 0).copied().unwrap_or(node.at);
            let key = format!("{key}.rules[{index}].{}", finding.key);
            problems.push(RuleProblem {
                text: format!("{places}{whose}: {}", finding.message),
                problem: Problem::new(at, key, finding.message),
            });
        }
    }
}

/// What is wrong with a rule: the places that the originals name, and the words.
struct Finding {
    places: Vec<Position>,
    key: &'static str,
    message: String,
}

fn validate_rule(rule: &Rule, node: &Node, checks: &RuleChecks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |places: Vec<Position>, key: &'static str, message: String| {
        findings.push(Finding { places, key, message });
    };
    let (record, alert) = (place(node, "record"), place(node, "alert"));
    match (rule.record.is_empty(), rule.alert.is_empty()) {
        (false, false) => {
            find(vec![record, alert], "alert", "only one of 'record' and 'alert' must be set".into());
        }
        (true, true) => {
            find(vec![record, alert], "", "one of 'record' or 'alert' must be set".into());
        }
        _ => {}
    }
    let expr = place(node, "expr");
    if rule.expr.is_empty() {
        find(vec![expr], "expr", "field 'expr' must be set in rule".into());
    } else if let Err(message) = (checks.expression)(&rule.expr) {
        find(vec![expr], "expr", format!("could not parse expression: {message}"));
    }
    if !rule.record.is_empty() {
        for (key, given) in [
            ("annotations", !rule.annotations.is_empty()),
            ("for", !rule.hold.is_zero()),
            ("keep_firing_for", !rule.keep_firing_for.is_zero()),
        ] {
            if given {
                find(vec![record], key, format!("invalid field '{key}' in recording rule"));
            }
        }
        if rule.record.contains(['{', '}']) {
            let message =
                format!("braces present in the recording rule name; should it be in expr?: {}", rule.record);
            find(vec![record], "record", message);
        }
    }
    for name in rule.labels.keys() {
        if name.is_empty() || name == "__name__" {
            find(Vec::new(), "labels", format!("invalid label name: {name}"));
        }
    }
    for name in rule.annotations.keys() {
        if name.is_empty() {
            find(Vec::new(), "annotations", format!("invalid annotation name: {name}"));
        }
    }
    if !rule.alert.is_empty() {
        let name = format!("__alert_{}", rule.alert);
        for (key, word, texts) in
            [("labels", "label", &rule.labels), ("annotations", "annotation", &rule.annotations)]
        {
            for (label, text) in texts {
                if let Err(message) = (checks.template)(&name, text) {
                    find(Vec::new(), key, format!("{word} {}: {message}", quote(label)));
                }
            }
        }
    }
    findings
}
