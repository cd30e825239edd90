//! Matchers in their forms: lists of texts, and the two old mappings.

use std::collections::BTreeMap;

use alerting::matchers::{Syntax, parse_matchers};
use alerting::{MatchOp, Matcher};

use crate::{
    decode::{Decoder, Field, Invalid},
    yaml::{Node, Yaml},
};

/// A list of matchers, each text holding one or more.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MatcherList(pub Vec<Matcher>);

/// Labels with the expressions that their values must match, as the old keys have them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MatchExpressions(pub BTreeMap<String, String>);

impl Field for MatcherList {
    fn zero() -> Self {
        MatcherList::default()
    }

    fn type_name() -> String {
        "[]string".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let mut lines: Vec<String> = Vec::new();
        if !lines.decode(node, decoder)? {
            return Ok(false);
        }
        self.0.clear();
        for (line, item) in lines.iter().zip(node.sequence().unwrap_or_default()) {
            // The syntax is that of the process: a file has no say in it.
            let parsed = parse_matchers(line, Syntax::Both)
                .map_err(|error| decoder.invalid(item, error.to_string()))?;
            if let Some(notice) = parsed.notice {
                let problem = decoder.problem(item, notice.to_string()).found(format!("`{line}`"));
                decoder.warn(problem);
            }
            self.0.extend(parsed.value);
        }
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        Yaml::Sequence(self.0.iter().map(|matcher| Yaml::Text(matcher.to_string())).collect())
    }

    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }
}

impl Field for MatchExpressions {
    fn zero() -> Self {
        MatchExpressions::default()
    }

    fn type_name() -> String {
        "map[string]string".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let good = self.0.decode(node, decoder)?;
        for (name, expression) in &self.0 {
            if node.get(name).is_some_and(|value| value.is_null()) {
                let message = format!("invalid regexp value for {}", model::quote::quote(name));
                return Err(decoder.invalid_key(node, name, message));
            }
            Matcher::new(name.as_str(), MatchOp::Regex, expression.as_str())
                .map_err(|error| decoder.invalid_key(node, name, error.to_string()))?;
        }
        Ok(good)
    }

    fn encode(&self) -> Yaml {
        self.0.encode()
    }

    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }
}

/// Refuses names that the old keys do not take.
pub(super) fn check_names<'a>(
    names: impl Iterator<Item = &'a String>,
    key: &str,
    node: &Node,
    decoder: &Decoder,
) -> Result<(), Invalid> {
    for name in names {
        if !model::name::is_legacy_label_name(name) {
            let message = format!("invalid label name {}", model::quote::quote(name));
            return Err(decoder.invalid_key(node, key, message));
        }
    }
    Ok(())
}

/// All three forms as one sorted list. The old expressions keep the anchors that the original writes into keys.
pub(super) fn combined(
    equal: &BTreeMap<String, String>,
    expressions: &MatchExpressions,
    matchers: &MatcherList,
) -> Vec<Matcher> {
    let mut all: Vec<Matcher> =
        equal.iter().map(|(name, value)| Matcher::equal(name.as_str(), value.as_str())).collect();
    // Checked when they were read.
    all.extend(expressions.0.iter().filter_map(|(name, expression)| {
        Matcher::new(name.as_str(), MatchOp::Regex, format!("^(?:{expression})$")).ok()
    }));
    all.extend(matchers.0.iter().cloned());
    all.sort();
    all
}
