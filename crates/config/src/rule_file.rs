//! Files of rules: groups of recording and alerting rules, read with their places and checked (specification, 7.1).
//!
//! What an expression or a template may be is known elsewhere: [`RuleChecks`] asks.

use std::{collections::BTreeMap, rc::Rc, time::Duration};

mod load;
#[cfg(test)]
mod tests;
mod validate;

pub use load::{LoadedRuleFile, load_rule_files};
pub use validate::RuleChecks;

use crate::{
    decode::{Check, Decoder, Dialect, Field, decode_document, section},
    error::{Fault, Problem},
    yaml::{Node, Position},
};

section! {
    /// A file of rules.
    pub struct RuleFile as "rulefmt.RuleGroups" {
        /// Its groups.
        groups: Vec<RuleGroup> = Vec::new() => ["groups", always];
    }
}

section! {
    /// Rules that are evaluated together, one after the other.
    pub struct RuleGroup as "rulefmt.RuleGroup" {
        /// What the group is called, once in its file.
        name: String = String::new() => ["name", always];
        /// How often; as `global` says unless given.
        interval: Duration = Duration::ZERO => ["interval"];
        /// How far in the past; as `global` says unless given.
        query_offset: Option<Duration> = None => ["query_offset"];
        /// How many alerts or series a rule may make; 0: as many as it likes.
        limit: isize = 0 => ["limit"];
        /// The rules.
        rules: Vec<Rule> = Vec::new() => ["rules", always];
        /// Labels that each rule gets, where it has none of its own of that name.
        labels: BTreeMap<String, String> = BTreeMap::new() => ["labels"];
    }
}

section! {
    /// A rule: it records a series, or it alerts.
    pub struct Rule as "rulefmt.Rule" {
        /// The name of the series.
        record: String = String::new() => ["record"];
        /// The name of the alert.
        alert: String = String::new() => ["alert"];
        /// The expression.
        expr: String = String::new() => ["expr", always];
        /// How long it holds before the alert fires.
        hold: Duration = Duration::ZERO => ["for"];
        /// How long the alert fires on when it holds no longer.
        keep_firing_for: Duration = Duration::ZERO => ["keep_firing_for"];
        /// Labels that are added.
        labels: BTreeMap<String, String> = BTreeMap::new() => ["labels"];
        /// What the alert says.
        annotations: BTreeMap<String, String> = BTreeMap::new() => ["annotations"];
    }
}

impl Check for RuleFile {}
impl Check for RuleGroup {}
impl Check for Rule {}

impl Rule {
    /// The name under which the rule is known: that of the alert, or that of the series.
    pub fn name(&self) -> &str {
        if self.alert.is_empty() { &self.record } else { &self.alert }
    }
}

/// What is wrong with a file of rules: each as the originals print it, and with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleProblem {
    /// The line that the originals print, without the name of the file.
    pub text: String,
    /// What is wrong where.
    pub problem: Problem,
}

impl RuleFile {
    /// Reads a file of rules and checks it.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn parse(
        text: &str,
        checks: &RuleChecks<'_>,
        ignore_unknown_keys: bool,
    ) -> Result<RuleFile, Vec<RuleProblem>> {
        let mut decoder = Decoder::new(ignore_unknown_keys);
        decoder.dialect = Dialect::Third;
        let mut file = RuleFile::zero();
        let node = match decode_document(&mut file, text, &mut decoder) {
            Ok(node) => node,
            Err(fault) => return Err(problems_of(&fault)),
        };
        let problems = validate::validate(&file, &node, checks);
        if problems.is_empty() { Ok(file) } else { Err(problems) }
    }

    /// How many rules there are.
    pub fn rules(&self) -> usize {
        self.groups.iter().map(|group| group.rules.len()).sum()
    }
}

/// The originals read a file of rules twice, once for its values and once for their places, and print what either finds.
fn problems_of(fault: &Fault) -> Vec<RuleProblem> {
    let second = match fault {
        Fault::Syntax(_) | Fault::Invalid(_) => Some(fault.clone()),
        Fault::Types(problems) => {
            let seen: Vec<Problem> = problems.iter().filter_map(second_reading).collect();
            if seen.is_empty() { None } else { Some(Fault::Types(seen)) }
        }
    };
    let texts = [Some(fault.clone()), second].into_iter().flatten();
    texts
        .filter_map(|fault| {
            let problem = fault.problems().first()?.clone();
            Some(RuleProblem { text: fault.to_string(), problem })
        })
        .collect()
}

/// What the reading for places makes of a problem: unknown keys and the values of three keys do not trouble it.
fn second_reading(problem: &Problem) -> Option<Problem> {
    let any_value = [".record", ".alert", ".expr"].iter().any(|key| problem.key.ends_with(key));
    if problem.message.contains(" not found in type ") || any_value {
        return None;
    }
    let mut seen = problem.clone();
    for (values, places) in [
        ("rulefmt.RuleGroups", "rulefmt.ruleGroups"),
        ("rulefmt.RuleGroup", "rulefmt.RuleGroupNode"),
        ("rulefmt.Rule", "rulefmt.RuleNode"),
    ] {
        if let Some(message) = seen.message.strip_suffix(values) {
            seen.message = format!("{message}{places}");
            break;
        }
    }
    Some(seen)
}

/// The nodes of the list under `key` that are not null: those that became values.
fn items(node: &Node, key: &str) -> Vec<Rc<Node>> {
    let list = node.get(key).and_then(|list| list.sequence()).unwrap_or_default();
    list.iter().filter(|item| !item.is_null()).cloned().collect()
}

/// Where the value of `key` stands; the place 0:0 where it does not.
fn place(node: &Node, key: &str) -> Position {
    node.get(key).map(|value| value.at).unwrap_or_default()
}
