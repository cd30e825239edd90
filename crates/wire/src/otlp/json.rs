//! Requests in JSON, which become protobuf: field by field, by the tables of messages, so that no tree is built.
//!
//! Names of fields are taken in both spellings (`dataPoints`, `data_points`), numbers of 64 bits also as texts, and
//! what the tables do not know is left out.

mod shape;

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Error;
use crate::remote::write::{put_bytes, put_double, put_tag, put_varint, put_varint_field};
use shape::{Field, Kind, LOGS_REQUEST, REQUEST, Shape};

/// The protobuf form of a request of metrics in JSON.
///
/// # Errors
/// What is no JSON, and values that no field of their name has.
pub fn to_protobuf(json: &[u8]) -> Result<Vec<u8>, Error> {
    convert(json, &REQUEST)
}

/// The protobuf form of a request of logs in JSON.
///
/// # Errors
/// As [`to_protobuf`].
pub fn logs_to_protobuf(json: &[u8]) -> Result<Vec<u8>, Error> {
    convert(json, &LOGS_REQUEST)
}

fn convert(json: &[u8], shape: &'static Shape) -> Result<Vec<u8>, Error> {
    let failed = |error: serde_json::Error| Error::Json(error.to_string());
    let mut out = Vec::with_capacity(json.len() / 2);
    let mut reader = serde_json::Deserializer::from_slice(json);
    Into { shape, out: &mut out }.deserialize(&mut reader).map_err(failed)?;
    reader.end().map_err(failed)?;
    Ok(out)
}

/// Appends the fields of a message.
struct Into<'o> {
    shape: &'static Shape,
    out: &'o mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for Into<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Into<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match self.shape.field(&key) {
                Some(field) => map.next_value_seed(One { field, out: self.out, in_list: false })?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// Appends the value of a field.
struct One<'o> {
    field: &'static Field,
    out: &'o mut Vec<u8>,
    in_list: bool,
}

impl<'de> DeserializeSeed<'de> for One<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl One<'_> {
    fn put_whole<E: serde::de::Error>(self, value: i128) -> Result<(), E> {
        let number = self.field.number;
        let refuse = || E::custom(format!("{value} is out of range for {}", self.field.name));
        match self.field.kind {
            Kind::Double => put_double(self.out, number, value as f64),
            Kind::Fixed64 => put_fixed(self.out, number, u64::try_from(value).map_err(|_| refuse())?),
            Kind::SignedFixed64 => {
                put_fixed(self.out, number, i64::try_from(value).map_err(|_| refuse())? as u64)
            }
            Kind::Unsigned => {
                put_varint_field(self.out, number, u64::try_from(value).map_err(|_| refuse())?);
            }
            Kind::Signed | Kind::Choice(_) => {
                put_varint_field(self.out, number, i64::try_from(value).map_err(|_| refuse())? as u64);
            }
            Kind::Fixed32 => {
                put_tag(self.out, number, 5);
                self.out.extend_from_slice(&u32::try_from(value).map_err(|_| refuse())?.to_le_bytes());
            }
            Kind::Zigzag => {
                let value = i32::try_from(value).map_err(|_| refuse())?;
                put_varint_field(self.out, number, u64::from((value << 1) as u32 ^ (value >> 31) as u32));
            }
            _ => return Err(self.mismatch("a number")),
        }
        Ok(())
    }

    fn mismatch<E: serde::de::Error>(&self, found: &str) -> E {
        E::custom(format!("{} is not {found}", self.field.name))
    }

    fn put_text<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        let number = self.field.number;
        match self.field.kind {
            Kind::Text => put_bytes(self.out, number, text.as_bytes()),
            Kind::Base64 => {
                let bytes = BASE64_STANDARD.decode(text).map_err(|_| self.mismatch("base64"))?;
                put_bytes(self.out, number, &bytes);
            }
            Kind::Hex => {
                let bytes = from_hex(text).ok_or_else(|| self.mismatch("hexadecimal"))?;
                put_bytes(self.out, number, &bytes);
            }
            Kind::Choice(names) => match names.iter().find(|(name, _)| *name == text) {
                Some((_, value)) => put_varint_field(self.out, number, *value),
                None => return Err(E::custom(format!("{} cannot be {text:?}", self.field.name))),
            },
            Kind::Double => {
                let value = model::number::parse_float(text).ok_or_else(|| self.mismatch("a number"))?;
                put_double(self.out, number, value);
            }
            Kind::Bool | Kind::Message(_) => return Err(self.mismatch("a text")),
            _ => {
                let value: i128 = text.parse().map_err(|_| self.mismatch("a whole number"))?;
                return self.put_whole(value);
            }
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for One<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a value of {}", self.field.name)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        if !matches!(self.field.kind, Kind::Bool) {
            return Err(self.mismatch("true or false"));
        }
        put_varint_field(self.out, self.field.number, u64::from(value));
        Ok(())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.put_whole(i128::from(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.put_whole(i128::from(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        if matches!(self.field.kind, Kind::Double) {
            put_double(self.out, self.field.number, value);
            return Ok(());
        }
        let whole = value as i128;
        if whole as f64 == value { self.put_whole(whole) } else { Err(self.mismatch("a whole number")) }
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.put_text(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if !self.field.repeated || self.in_list {
            return Err(A::Error::custom(format!("{} is no list", self.field.name)));
        }
        while list.next_element_seed(One { field: self.field, out: self.out, in_list: true })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let Kind::Message(shape) = self.field.kind else {
            return Err(self.mismatch("an object"));
        };
        put_tag(self.out, self.field.number, 2);
        let start = self.out.len();
        Into { shape, out: self.out }.visit_map(map)?;
        let mut len = Vec::with_capacity(10);
        put_varint(&mut len, (self.out.len() - start) as u64);
        self.out.splice(start..start, len);
        Ok(())
    }
}

fn put_fixed(out: &mut Vec<u8>, field: u32, value: u64) {
    put_tag(out, field, 1);
    out.extend_from_slice(&value.to_le_bytes());
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let bytes = pairs.iter().map(|[high, low]| Some((digit(*high)? << 4 | digit(*low)?) as u8));
    if rest.is_empty() { bytes.collect() } else { None }
}
