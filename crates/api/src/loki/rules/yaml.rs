//! Groups of rules as YAML, the way they stand in a file.

use std::collections::BTreeMap;

use model::duration::format_duration;
use rules::{GroupView, RuleView};

/// Groups by namespace.
pub(super) fn namespaces(namespaces: &BTreeMap<&str, Vec<&GroupView>>) -> String {
    let mut out = String::new();
    for (name, groups) in namespaces {
        out.push_str(&format!("{}:\n", scalar(name)));
        for group in groups {
            push_item(&mut out, "    ", &lines(group));
        }
    }
    out
}

/// One group.
pub(super) fn group(group: &GroupView) -> String {
    lines(group).iter().map(|line| format!("{line}\n")).collect()
}

fn lines(group: &GroupView) -> Vec<String> {
    let mut lines = vec![
        format!("name: {}", scalar(&group.name)),
        format!("interval: {}", format_duration(group.interval)),
    ];
    if group.limit > 0 {
        lines.push(format!("limit: {}", group.limit));
    }
    lines.push("rules:".to_owned());
    let mut rules = String::new();
    for rule in &group.rules {
        push_item(&mut rules, "    ", &rule_lines(rule));
    }
    lines.extend(rules.lines().map(str::to_owned));
    lines
}

fn rule_lines(rule: &RuleView) -> Vec<String> {
    let kind = if rule.alerting.is_some() { "alert" } else { "record" };
    let mut lines = vec![format!("{kind}: {}", scalar(&rule.name)), format!("expr: {}", scalar(&rule.query))];
    if let Some(alerting) = &rule.alerting {
        for (key, span) in [("for", alerting.hold), ("keep_firing_for", alerting.keep_firing_for)] {
            if !span.is_zero() {
                lines.push(format!("{key}: {}", format_duration(span)));
            }
        }
    }
    push_map(&mut lines, "labels", &rule.labels);
    if let Some(alerting) = &rule.alerting {
        push_map(&mut lines, "annotations", &alerting.annotations);
    }
    lines
}

fn push_map(lines: &mut Vec<String>, key: &str, map: &BTreeMap<String, String>) {
    if map.is_empty() {
        return;
    }
    lines.push(format!("{key}:"));
    lines.extend(map.iter().map(|(name, value)| format!("    {}: {}", scalar(name), scalar(value))));
}

/// An item of a list, which its lines make up.
fn push_item(out: &mut String, indent: &str, lines: &[String]) {
    for (place, line) in lines.iter().enumerate() {
        let mark = if place == 0 { "- " } else { "  " };
        out.push_str(&format!("{indent}{mark}{line}\n"));
    }
}

/// A text: as it is where it cannot be taken for anything else, in quotes otherwise.
fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|part| part.is_ascii_alphanumeric() || "_-./".contains(part))
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&text.to_ascii_lowercase().as_str());
    // A text of JSON is one of YAML too.
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}
