//! `len`, `index` and `slice`.

use crate::{Value, value::Type};

pub(super) fn len(value: &Value) -> Result<Value, String> {
    let length = match value.base() {
        Value::Text(text) | Value::Trusted(_, text) => text.len(),
        Value::List(list) => list.items.len(),
        Value::Map(map) => map.entries.len(),
        Value::Nil => return Err("reflect: call of reflect.Value.Type on zero Value".into()),
        _ => return Err(format!("len of type {}", value.type_name())),
    };
    Ok(Value::Int(length as i64))
}

/// A place in something of `length` elements.
fn place(value: &Value, length: usize) -> Result<usize, String> {
    let number = match value.base() {
        Value::Int(number) => i128::from(number),
        Value::Uint(number) => i128::from(number),
        Value::Nil => return Err("cannot index slice/array with nil".into()),
        _ => return Err(format!("cannot index slice/array with type {}", value.type_name())),
    };
    match usize::try_from(number) {
        Ok(place) if place <= length => Ok(place),
        _ => Err(format!("index out of range: {number}")),
    }
}

pub(super) fn index(value: &Value, places: &[Value]) -> Result<Value, String> {
    if matches!(value, Value::Nil) {
        return Err("index of untyped nil".into());
    }
    let mut value = value.clone();
    for at in places {
        value = match value.base() {
            Value::Text(text) | Value::Trusted(_, text) => {
                let place = place(at, text.len())?;
                let byte = text.as_bytes().get(place).ok_or("reflect: string index out of range")?;
                Value::Uint(u64::from(*byte))
            }
            Value::List(list) => {
                let place = place(at, list.items.len())?;
                list.items.get(place).cloned().ok_or("reflect: slice index out of range")?
            }
            Value::Map(map) => match at {
                Value::Nil => return Err("value is nil; should be of type string".into()),
                _ => match at.as_text() {
                    Some(name) => map.entries.get(name).cloned().unwrap_or_else(|| map.element.zero()),
                    None => {
                        return Err(format!(
                            "value has type {}; should be {}",
                            at.type_name(),
                            Type::Text.name()
                        ));
                    }
                },
            },
            Value::Nil => return Err("index of nil pointer".into()),
            _ => return Err(format!("can't index item of type {}", value.type_name())),
        };
    }
    Ok(value)
}

pub(super) fn slice(value: &Value, places: &[Value]) -> Result<Value, String> {
    if matches!(value, Value::Nil) {
        return Err("slice of untyped nil".into());
    }
    if places.len() > 3 {
        return Err(format!("too many slice indexes: {}", places.len()));
    }
    let base = value.base();
    let length = match &base {
        Value::Text(_) | Value::Trusted(..) if places.len() == 3 => {
            return Err("cannot 3-index slice a string".into());
        }
        Value::Text(text) | Value::Trusted(_, text) => text.len(),
        Value::List(list) => list.items.len(),
        _ => return Err(format!("can't slice item of type {}", value.type_name())),
    };
    let mut bounds = Vec::with_capacity(places.len());
    for at in places {
        bounds.push(place(at, length)?);
    }
    let from = bounds.first().copied().unwrap_or(0);
    let to = bounds.get(1).copied().unwrap_or(length);
    let last = bounds.get(2).copied().unwrap_or(length);
    if from > to {
        return Err(format!("invalid slice index: {from} > {to}"));
    }
    if to > last {
        return Err(format!("invalid slice index: {to} > {last}"));
    }
    Ok(match &base {
        Value::List(list) => {
            Value::list(list.type_name, list.items.get(from..to).unwrap_or_default().to_vec())
        }
        _ => {
            let bytes = base.as_text().unwrap_or_default().as_bytes();
            // A cut inside of a character leaves what is no text.
            Value::text(&String::from_utf8_lossy(bytes.get(from..to).unwrap_or_default()))
        }
    })
}
