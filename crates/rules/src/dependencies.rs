//! Which rules of a group need which: what decides the order in which they may be evaluated beside each other.

use std::collections::HashSet;

use model::{Labels, LabelsBuilder, Matcher, labels::METRIC_NAME};

use crate::{
    alerting::{ALERTS, ALERTS_FOR_STATE},
    rule::Rule,
};

/// Rules, by position, in batches: those of one batch may be evaluated at once.
pub(crate) type Batches = Vec<Vec<usize>>;

/// The batches of a group: rules that need no other, then one by one those that need some and are needed, then those
/// that nobody needs. One by one all of them where it cannot be told.
pub(crate) fn batches(rules: &[Rule]) -> Batches {
    let sequence = || (0..rules.len()).map(|rule| vec![rule]).collect();
    let Some(needs) = needs(rules) else { return sequence() };
    let is_needed = |rule: usize| needs.iter().any(|needed| needed.contains(&rule));
    let has_needs = |rule: usize| needs.get(rule).is_some_and(|needed| !needed.is_empty());
    let all = 0..rules.len();
    let mut batches = vec![all.clone().filter(|rule| !has_needs(*rule)).collect::<Vec<_>>()];
    batches.extend(all.clone().filter(|rule| has_needs(*rule) && is_needed(*rule)).map(|rule| vec![rule]));
    batches.push(all.filter(|rule| has_needs(*rule) && !is_needed(*rule)).collect());
    batches.retain(|batch| !batch.is_empty());
    batches
}

/// The rules that each rule reads the results of; none where a rule reads series of any name.
fn needs(rules: &[Rule]) -> Option<Vec<Vec<usize>>> {
    let outputs: Vec<Vec<Labels>> = rules.iter().map(outputs).collect();
    let mut all = Vec::with_capacity(rules.len());
    for (reader, rule) in rules.iter().enumerate() {
        let mut needed = Vec::new();
        for matchers in rule.expression.selectors() {
            if !matchers.iter().any(|matcher| matcher.is_metric_name()) {
                return None;
            }
            for (writer, written) in outputs.iter().enumerate() {
                let reads = written.iter().any(|labels| {
                    matchers
                        .iter()
                        .filter(|matcher| labels.get(matcher.name()).is_some())
                        .all(|matcher| matcher.matches(labels.value(matcher.name())))
                });
                if writer != reader && reads && !needed.contains(&writer) {
                    needed.push(writer);
                }
            }
        }
        all.push(needed);
    }
    Some(all)
}

/// For each rule whether what those before it gave must be written before it is evaluated. What need not be is written
/// together: a batch of its own for each of ten thousand rules costs more than many of them do.
pub(crate) fn written_before(rules: &[Rule]) -> Vec<bool> {
    let mut waiting: HashSet<&str> = HashSet::new();
    let mut all = Vec::with_capacity(rules.len());
    for rule in rules {
        let name = rule.settings.name.as_str();
        // Templates of alerts ask what they like. Two rules of one name may give the same series.
        let must_be = rule.alerting.is_some()
            || waiting.contains(name)
            || rule.expression.selectors().iter().any(|matchers| reads_any(matchers, &waiting));
        all.push(must_be);
        if must_be {
            waiting.clear();
        }
        if rule.alerting.is_none() {
            waiting.insert(name);
        }
    }
    all
}

/// Whether a selector may read a series of one of these names.
fn reads_any(matchers: &[Matcher], names: &HashSet<&str>) -> bool {
    if let Some(equal) = matchers.iter().find(|matcher| matcher.is_metric_name()) {
        return names.contains(equal.value());
    }
    let of_name = |matcher: &&Matcher| matcher.name() == METRIC_NAME;
    names.iter().any(|name| matchers.iter().filter(of_name).all(|matcher| matcher.matches(name)))
}

/// The labels that are known of what a rule writes.
fn outputs(rule: &Rule) -> Vec<Labels> {
    let name = &rule.settings.name;
    if rule.alerting.is_none() {
        return vec![Labels::from_pairs([(METRIC_NAME, name)])];
    }
    let base = Labels::from_pairs([("alertname", name)]);
    let named = |metric: &str| LabelsBuilder::new(base.clone()).set(METRIC_NAME, metric).build();
    vec![named(ALERTS), named(ALERTS_FOR_STATE)]
}
