//! One item of a file as a line, of text or of JSON.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::InspectOptions;

/// In which form a file is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InspectFormat {
    /// A line of words for each item, those within others indented.
    #[default]
    Text,
    /// A JSON object on a line for each item.
    Json,
}

/// Writes items.
pub(super) struct Printer<'a> {
    options: InspectOptions,
    out: &'a mut dyn Write,
}

impl<'a> Printer<'a> {
    pub(super) fn new(options: InspectOptions, out: &'a mut dyn Write) -> Self {
        Self { options, out }
    }

    /// Writes an item that stands by itself.
    pub(super) fn item(&mut self, kind: &str, fields: &[(&str, Value)]) -> io::Result<()> {
        self.write("", kind, fields)
    }

    /// Writes an item that is part of the one before, where parts are told.
    pub(super) fn part(&mut self, kind: &str, fields: &[(&str, Value)]) -> io::Result<()> {
        if self.options.brief { Ok(()) } else { self.write("  ", kind, fields) }
    }

    fn write(&mut self, indent: &str, kind: &str, fields: &[(&str, Value)]) -> io::Result<()> {
        match self.options.format {
            InspectFormat::Text => {
                write!(self.out, "{indent}{kind}")?;
                for (name, value) in fields {
                    match value {
                        Value::String(text) if is_plain(text) => write!(self.out, " {name}={text}")?,
                        Value::String(text) => write!(self.out, " {name}={}", model::quote::quote(text))?,
                        other => write!(self.out, " {name}={other}")?,
                    }
                }
                writeln!(self.out)
            }
            InspectFormat::Json => {
                let mut object = Map::new();
                object.insert("kind".to_owned(), Value::from(kind));
                object.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
                writeln!(self.out, "{}", Value::Object(object))
            }
        }
    }
}

/// Whether a text is not taken for anything else: one word, or one in braces.
fn is_plain(text: &str) -> bool {
    let is_word =
        !text.is_empty() && !text.contains(|character: char| character.is_whitespace() || character == '"');
    is_word || (text.starts_with('{') && text.ends_with('}'))
}
