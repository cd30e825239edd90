//! Attributes as names and texts: maps within them become several names, joined by underscores.

use std::borrow::Cow;

use super::super::Error;
use super::super::attributes::{DEPTH_MAX, key_value, value_text};
use crate::loki::metadata_name;
use crate::proto::Value;
use crate::remote::message::Message;

/// Names and texts; owned where they had to be written anew.
pub(super) type Flat<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// More of them nothing has.
const FLAT_MAX: usize = 1 << 12;

/// Adds an attribute.
pub(super) fn flatten<'a>(attribute: &'a [u8], out: &mut Flat<'a>) -> Result<(), Error> {
    flatten_under(attribute, "", 0, out)
}

fn flatten_under<'a>(
    attribute: &'a [u8],
    prefix: &str,
    depth: usize,
    out: &mut Flat<'a>,
) -> Result<(), Error> {
    if depth > DEPTH_MAX {
        return Err(Error::TooDeep);
    }
    if out.len() >= FLAT_MAX {
        return Err(Error::TooMany("attributes"));
    }
    let (key, value) = key_value(attribute)?;
    let mut name = metadata_name(key);
    if !prefix.is_empty() {
        name = Cow::Owned(format!("{prefix}_{}", metadata_name(key)));
    }
    let value = value.unwrap_or_default();
    let Some(map) = map_of(value)? else {
        out.push((name, value_text(value)?));
        return Ok(());
    };
    let mut fields = Message::new("KeyValueList", map);
    while let Some((number, value)) = fields.next()? {
        if number == 1 {
            flatten_under(value.bytes_of("Values")?, &name, depth + 1, out)?;
        }
    }
    Ok(())
}

/// The map that a value is, if it is one.
fn map_of(value: &[u8]) -> Result<Option<&[u8]>, Error> {
    let mut map = None;
    let mut fields = Message::new("AnyValue", value);
    while let Some((number, value)) = fields.next()? {
        match (number, value) {
            (6, Value::Bytes(bytes)) => map = Some(bytes),
            (1..=7, _) => map = None,
            _ => {}
        }
    }
    Ok(map)
}
