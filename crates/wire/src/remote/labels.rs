//! Labels as senders write them: in any order, with whatever names.

use model::Labels;
use model::labels::METRIC_NAME;
use model::name::is_legacy_label_name;
use model::quote::quote;

use super::Error;
use super::message::Message;
use crate::proto::Value;

/// Names and values in the order in which they came, not checked.
#[derive(Debug, Clone, Default)]
pub struct SentLabels<'a> {
    pairs: Vec<(&'a [u8], &'a [u8])>,
}

/// Labels that no series can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnfitLabels {
    /// There is no metric name, or a name or value is no text.
    #[error("invalid metric name or labels, got {labels}")]
    Invalid {
        /// The labels as the original prints them.
        labels: String,
    },
    /// A name stands twice.
    #[error("invalid labels for series, labels {labels}, duplicated label {name}")]
    Duplicate {
        /// The labels as the original prints them.
        labels: String,
        /// The name.
        name: String,
    },
}

impl<'a> SentLabels<'a> {
    /// Without labels.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets all labels and keeps the memory.
    pub fn clear(&mut self) {
        self.pairs.clear();
    }

    /// Adds a label.
    pub fn push(&mut self, name: &'a [u8], value: &'a [u8]) {
        self.pairs.push((name, value));
    }

    /// Adds a label message.
    pub(super) fn add(&mut self, message: &'a [u8]) -> Result<(), Error> {
        let (mut name, mut text): (&[u8], &[u8]) = (&[], &[]);
        let mut fields = Message::new("Label", message);
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => name = value.bytes_of("Name")?,
                2 => text = value.bytes_of("Value")?,
                _ => {}
            }
        }
        self.push(name, text);
        Ok(())
    }

    /// The labels of a series: sorted, without empty ones.
    ///
    /// # Errors
    /// [`UnfitLabels`] where no series can have them.
    pub fn to_series(&mut self) -> Result<Labels, UnfitLabels> {
        self.pairs.sort_by(|a, b| a.0.cmp(b.0));
        let mut texts = Vec::with_capacity(self.pairs.len());
        for (name, value) in &self.pairs {
            match (std::str::from_utf8(name), std::str::from_utf8(value)) {
                (Ok(name), Ok(value)) if !name.is_empty() => texts.push((name, value)),
                _ => return Err(UnfitLabels::Invalid { labels: self.to_string() }),
            }
        }
        let has_name = texts.iter().any(|(name, value)| *name == METRIC_NAME && !value.is_empty());
        if !has_name {
            return Err(UnfitLabels::Invalid { labels: self.to_string() });
        }
        if let Some(((name, _), _)) = texts.iter().zip(texts.iter().skip(1)).find(|(a, b)| a.0 == b.0) {
            return Err(UnfitLabels::Duplicate { labels: self.to_string(), name: (*name).to_owned() });
        }
        Ok(Labels::from_sorted(texts.into_iter().filter(|(_, value)| !value.is_empty())))
    }

    /// The labels of an exemplar, `None` where one of them is no text.
    pub fn to_exemplar(&self) -> Option<Labels> {
        let texts = self
            .pairs
            .iter()
            .map(|(name, value)| Some((std::str::from_utf8(name).ok()?, std::str::from_utf8(value).ok()?)));
        texts.collect::<Option<Vec<_>>>().map(Labels::from_pairs)
    }
}

/// `{__name__="up", job="node"}` in the order in which the labels stand; bytes that are no text as `\xff`.
impl std::fmt::Display for SentLabels<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("{")?;
        for (position, (name, value)) in self.pairs.iter().enumerate() {
            if position > 0 {
                out.write_str(", ")?;
            }
            match std::str::from_utf8(name) {
                Ok(name) if is_legacy_label_name(name) => out.write_str(name)?,
                _ => out.write_str(&quote_bytes(name))?,
            }
            write!(out, "={}", quote_bytes(value))?;
        }
        out.write_str("}")
    }
}

fn quote_bytes(bytes: &[u8]) -> String {
    let mut quoted = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        let text = quote(chunk.valid());
        quoted.push_str(text.get(1..text.len() - 1).unwrap_or_default());
        quoted.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    quoted.push('"');
    quoted
}

/// Reads references to symbols, packed or not.
#[inline]
pub(super) fn decode_refs(value: Value<'_>, mut add: impl FnMut(u32)) -> Result<(), Error> {
    // Of a number that is too long the original keeps the low bits.
    value.numbers_of("LabelsRefs", |number| add(number as u32))
}
