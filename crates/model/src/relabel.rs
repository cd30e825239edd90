//! Relabelling: rules that keep, drop and rewrite label sets (specification, section 3.6).

mod action;
#[cfg(test)]
mod tests;

use go_regex::Regex;
use md5::{Digest, Md5};

use crate::LabelsBuilder;
use crate::name::ValidationScheme;

pub use action::Action;

/// One checked rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Labels whose values, joined by `separator`, the rule looks at.
    pub source_labels: Vec<String>,
    /// Stands between the values.
    pub separator: String,
    /// Matches the whole joined value; for `labelmap`, `labeldrop` and `labelkeep` the names of labels.
    pub regex: Regex,
    /// Number of classes of `hashmod`; not 0 there.
    pub modulus: u64,
    /// The label that is written or compared; may name groups of `regex` with `replace`.
    pub target_label: String,
    /// What is written; may name groups of `regex`.
    pub replacement: String,
    /// What the rule does.
    pub action: Action,
    /// Which names a rule may write; a name outside is left unwritten.
    pub names: ValidationScheme,
}

/// Rules are equal that say the same; expressions of rules are all wrapped in the same way.
impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        let Self { source_labels, separator, regex, modulus, target_label, replacement, action, names } =
            self;
        *source_labels == other.source_labels
            && *separator == other.separator
            && regex.as_str() == other.regex.as_str()
            && *modulus == other.modulus
            && *target_label == other.target_label
            && *replacement == other.replacement
            && *action == other.action
            && *names == other.names
    }
}

impl Eq for Rule {}

/// Applies rules in order until one drops the labels; `false` where one did.
pub fn relabel(rules: &[Rule], labels: &mut LabelsBuilder) -> bool {
    rules.iter().all(|rule| rule.apply(labels))
}

impl Rule {
    /// Applies the rule; `false` where the labels are to be dropped.
    pub fn apply(&self, labels: &mut LabelsBuilder) -> bool {
        match self.action {
            Action::Keep => return self.regex.is_match(&self.source(labels)),
            Action::Drop => return !self.regex.is_match(&self.source(labels)),
            Action::KeepEqual => return self.source(labels) == labels.value(&self.target_label),
            Action::DropEqual => return self.source(labels) != labels.value(&self.target_label),
            Action::Replace => self.replace(labels),
            Action::Lowercase => {
                let value: String = self.source(labels).chars().map(lowercase).collect();
                labels.set(&self.target_label, &value);
            }
            Action::Uppercase => {
                let value: String = self.source(labels).chars().map(uppercase).collect();
                labels.set(&self.target_label, &value);
            }
            Action::HashMod => {
                let class = hash(&self.source(labels)).checked_rem(self.modulus).unwrap_or(0);
                labels.set(&self.target_label, &class.to_string());
            }
            Action::LabelMap => self.map_names(labels),
            Action::LabelDrop => {
                labels.retain(|name| !self.regex.is_match(name));
            }
            Action::LabelKeep => {
                labels.retain(|name| self.regex.is_match(name));
            }
        }
        true
    }

    fn source(&self, labels: &LabelsBuilder) -> String {
        let mut joined = String::new();
        for (position, name) in self.source_labels.iter().enumerate() {
            if position > 0 {
                joined.push_str(&self.separator);
            }
            joined.push_str(labels.value(name));
        }
        joined
    }

    fn replace(&self, labels: &mut LabelsBuilder) {
        let source = self.source(labels);
        let Some(captures) = self.regex.captures(&source) else { return };
        let mut target = String::new();
        self.regex.expand(&self.target_label, &captures, &mut target);
        if !self.names.is_label_name(&target) {
            return;
        }
        let mut value = String::new();
        self.regex.expand(&self.replacement, &captures, &mut value);
        labels.set(&target, &value);
    }

    fn map_names(&self, labels: &mut LabelsBuilder) {
        let mut mapped = Vec::new();
        labels.for_each(|name, value| {
            if self.regex.is_match(name) {
                mapped.push((self.regex.replace_all(name, &self.replacement), value.to_owned()));
            }
        });
        // Of several names that become one, the label that was set last stays.
        for (name, value) in mapped {
            labels.set(&name, &value);
        }
    }
}

/// The lower case of one character as one character, as Go has it.
fn lowercase(character: char) -> char {
    character.to_lowercase().next().unwrap_or(character)
}

/// The upper case of one character as one character, as Go has it: `ß` has none.
fn uppercase(character: char) -> char {
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(only), None) => only,
        _ => character,
    }
}

/// The last eight bytes of the MD5 of `text` as one number, the most significant first.
fn hash(text: &str) -> u64 {
    let digest: [u8; 16] = Md5::digest(text.as_bytes()).into();
    digest.iter().skip(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
