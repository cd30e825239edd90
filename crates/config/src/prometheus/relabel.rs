//! Relabelling rules: what the file says, and whether it makes sense together (specification, section 3.6).

use go_regex::Regex;
use model::{
    name::ValidationScheme,
    quote::quote,
    relabel::{Action, Rule},
};

use crate::{
    decode::{Check, Decoder, Field, Invalid, section},
    values::LabelNames,
    yaml::{Node, Yaml},
};

section! {
    /// One relabelling rule as the file gives it.
    pub struct RelabelConfig as "relabel.plain" {
        /// Labels whose values, joined, the rule looks at.
        source_labels: LabelNames = LabelNames::default() => ["source_labels"];
        /// Stands between the values.
        separator: String = ";".into() => ["separator", always];
        /// What the joined value must match.
        regex: RelabelRegex = RelabelRegex::Default => ["regex"];
        /// Number of classes of `hashmod`.
        modulus: u64 = 0 => ["modulus"];
        /// The label that is written.
        target_label: String = String::new() => ["target_label"];
        /// What is written.
        replacement: String = "$1".into() => ["replacement", always];
        /// What the rule does.
        action: RelabelAction = RelabelAction(Some(Action::Replace)) => ["action"];
    }
}

/// The expression is checked where it is read, the rest once it is known which names are valid.
impl Check for RelabelConfig {}

impl RelabelConfig {
    /// Why the rule cannot be: the key that is at fault, and the original's words.
    pub(crate) fn fault(&self, names: ValidationScheme) -> Option<(&'static str, String)> {
        let Some(action) = self.action.0 else {
            return Some(("action", "relabel action cannot be empty".into()));
        };
        let name = action.as_str();
        if self.modulus == 0 && action == Action::HashMod {
            return Some(("modulus", "relabel configuration for hashmod requires non-zero modulus".into()));
        }
        if writes_target(action) && self.target_label.is_empty() {
            let message = format!("relabel configuration for {name} action requires 'target_label' value");
            return Some(("target_label", message));
        }
        if !self.target_fits(action, names) {
            let message =
                format!("{} is invalid 'target_label' for {name} action", quote(&self.target_label));
            return Some(("target_label", message));
        }
        let replaces_nothing = [Action::Lowercase, Action::Uppercase, Action::KeepEqual, Action::DropEqual];
        if replaces_nothing.contains(&action) && self.replacement != "$1" {
            return Some(("replacement", format!("'replacement' can not be set for {name} action")));
        }
        if action == Action::LabelMap && !is_name_template(&self.replacement, names) {
            let message = format!("{} is invalid 'replacement' for {name} action", quote(&self.replacement));
            return Some(("replacement", message));
        }
        self.fault_of_needless_keys(action)
    }

    fn target_fits(&self, action: Action, names: ValidationScheme) -> bool {
        match action {
            Action::Replace if self.target_label.contains('$') => is_name_template(&self.target_label, names),
            _ if writes_target(action) => names.is_label_name(&self.target_label),
            _ => true,
        }
    }

    fn fault_of_needless_keys(&self, action: Action) -> Option<(&'static str, String)> {
        let name = action.as_str();
        let set = self.modulus != 0 || self.separator != ";" || self.replacement != "$1";
        match action {
            Action::DropEqual | Action::KeepEqual if set || !self.regex.is_default() => {
                let only = "action requires only 'source_labels' and `target_label`, and no other fields";
                Some(("action", format!("{name} {only}")))
            }
            Action::LabelDrop | Action::LabelKeep
                if set || !self.source_labels.is_zero() || !self.target_label.is_empty() =>
            {
                Some(("action", format!("{name} action requires only 'regex', and no other fields")))
            }
            _ => None,
        }
    }

    /// The rule, ready to be applied. `None` when [`RelabelConfig::fault`] finds one.
    pub fn rule(&self, names: ValidationScheme) -> Option<Rule> {
        if self.fault(names).is_some() {
            return None;
        }
        Some(Rule {
            source_labels: self.source_labels.0.clone(),
            separator: self.separator.clone(),
            regex: self.regex.compile()?,
            modulus: self.modulus,
            target_label: self.target_label.clone(),
            replacement: self.replacement.clone(),
            action: self.action.0?,
            names,
        })
    }
}

/// Checks the rules that stand under `key` of the section at `node`.
pub(crate) fn check_rules(
    rules: &[RelabelConfig],
    names: ValidationScheme,
    decoder: &Decoder,
    node: &Node,
    key: &str,
) -> Result<(), Invalid> {
    for (index, rule) in rules.iter().enumerate() {
        let Some((at_key, message)) = rule.fault(names) else { continue };
        let place = node.get(key).and_then(|list| list.sequence()?.get(index).cloned());
        let mut problem = match &place {
            Some(place) => *decoder.invalid_key(place, at_key, message),
            None => decoder.problem(node, message),
        };
        let before = decoder.key();
        let dot = if before.is_empty() { "" } else { "." };
        problem.key = format!("{before}{dot}{key}[{index}].{at_key}");
        return Err(Box::new(problem));
    }
    Ok(())
}

/// Whether the action writes `target_label`, or compares with it.
fn writes_target(action: Action) -> bool {
    !matches!(action, Action::Keep | Action::Drop | Action::LabelMap | Action::LabelDrop | Action::LabelKeep)
}

/// Whether a text is a label name once its references to groups, `$1` or `${1}`, are filled in.
fn is_name_template(text: &str, names: ValidationScheme) -> bool {
    if names == ValidationScheme::Utf8 {
        return !text.is_empty();
    }
    let mut rest = text;
    let mut first = true;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = match c {
            '$' => match skip_reference(after) {
                Some(after) => after,
                None => return false,
            },
            '0'..='9' if first => return false,
            _ if c.is_ascii_alphanumeric() || c == '_' => after,
            _ => return false,
        };
        first = false;
    }
    !first
}

/// What stands behind `name` or `{name}`.
fn skip_reference(text: &str) -> Option<&str> {
    let word = |text: &str| text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').count();
    match text.strip_prefix('{') {
        Some(inside) => {
            let (name, after) = inside.split_at_checked(word(inside))?;
            after.strip_prefix('}').filter(|_| !name.is_empty())
        }
        None => {
            text.split_at_checked(word(text)).filter(|(name, _)| !name.is_empty()).map(|(_, after)| after)
        }
    }
}

/// The expression of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RelabelRegex {
    /// None is given: everything matches, as one group.
    #[default]
    Default,
    /// It is given as null: as if none were.
    Null,
    /// It is given.
    Pattern(String),
}

impl RelabelRegex {
    /// Everything, as one group.
    const EVERYTHING: &'static str = "(.*)";

    /// The pattern as it was given, or what stands for it.
    pub fn pattern(&self) -> &str {
        match self {
            RelabelRegex::Pattern(pattern) => pattern,
            RelabelRegex::Default | RelabelRegex::Null => RelabelRegex::EVERYTHING,
        }
    }

    fn is_default(&self) -> bool {
        *self == RelabelRegex::Default
    }

    /// The pattern must match the whole text; errors name it as the originals wrap it.
    fn wrap(pattern: &str) -> Result<Regex, go_regex::Error> {
        Regex::wrapped("^(?s:", pattern, ")$")
    }

    fn compile(&self) -> Option<Regex> {
        RelabelRegex::wrap(self.pattern()).ok()
    }
}

impl Field for RelabelRegex {
    fn zero() -> Self {
        RelabelRegex::Null
    }

    fn type_name() -> String {
        "string".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let mut pattern = String::new();
        if !pattern.decode(node, decoder)? {
            return Ok(false);
        }
        if let Err(error) = RelabelRegex::wrap(&pattern) {
            let problem = decoder.invalid(node, error.to_string());
            return Err(Box::new(problem.expected("a regular expression in RE2 syntax")));
        }
        *self = RelabelRegex::Pattern(pattern);
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        match self {
            RelabelRegex::Pattern(pattern) => Yaml::Text(pattern.clone()),
            RelabelRegex::Default | RelabelRegex::Null => Yaml::Plain("null".into()),
        }
    }

    /// What is not given is not printed.
    fn is_zero(&self) -> bool {
        self.is_default()
    }
}

/// The action of a rule; none when it is given as null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RelabelAction(pub Option<Action>);

impl Field for RelabelAction {
    fn zero() -> Self {
        RelabelAction(None)
    }

    fn type_name() -> String {
        "string".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let mut text = String::new();
        if !text.decode(node, decoder)? {
            return Ok(false);
        }
        let action = Action::parse(&text);
        if action.is_none() {
            let problem = decoder.invalid(node, format!("unknown relabel action {}", quote(&text)));
            return Err(Box::new(problem.expected("an action such as replace, keep or drop")));
        }
        self.0 = action;
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        Yaml::Text(self.0.map_or("", |action| action.as_str()).into())
    }

    fn is_zero(&self) -> bool {
        self.0.is_none()
    }
}
