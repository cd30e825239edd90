//! Attributes: keys with values of several kinds, which become texts.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use model::go_json;

use super::Error;
use super::message::text;
use crate::proto::Value;
use crate::remote::message::Message;

/// Keys and values as texts, in the order of the bytes.
pub(super) type Attributes<'a> = Vec<(&'a str, Cow<'a, str>)>;

/// More attributes than this nothing has.
const ATTRIBUTES_MAX: usize = 1 << 12;
/// Values within values at most.
pub(super) const DEPTH_MAX: usize = 64;

/// Adds the attribute of a field; of two with one key the last one stays.
pub(super) fn push_attribute<'a>(attributes: &mut Attributes<'a>, value: Value<'a>) -> Result<(), Error> {
    let (key, value) = key_value(value.bytes_of("Attributes")?)?;
    let value = match value {
        None => Cow::Borrowed(""),
        Some(value) => value_text(value)?,
    };
    if attributes.len() >= ATTRIBUTES_MAX {
        return Err(Error::TooMany("attributes"));
    }
    attributes.push((key, value));
    Ok(())
}

/// Key and value of an attribute; the value may be left out.
pub(super) fn key_value(message: &[u8]) -> Result<(&str, Option<&[u8]>), Error> {
    let (mut key, mut any) = ("", None);
    let mut fields = Message::new("KeyValue", message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => key = text(value, "Key")?,
            2 => any = Some(value.bytes_of("Value")?),
            _ => {}
        }
    }
    Ok((key, any))
}

/// The value as a label has it: texts as they are, lists and maps as JSON.
pub(super) fn value_text(message: &[u8]) -> Result<Cow<'_, str>, Error> {
    let mut shown = Cow::Borrowed("");
    let mut fields = Message::new("AnyValue", message);
    while let Some((number, value)) = fields.next()? {
        shown = match number {
            1 => Cow::Borrowed(text(value, "StringValue")?),
            2 => Cow::Borrowed(if value.number_of("BoolValue")? != 0 { "true" } else { "false" }),
            3 => Cow::Owned((value.number_of("IntValue")? as i64).to_string()),
            4 => {
                let number = value.float_of("DoubleValue")?;
                let mut out = String::new();
                if number.is_finite() {
                    go_json::push_number(&mut out, number);
                } else {
                    out.push_str("json: unsupported value: ");
                    out.push_str(&model::number::format_plain(number));
                }
                Cow::Owned(out)
            }
            5 | 6 => {
                let mut json = String::new();
                // What JSON has no word for makes the whole value empty, as in the original.
                let written = push_json(&mut json, message, 0)?;
                Cow::Owned(if written { json } else { String::new() })
            }
            7 => Cow::Owned(base64(value.bytes_of("BytesValue")?)),
            _ => continue,
        };
    }
    Ok(shown)
}

/// Appends an `AnyValue` as JSON; says whether JSON has words for it.
fn push_json(out: &mut String, message: &[u8], depth: usize) -> Result<bool, Error> {
    if depth > DEPTH_MAX {
        return Err(Error::TooDeep);
    }
    let mut last = None;
    let mut fields = Message::new("AnyValue", message);
    while let Some((number, value)) = fields.next()? {
        if (1..=7).contains(&number) {
            last = Some((number, value));
        }
    }
    let Some((number, value)) = last else {
        out.push_str("null");
        return Ok(true);
    };
    match number {
        1 => go_json::push_text(out, text(value, "StringValue")?),
        2 => out.push_str(if value.number_of("BoolValue")? != 0 { "true" } else { "false" }),
        3 => out.push_str(&(value.number_of("IntValue")? as i64).to_string()),
        4 => {
            let number = value.float_of("DoubleValue")?;
            go_json::push_number(out, number);
            return Ok(number.is_finite());
        }
        5 => return push_list(out, value.bytes_of("ArrayValue")?, depth),
        6 => return push_map(out, value.bytes_of("KvlistValue")?, depth),
        _ => go_json::push_text(out, &base64(value.bytes_of("BytesValue")?)),
    }
    Ok(true)
}

fn push_list(out: &mut String, message: &[u8], depth: usize) -> Result<bool, Error> {
    let mut written = true;
    let mut separator = "";
    out.push('[');
    let mut fields = Message::new("ArrayValue", message);
    while let Some((number, value)) = fields.next()? {
        if number == 1 {
            out.push_str(separator);
            written &= push_json(out, value.bytes_of("Values")?, depth + 1)?;
            separator = ",";
        }
    }
    out.push(']');
    Ok(written)
}

fn push_map(out: &mut String, message: &[u8], depth: usize) -> Result<bool, Error> {
    let mut entries = std::collections::BTreeMap::new();
    let mut fields = Message::new("KeyValueList", message);
    while let Some((number, value)) = fields.next()? {
        if number == 1 {
            let (key, value) = key_value(value.bytes_of("Values")?)?;
            entries.insert(key, value.unwrap_or_default());
        }
    }
    let mut written = true;
    let mut separator = "";
    out.push('{');
    for (key, value) in entries {
        out.push_str(separator);
        go_json::push_text(out, key);
        out.push(':');
        written &= push_json(out, value, depth + 1)?;
        separator = ",";
    }
    out.push('}');
    Ok(written)
}

fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}
