//! Texts, booleans and numbers.

use super::{Decoder, Field, Invalid};
use crate::yaml::{Node, Resolved, Yaml};

impl Field for String {
    fn zero() -> Self {
        String::new()
    }

    fn type_name() -> String {
        "string".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        match (node.resolve(), node.scalar()) {
            (Some(Resolved::Binary(bytes)), _) => match String::from_utf8(bytes) {
                Ok(text) => *self = text,
                Err(_) => return Err(decoder.invalid(node, "yaml: !!binary value is no UTF-8 text")),
            },
            (_, Some(scalar)) => self.clone_from(&scalar.text),
            _ => return Ok(decoder.wrong_type(node, "string")),
        }
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        Yaml::Text(self.clone())
    }

    fn is_zero(&self) -> bool {
        self.is_empty()
    }
}

impl Field for bool {
    fn zero() -> Self {
        false
    }

    fn type_name() -> String {
        "bool".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        match node.resolve() {
            Some(Resolved::Bool(value)) => *self = value,
            _ => return Ok(decoder.wrong_type(node, "bool")),
        }
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        Yaml::Plain(self.to_string())
    }

    fn is_zero(&self) -> bool {
        !self
    }
}

/// Whole numbers: a fraction is cut off, as the originals do it; what is out of range does not fit.
macro_rules! whole_number {
    ($rust:ty, $go:literal) => {
        impl Field for $rust {
            fn zero() -> Self {
                0
            }

            fn type_name() -> String {
                $go.into()
            }

            fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
                let value = match node.resolve() {
                    Some(Resolved::Int(n)) => <$rust>::try_from(n).ok(),
                    Some(Resolved::Uint(n)) => <$rust>::try_from(n).ok(),
                    Some(Resolved::Float(n)) if n >= <$rust>::MIN as f64 && n <= <$rust>::MAX as f64 => {
                        Some(n as $rust)
                    }
                    _ => None,
                };
                match value {
                    Some(value) => *self = value,
                    None => return Ok(decoder.wrong_type(node, $go)),
                }
                Ok(true)
            }

            fn encode(&self) -> Yaml {
                Yaml::Plain(self.to_string())
            }

            fn is_zero(&self) -> bool {
                *self == 0
            }
        }
    };
}

whole_number!(u64, "uint64");
whole_number!(usize, "uint");
whole_number!(i64, "int64");
whole_number!(isize, "int");

impl Field for f64 {
    fn zero() -> Self {
        0.0
    }

    fn type_name() -> String {
        "float64".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        *self = match node.resolve() {
            Some(Resolved::Int(n)) => n as f64,
            Some(Resolved::Uint(n)) => n as f64,
            Some(Resolved::Float(n)) => n,
            _ => return Ok(decoder.wrong_type(node, "float64")),
        };
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        Yaml::Plain(self.to_string())
    }

    fn is_zero(&self) -> bool {
        *self == 0.0
    }
}
