//! The JSON forms of a push.
//!
//! Source: <https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs>

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Error, Pairs, Push, Text, ZERO_TIME, parse_rfc3339, push_pair_text};

/// Reads the body of a push: `{"streams": [{"stream": {"a": "b"}, "values": [["<ns>", "line", {"k": "v"}]]}]}`.
///
/// What follows the first value of the body is not looked at, as in the original.
///
/// # Errors
/// [`Error::Empty`], [`Error::Json`], [`Error::TooMany`].
pub fn json(body: &[u8]) -> Result<Push<'_>, Error> {
    read(body, Form::Present)
}

/// Reads the body of a push to the old path: `{"streams": [{"labels": "{…}", "entries": [{"ts": "…", "line": "…"}]}]}`.
///
/// # Errors
/// As [`json`].
pub fn legacy_json(body: &[u8]) -> Result<Push<'_>, Error> {
    read(body, Form::Legacy)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Present,
    Legacy,
}

fn read(body: &[u8], form: Form) -> Result<Push<'_>, Error> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::Empty);
    }
    let mut push = Push::new();
    let mut reader = serde_json::Deserializer::from_slice(body);
    let outcome = Whole { form, push: &mut push }.deserialize(&mut reader);
    outcome.map_err(|error| Error::Json(error.to_string()))?;
    Ok(push)
}

/// Makes a visitor of a structure that holds a push: of one kind of value, errors of any other.
macro_rules! seed {
    ($seed:ident, $method:ident) => {
        impl<'de> DeserializeSeed<'de> for $seed<'_, 'de> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                deserializer.$method(self)
            }
        }
    };
}

struct Whole<'p, 'de> {
    form: Form,
    push: &'p mut Push<'de>,
}
seed!(Whole, deserialize_option);

impl<'de> Visitor<'de> for Whole<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object with streams")
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match &*key {
                "streams" => map.next_value_seed(Streams { form: self.form, push: self.push })?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

struct Streams<'p, 'de> {
    form: Form,
    push: &'p mut Push<'de>,
}
seed!(Streams, deserialize_option);

impl<'de> Visitor<'de> for Streams<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of streams")
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(OneStream { form: self.form, push: self.push })?.is_some() {}
        Ok(())
    }
}

struct OneStream<'p, 'de> {
    form: Form,
    push: &'p mut Push<'de>,
}
seed!(OneStream, deserialize_map);

impl<'de> Visitor<'de> for OneStream<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a stream")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { form, push } = self;
        push.begin_stream(Text::EMPTY);
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match (form, &*key) {
                (Form::Present, "stream") => map.next_value_seed(LabelMap { push })?,
                (Form::Present, "values") => map.next_value_seed(Values { push })?,
                (Form::Legacy, "labels") => {
                    let labels = map.next_value::<Cow<'de, str>>()?;
                    let labels = push.keep_cow(labels);
                    push.set_labels(labels);
                }
                (Form::Legacy, "entries") => map.next_value_seed(LegacyEntries { push })?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

struct LabelMap<'p, 'de> {
    push: &'p mut Push<'de>,
}
seed!(LabelMap, deserialize_map);

impl<'de> Visitor<'de> for LabelMap<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of labels")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut pairs: Pairs<'de> = Vec::new();
        while let Some((name, value)) = map.next_entry::<Cow<'de, str>, &'de RawValue>()? {
            // What is no text counts as it is written, as in the original.
            let raw = value.get();
            let value = if raw.starts_with('"') {
                Cow::Owned(serde_json::from_str::<String>(raw).map_err(A::Error::custom)?)
            } else {
                Cow::Borrowed(raw)
            };
            pairs.push((name, value));
        }
        let labels = self.push.keep_with(|buffer| push_pair_text(buffer, &mut pairs));
        self.push.set_labels(labels);
        Ok(())
    }
}

struct Values<'p, 'de> {
    push: &'p mut Push<'de>,
}
seed!(Values, deserialize_seq);

impl<'de> Visitor<'de> for Values<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(OneValue { push: self.push })?.is_some() {}
        Ok(())
    }
}

struct OneValue<'p, 'de> {
    push: &'p mut Push<'de>,
}
seed!(OneValue, deserialize_seq);

impl<'de> Visitor<'de> for OneValue<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of a time and a line")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let push = self.push;
        let metadata_start = push.metadata.len();
        let timestamp = match list.next_element::<Cow<'de, str>>()? {
            Some(text) => text.parse().map_err(|_| A::Error::custom(format!("no time: {text:?}")))?,
            None => ZERO_TIME,
        };
        let line = list.next_element_seed(KeptText { push })?.unwrap_or(Text::EMPTY);
        if list.next_element_seed(MetadataMap { push })?.is_some() {
            while list.next_element::<IgnoredAny>()?.is_some() {}
        }
        push.add(timestamp, line, metadata_start).map_err(A::Error::custom)
    }
}

/// A text, kept where it is if it can be.
struct KeptText<'p, 'de> {
    push: &'p mut Push<'de>,
}

impl<'de> DeserializeSeed<'de> for KeptText<'_, 'de> {
    type Value = Text<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Text<'de>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeptText<'_, 'de> {
    type Value = Text<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text::Body(text.as_bytes()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(self.push.keep(text))
    }
}

struct MetadataMap<'p, 'de> {
    push: &'p mut Push<'de>,
}
seed!(MetadataMap, deserialize_map);

impl<'de> Visitor<'de> for MetadataMap<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of structured metadata")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let push = self.push;
        while let Some(name) = map.next_key_seed(KeptText { push })? {
            let value = map.next_value_seed(KeptText { push })?;
            push.add_metadata(name, value).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

struct LegacyEntries<'p, 'de> {
    push: &'p mut Push<'de>,
}
seed!(LegacyEntries, deserialize_seq);

impl<'de> Visitor<'de> for LegacyEntries<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(LegacyEntry { push: self.push })?.is_some() {}
        Ok(())
    }
}

struct LegacyEntry<'p, 'de> {
    push: &'p mut Push<'de>,
}
seed!(LegacyEntry, deserialize_map);

impl<'de> Visitor<'de> for LegacyEntry<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an entry")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let push = self.push;
        let metadata_start = push.metadata.len();
        let (mut timestamp, mut line) = (ZERO_TIME, Text::EMPTY);
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match &*key {
                "ts" | "timestamp" => {
                    let text = map.next_value::<Cow<'de, str>>()?;
                    timestamp = parse_rfc3339(&text)
                        .ok_or_else(|| A::Error::custom(format!("no time of RFC 3339: {text:?}")))?;
                }
                "line" => line = map.next_value_seed(KeptText { push })?,
                "structuredMetadata" => map.next_value_seed(MetadataMap { push })?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        push.add(timestamp, line, metadata_start).map_err(A::Error::custom)
    }
}
