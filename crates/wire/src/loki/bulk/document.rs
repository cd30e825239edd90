//! A document of a `_bulk` body: its fields, those of objects within it under names joined by points.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// More fields than this no document has.
const FIELDS_MAX: usize = 1 << 12;
/// Objects within objects at most.
const DEPTH_MAX: usize = 32;

/// Checks that a line is an action that brings a document.
pub(super) fn check_action(line: &[u8]) -> Result<(), String> {
    struct Action;
    impl<'de> Visitor<'de> for Action {
        type Value = bool;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an action")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
            let mut known = false;
            while let Some((name, _)) = map.next_entry::<Cow<'de, str>, IgnoredAny>()? {
                known |= matches!(&*name, "create" | "index");
            }
            Ok(known)
        }
    }
    let mut reader = serde_json::Deserializer::from_slice(line);
    match reader.deserialize_map(Action) {
        Ok(true) => Ok(()),
        Ok(false) => {
            let shown: String = String::from_utf8_lossy(line).chars().take(64).collect();
            Err(format!("unexpected command {shown:?}; expecting \"create\" or \"index\""))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Fields by name, in the order of the document; the memory is used again.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    fields: Vec<(String, Cow<'a, str>)>,
}

impl<'a> Fields<'a> {
    /// Takes the fields of a document in place of those of the one before.
    pub(super) fn read(&mut self, document: &'a [u8]) -> Result<(), String> {
        self.fields.clear();
        let mut reader = serde_json::Deserializer::from_slice(document);
        let mut prefix = String::new();
        let object = Object { prefix: &mut prefix, fields: &mut self.fields, depth: 0 };
        object.deserialize(&mut reader).and_then(|()| reader.end()).map_err(|error| error.to_string())
    }

    /// Takes the first of the named fields out that is there.
    pub(super) fn take_first(&mut self, names: &[String]) -> Option<Cow<'a, str>> {
        names.iter().find_map(|name| {
            let place = self.fields.iter().position(|(field, _)| field == name)?;
            Some(self.fields.remove(place).1)
        })
    }

    /// Takes all fields out.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = (String, Cow<'a, str>)> {
        self.fields.drain(..)
    }
}

struct Object<'o, 'de> {
    prefix: &'o mut String,
    fields: &'o mut Vec<(String, Cow<'de, str>)>,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Object<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let own = self.prefix.len();
        while let Some((name, value)) = map.next_entry::<Cow<'de, str>, &'de RawValue>()? {
            if own > 0 {
                self.prefix.push('.');
            }
            self.prefix.push_str(&name);
            add_value(self.prefix, self.fields, self.depth, value.get()).map_err(A::Error::custom)?;
            self.prefix.truncate(own);
        }
        Ok(())
    }
}

/// Texts as they are, objects field by field, everything else as it is written; null is no field.
fn add_value<'de>(
    prefix: &mut String,
    fields: &mut Vec<(String, Cow<'de, str>)>,
    depth: usize,
    raw: &'de str,
) -> Result<(), String> {
    if fields.len() >= FIELDS_MAX {
        return Err("too many fields".to_owned());
    }
    let value = match raw.as_bytes().first() {
        Some(b'{') if depth < DEPTH_MAX => {
            let mut reader = serde_json::Deserializer::from_str(raw);
            let object = Object { prefix, fields, depth: depth + 1 };
            return object.deserialize(&mut reader).map_err(|error| error.to_string());
        }
        Some(b'n') => return Ok(()),
        Some(b'"') => {
            let plain = raw.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
            match plain.filter(|text| !text.contains('\\')) {
                Some(text) => Cow::Borrowed(text),
                None => Cow::Owned(serde_json::from_str(raw).map_err(|error| error.to_string())?),
            }
        }
        _ => Cow::Borrowed(raw),
    };
    fields.push((prefix.clone(), value));
    Ok(())
}
