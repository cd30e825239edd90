//! Rules by which alerts silence others.

use std::collections::BTreeMap;

use alerting::InhibitRule;

use super::matchers::{MatchExpressions, MatcherList, check_names, combined};
use crate::{
    decode::{Check, Decoder, Invalid, section},
    yaml::Node,
};

section! {
    /// A rule: alerts of the source silence those of the target.
    pub struct InhibitRuleConfig as "common.plain" {
        /// What the rule is called.
        name: String = String::new() => ["name"];
        /// Labels of sources, the old form.
        source_match: BTreeMap<String, String> = BTreeMap::new() => ["source_match"];
        /// Expressions for labels of sources, the old form.
        source_match_re: MatchExpressions = MatchExpressions::default() => ["source_match_re"];
        /// Conditions for sources.
        source_matchers: MatcherList = MatcherList::default() => ["source_matchers"];
        /// Labels of targets, the old form.
        target_match: BTreeMap<String, String> = BTreeMap::new() => ["target_match"];
        /// Expressions for labels of targets, the old form.
        target_match_re: MatchExpressions = MatchExpressions::default() => ["target_match_re"];
        /// Conditions for targets.
        target_matchers: MatcherList = MatcherList::default() => ["target_matchers"];
        /// Labels that both must have alike.
        equal: Vec<String> = Vec::new() => ["equal"];
    }
}

impl Check for InhibitRuleConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        check_names(self.source_match.keys(), "source_match", node, decoder)?;
        check_names(self.source_match_re.0.keys(), "source_match_re", node, decoder)?;
        check_names(self.target_match.keys(), "target_match", node, decoder)?;
        check_names(self.target_match_re.0.keys(), "target_match_re", node, decoder)?;
        if self.equal.iter().any(String::is_empty) {
            return Err(decoder.invalid_key(node, "equal", "invalid label name \"\" in equal list"));
        }
        Ok(())
    }
}

impl InhibitRuleConfig {
    /// The rule as the dispatcher takes it.
    pub fn rule(&self) -> InhibitRule {
        InhibitRule {
            name: self.name.clone(),
            source: combined(&self.source_match, &self.source_match_re, &self.source_matchers),
            target: combined(&self.target_match, &self.target_match_re, &self.target_matchers),
            equal: self.equal.clone(),
        }
    }
}
