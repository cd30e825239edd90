//! Which names of metrics and labels are valid.

use model::{name::ValidationScheme, quote::quote};

use crate::{
    decode::{Decoder, Field, Invalid},
    yaml::{Node, Yaml},
};

/// A choice of which names are valid, or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NameScheme(pub Option<ValidationScheme>);

impl Field for NameScheme {
    fn zero() -> Self {
        NameScheme(None)
    }

    fn type_name() -> String {
        "string".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let mut text = String::new();
        if !text.decode(node, decoder)? {
            return Ok(false);
        }
        self.0 = match text.as_str() {
            "" => None,
            "utf8" => Some(ValidationScheme::Utf8),
            "legacy" => Some(ValidationScheme::Legacy),
            _ => {
                let problem =
                    decoder.invalid(node, format!("unrecognized ValidationScheme: {}", quote(&text)));
                return Err(Box::new(problem.expected("utf8 or legacy")));
            }
        };
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        let name = match self.0 {
            None => "",
            Some(ValidationScheme::Utf8) => "utf8",
            Some(ValidationScheme::Legacy) => "legacy",
        };
        Yaml::Text(name.into())
    }

    fn is_zero(&self) -> bool {
        self.0.is_none()
    }
}
