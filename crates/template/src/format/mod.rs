//! Values as text: `print`, `println`, `printf` with the verbs of Go.

mod number;
mod verb;

use crate::value::{Kind, Value};

pub(crate) use verb::sprintf;

/// A value as `%v` writes it.
pub(crate) fn shown(value: &Value) -> String {
    let mut out = String::new();
    verb::push_value(&mut out, value, &verb::Spec::plain('v'), 0);
    out
}

/// A value as an action writes it: what is missing is told, and a pointer is what it points to.
pub(crate) fn printed(value: &Value) -> String {
    match value {
        Value::Nil => "<no value>".into(),
        Value::Text(text) | Value::Trusted(_, text) => text.to_string(),
        Value::Object(object) if object.text().is_none() && object.type_name().starts_with('*') => {
            let text = shown(value);
            text.strip_prefix('&').map_or_else(|| text.clone(), str::to_owned)
        }
        _ => shown(value),
    }
}

/// Values one behind the other; a blank between two of which neither is a text.
pub(crate) fn sprint(values: &[Value]) -> String {
    let mut out = String::new();
    let mut after_text = true;
    for (index, value) in values.iter().enumerate() {
        let is_text = value.kind() == Kind::Text;
        if index > 0 && !is_text && !after_text {
            out.push(' ');
        }
        out.push_str(&shown(value));
        after_text = is_text;
    }
    out
}

/// Values with blanks between them and a line end behind.
pub(crate) fn sprintln(values: &[Value]) -> String {
    let mut out = values.iter().map(shown).collect::<Vec<_>>().join(" ");
    out.push('\n');
    out
}
