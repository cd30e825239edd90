//! Durations in Prometheus's notation, `1h30m`.

use std::time::Duration;

use crate::{
    decode::{Decoder, Field, Invalid},
    yaml::{Node, Yaml},
};

impl Field for Duration {
    fn zero() -> Self {
        Duration::ZERO
    }

    fn type_name() -> String {
        "string".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let mut text = String::new();
        if !text.decode(node, decoder)? {
            return Ok(false);
        }
        *self = model::duration::parse_duration(&text).map_err(|error| {
            let problem = decoder.invalid(node, error.to_string());
            Box::new(problem.expected("a duration such as 30s, 5m or 1h30m"))
        })?;
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        Yaml::Text(model::duration::format_duration(*self))
    }

    fn is_zero(&self) -> bool {
        Duration::is_zero(self)
    }
}
