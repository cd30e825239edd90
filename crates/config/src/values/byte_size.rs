//! Sizes in bytes: `512MB`, `1GiB`. A kilobyte has 1024 bytes, however it is spelled.

use crate::{
    decode::{Decoder, Field, Invalid},
    yaml::{Node, Yaml},
};

/// A number of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(pub i64);

/// Units from small to large, each 1024 times the one before.
const PREFIXES: [&str; 7] = ["", "K", "M", "G", "T", "P", "E"];

impl ByteSize {
    /// Reads a size: numbers with units, one behind the other, as in `1MB512KB`.
    ///
    /// # Errors
    /// The text is none; the message is the original's.
    pub fn parse(text: &str) -> Result<ByteSize, String> {
        let invalid = || format!("units: invalid {text}");
        let (negative, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if rest == "0" {
            return Ok(ByteSize(0));
        }
        if rest.is_empty() {
            return Err(invalid());
        }
        let mut total = 0.0;
        while !rest.is_empty() {
            let number_chars = rest.bytes().take_while(|c| c.is_ascii_digit() || *c == b'.').count();
            let (number, after) = rest.split_at(number_chars);
            let unit_bytes = after.bytes().take_while(|c| !c.is_ascii_digit() && *c != b'.').count();
            let (unit, after) = after.split_at(unit_bytes);
            let number: f64 = number.parse().map_err(|_| invalid())?;
            let scale = unit_scale(unit).ok_or_else(|| format!("units: unknown unit {unit} in {text}"))?;
            total += number * scale;
            rest = after;
        }
        if total >= i64::MAX as f64 {
            return Err("units: overflow parsing unit".into());
        }
        Ok(ByteSize(if negative { -(total as i64) } else { total as i64 }))
    }
}

/// The bytes of a unit: `B`, `KB` or `KiB`, and so on up to `EB`.
fn unit_scale(unit: &str) -> Option<f64> {
    let prefix =
        unit.strip_suffix("iB").filter(|prefix| !prefix.is_empty()).or_else(|| unit.strip_suffix('B'))?;
    let power = PREFIXES.iter().position(|known| *known == prefix)?;
    Some(f64::exp2(10.0 * power as f64))
}

/// Prints as `10MiB`, or several units where one does not do: `1MiB512KiB`.
impl std::fmt::Display for ByteSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == 0 {
            return f.write_str("0B");
        }
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let bytes = self.0.unsigned_abs();
        for (power, prefix) in PREFIXES.iter().enumerate().rev() {
            let count = (bytes >> (10 * power)) & if power == 6 { u64::MAX } else { 1023 };
            if count > 0 {
                write!(f, "{count}{prefix}{}", if power == 0 { "B" } else { "iB" })?;
            }
        }
        Ok(())
    }
}

impl Field for ByteSize {
    fn zero() -> Self {
        ByteSize(0)
    }

    fn type_name() -> String {
        "string".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let mut text = String::new();
        if !text.decode(node, decoder)? {
            return Ok(false);
        }
        *self = ByteSize::parse(&text).map_err(|message| {
            Box::new(decoder.invalid(node, message).expected("a size such as 512MB or 10GB"))
        })?;
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        Yaml::Text(self.to_string())
    }

    fn is_zero(&self) -> bool {
        self.0 == 0
    }
}
