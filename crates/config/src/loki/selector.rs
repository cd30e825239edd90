//! Selectors of streams.

use model::Matcher;

use crate::{
    decode::{Decoder, Field, Invalid},
    yaml::{Node, Yaml},
};

/// A selector of streams: `{app="web", env=~"dev|test"}`.
#[derive(Clone, Debug, Default)]
pub struct Selector {
    text: String,
    matchers: Vec<Matcher>,
}

/// Selectors are the same that are written alike.
impl PartialEq for Selector {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Selector {
    /// What streams have to fulfil.
    pub fn matchers(&self) -> &[Matcher] {
        &self.matchers
    }

    /// The selector as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Field for Selector {
    fn zero() -> Self {
        Selector::default()
    }

    fn type_name() -> String {
        "string".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        if !self.text.decode(node, decoder)? {
            return Ok(false);
        }
        match logql_syntax::parse_selector(&self.text, logql_syntax::Options::default()) {
            Ok(matchers) => self.matchers = matchers,
            Err(error) => {
                let text = model::quote::quote(&self.text);
                let message = format!("invalid labels matchers {text}: {error}");
                return Err(decoder.invalid(node, message));
            }
        }
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        Yaml::Text(self.text.clone())
    }

    fn is_zero(&self) -> bool {
        self.text.is_empty()
    }
}
