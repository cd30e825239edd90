//! Text that must not be seen.

use std::fmt;

use crate::{
    decode::{Decoder, Field, Invalid},
    yaml::{Node, Yaml},
};

/// What stands in the place of a secret wherever configurations are shown.
pub(crate) const MASK: &str = "<secret>";

/// A secret: compared and cloned as text, and shown nowhere, not in logs, not in the printed configuration.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for who has to send it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Secret(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "" } else { MASK })
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl Field for Secret {
    fn zero() -> Self {
        Secret::default()
    }

    fn type_name() -> String {
        "config.plain".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        if node.scalar().is_none() {
            return Ok(decoder.wrong_type(node, "config.plain"));
        }
        self.0.decode(node, decoder)
    }

    fn encode(&self) -> Yaml {
        if self.is_empty() { Yaml::Plain("null".into()) } else { Yaml::Text(MASK.into()) }
    }

    fn is_zero(&self) -> bool {
        self.is_empty()
    }
}
