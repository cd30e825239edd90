//! The functions of notifications, in one table.

use go_regex::Regex;

use super::to_json;
use crate::letters;
use crate::rules::{humanize_duration, number, title};
use crate::{Duration, Library, Signature, Time, Trust, Type, Value};

const TEXT: Signature = Signature::of(&[Type::Text]);
const TIME: Type = Type::Named("time.Time", false);
const TEXTS: Type = Type::Named("[]string", true);
const ANYTHINGS: Type = Type::Named("[]interface {}", true);

/// The functions; they know what time it is.
#[derive(Clone, Copy, Debug)]
pub struct NotificationFunctions {
    /// Nanoseconds since the Unix epoch.
    pub now_ns: i64,
}

fn signature(name: &str) -> Option<Signature> {
    Some(match name {
        "toUpper" | "toLower" | "title" | "trimSpace" | "safeHtml" | "safeUrl" | "urlUnescape" => TEXT,
        "join" => Signature::of(&[Type::Text, TEXTS]),
        "match" => Signature::of(&[Type::Text, Type::Text]),
        "reReplaceAll" => Signature::of(&[Type::Text, Type::Text, Type::Text]),
        "stringSlice" => Signature::with_rest(&[], Type::Text),
        "date" | "tz" => Signature::of(&[Type::Text, TIME]),
        "since" => Signature::of(&[TIME]),
        "now" => Signature::of(&[]),
        "humanizeDuration" | "toJson" => Signature::of(&[Type::Any]),
        "list" | "dict" => Signature::with_rest(&[], Type::Any),
        "append" => Signature::with_rest(&[ANYTHINGS], Type::Any),
        _ => return None,
    })
}

impl Library for NotificationFunctions {
    fn signature(&self, name: &str) -> Option<Signature> {
        signature(name)
    }

    fn call(&self, name: &str, given: &[Value]) -> Result<Value, String> {
        let text_at = |index: usize| given.get(index).and_then(Value::as_text).unwrap_or_default();
        let time_at = |index: usize| match given.get(index) {
            Some(Value::Time(time)) => time.clone(),
            _ => Time::from_nanos(0),
        };
        let text = |text: &str| Ok(Value::text(text));
        match name {
            "toUpper" => text(&letters::upper(text_at(0))),
            "toLower" => text(&letters::lower(text_at(0))),
            // Unlike that of rules, this one makes the rest of a word small.
            "title" => text(&title(&text_at(0).to_lowercase())),
            "trimSpace" => text(text_at(0).trim()),
            "join" => text(&texts_of(given.get(1)).join(text_at(0))),
            "match" => {
                let pattern = Regex::new(text_at(0)).map_err(|error| error.to_string())?;
                Ok(Value::Bool(pattern.is_match(text_at(1))))
            }
            "reReplaceAll" => {
                let pattern = Regex::new(text_at(0))
                    .map_err(|error| format!("regexp: Compile(`{}`): {error}", text_at(0)))?;
                text(&pattern.replace_all(text_at(2), text_at(1)))
            }
            "safeHtml" => Ok(Value::Trusted(Trust::Html, text_at(0).into())),
            "safeUrl" => Ok(Value::Trusted(Trust::Url, text_at(0).into())),
            "urlUnescape" => text(&unescape(text_at(0))?),
            "stringSlice" => Ok(Value::list("[]string", given.to_vec())),
            "date" => text(&time_at(1).format(text_at(0))),
            "tz" => Ok(Value::Time(time_at(1).in_zone(text_at(0))?)),
            "since" => {
                let nanos = i128::from(self.now_ns) - time_at(0).nanos();
                let nanos = nanos.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
                Ok(Value::Duration(Duration::from_nanos(nanos)))
            }
            "now" => Ok(Value::Time(Time::from_nanos(i128::from(self.now_ns)))),
            "humanizeDuration" => text(&humanize_duration(number(given.first())?)),
            "toJson" => text(&given.first().map_or_else(|| "null".into(), to_json)),
            "list" => Ok(Value::list("[]interface {}", given.to_vec())),
            "append" => {
                let mut items = match given.first().map(Value::base) {
                    Some(Value::List(list)) => list.items.clone(),
                    _ => Vec::new(),
                };
                items.extend(given.iter().skip(1).cloned());
                Ok(Value::list("[]interface {}", items))
            }
            "dict" => dict(given),
            _ => Err(format!("function {} not defined", model::quote::quote(name))),
        }
    }
}

fn texts_of(list: Option<&Value>) -> Vec<String> {
    match list.map(Value::base) {
        Some(Value::List(list)) => list.items.iter().map(Value::to_text).collect(),
        _ => Vec::new(),
    }
}

fn dict(given: &[Value]) -> Result<Value, String> {
    if !given.len().is_multiple_of(2) {
        return Err("dict requires an even number of arguments".into());
    }
    let mut entries = Vec::new();
    let mut rest = given.iter();
    while let (Some(name), Some(value)) = (rest.next(), rest.next()) {
        let name = name.as_text().ok_or("dict keys must be strings")?;
        entries.push((name.into(), value.clone()));
    }
    Ok(Value::any_map(entries))
}

/// Undoes the escapes of the query part of an address.
pub(crate) fn unescape(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = after.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
                let decoded = digits.and_then(|digits| std::str::from_utf8(digits).ok());
                match decoded.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                    Some(decoded) => bytes.push(decoded),
                    None => {
                        let shown = String::from_utf8_lossy(after.get(..2).unwrap_or(after));
                        return Err(format!(
                            "invalid URL escape {}",
                            model::quote::quote(&format!("%{shown}"))
                        ));
                    }
                }
                rest = after.get(2..).unwrap_or_default();
            }
            _ => bytes.push(byte),
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
