//! The functions of the language.

use std::cmp::Ordering;

use super::{
    elements,
    escape::{html_escape, js_escape, query_escape},
};
use crate::{
    Signature, Value, format,
    syntax::tree::Operand,
    value::{Type, compare, equal},
};

const ANY: Signature = Signature::with_rest(&[], Type::Any);
const ONE: Signature = Signature::of(&[Type::Any]);
const TWO: Signature = Signature::of(&[Type::Any, Type::Any]);
const ONE_AND_MORE: Signature = Signature::with_rest(&[Type::Any], Type::Any);

/// What a function of the language takes.
pub(super) fn signature(name: &str) -> Option<Signature> {
    Some(match name {
        "html" | "js" | "urlquery" | "print" | "println" => ANY,
        "printf" => Signature::with_rest(&[Type::Text], Type::Any),
        "and" | "or" | "eq" | "index" | "slice" | "call" => ONE_AND_MORE,
        "not" | "len" => ONE,
        "ne" | "lt" | "le" | "gt" | "ge" => TWO,
        _ => return None,
    })
}

/// Whether the language has a function of the name.
pub(crate) fn is_builtin(name: &str) -> bool {
    signature(name).is_some()
}

/// Why a value cannot be called.
pub(super) fn no_function(written: Option<&Operand>, value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Nil) => "call of nil".into(),
        Some(value) => {
            let written = written.map_or_else(|| format::shown(value), Operand::to_string);
            format!("non-function {written} of type {}", value.type_name())
        }
    }
}

pub(super) fn call(name: &str, given: &[Value]) -> Result<Value, String> {
    let text = |text: String| Ok(Value::Text(text.into()));
    let ordered = |wanted: &dyn Fn(Option<Ordering>) -> bool| match given {
        [left, right] => Ok(Value::Bool(wanted(compare(left, right)?))),
        _ => Ok(Value::Bool(false)),
    };
    match (name, given) {
        ("print", _) => text(format::sprint(given)),
        ("println", _) => text(format::sprintln(given)),
        ("printf", [layout, rest @ ..]) => text(format::sprintf(layout.as_text().unwrap_or_default(), rest)),
        ("html", _) => text(html_escape(&joined(given))),
        ("js", _) => text(js_escape(&joined(given))),
        ("urlquery", _) => text(query_escape(&joined(given))),
        ("not", [value]) => Ok(Value::Bool(!value.is_true())),
        ("len", [value]) => elements::len(value),
        ("index", [value, places @ ..]) => elements::index(value, places),
        ("slice", [value, places @ ..]) => elements::slice(value, places),
        ("eq", [_]) => Err("missing argument for comparison".into()),
        ("eq", [value, others @ ..]) => {
            for other in others {
                if equal(value, other)? {
                    return Ok(Value::Bool(true));
                }
            }
            Ok(Value::Bool(false))
        }
        ("ne", [left, right]) => Ok(Value::Bool(!equal(left, right)?)),
        ("lt", _) => ordered(&|order| order.is_some_and(Ordering::is_lt)),
        ("le", _) => ordered(&|order| order.is_some_and(Ordering::is_le)),
        // Greater is what is not less or equal: NaN is greater than everything, as in the original.
        ("gt", _) => ordered(&|order| order.is_none_or(Ordering::is_gt)),
        ("ge", _) => ordered(&|order| order.is_none_or(Ordering::is_ge)),
        _ => Err(format!("function {} not defined", model::quote::quote(name))),
    }
}

/// One text as it is; anything else as `print` writes it, but for what is missing.
fn joined(given: &[Value]) -> String {
    match given {
        [Value::Text(text) | Value::Trusted(_, text)] => text.to_string(),
        _ => {
            let shown = |value: &Value| match value {
                Value::Nil => Value::text("<no value>"),
                value => value.clone(),
            };
            format::sprint(&given.iter().map(shown).collect::<Vec<_>>())
        }
    }
}
