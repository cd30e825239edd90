//! Names of labels.

use std::collections::BTreeMap;

use crate::{
    decode::{Decoder, Field, Invalid},
    yaml::{Node, Yaml},
};

/// A label name: any text that is not empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LabelName(pub(crate) String);

/// The error of a text that is no label name.
pub(crate) fn no_label_name(text: &str) -> String {
    format!("{} is not a valid label name", model::quote::quote(text))
}

impl Field for LabelName {
    fn zero() -> Self {
        LabelName::default()
    }

    fn type_name() -> String {
        "model.LabelName".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        if !self.0.decode(node, decoder)? {
            return Ok(false);
        }
        if self.0.is_empty() {
            return Err(decoder.invalid(node, no_label_name("")));
        }
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        self.0.encode()
    }

    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }
}

/// Label names as they stand in `source_labels`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelNames(pub Vec<String>);

impl Field for LabelNames {
    fn zero() -> Self {
        LabelNames::default()
    }

    fn type_name() -> String {
        "model.LabelNames".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        if node.sequence().is_none() {
            return Ok(decoder.wrong_type(node, &Self::type_name()));
        }
        let mut names: Vec<LabelName> = Vec::new();
        let good = names.decode(node, decoder)?;
        self.0 = names.into_iter().map(|name| name.0).collect();
        Ok(good)
    }

    fn encode(&self) -> Yaml {
        Yaml::Flow(self.0.iter().map(Field::encode).collect())
    }

    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }
}

/// Labels as a mapping of name and value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSet(pub BTreeMap<String, String>);

impl Field for LabelSet {
    fn zero() -> Self {
        LabelSet::default()
    }

    fn type_name() -> String {
        "model.LabelSet".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        if node.mapping().is_none() {
            return Ok(decoder.wrong_type(node, &Self::type_name()));
        }
        let good = self.0.decode(node, decoder)?;
        if self.0.contains_key("") {
            return Err(decoder.invalid_key(node, "", no_label_name("")));
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
