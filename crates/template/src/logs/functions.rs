//! The functions of log queries, in one table.

use super::{json, maths, text, times};
use crate::{Library, Signature, Time, Type, Value};

const TEXT: Signature = Signature::of(&[Type::Text]);
const TEXTS: Signature = Signature::of(&[Type::Text, Type::Text]);
const THREE_TEXTS: Signature = Signature::of(&[Type::Text, Type::Text, Type::Text]);
const SIZED: Signature = Signature::of(&[Type::Int, Type::Text]);
const ANY: Signature = Signature::of(&[Type::Any]);
const TWO: Signature = Signature::of(&[Type::Any, Type::Any]);
const SOME: Signature = Signature::with_rest(&[], Type::Any);
const ONE_AND_MORE: Signature = Signature::with_rest(&[Type::Any], Type::Any);
const TIME: Signature = Signature::of(&[Type::Named("time.Time", false)]);
const NOTHING: Signature = Signature::of(&[]);

/// The names, for parsing without a line.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogFunctionNames;

impl Library for LogFunctionNames {
    fn signature(&self, name: &str) -> Option<Signature> {
        signature(name)
    }

    fn call(&self, name: &str, _given: &[Value]) -> Result<Value, String> {
        Err(format!("function {} not defined", model::quote::quote(name)))
    }
}

/// The functions over one line.
#[derive(Clone, Copy, Debug)]
pub struct LogFunctions<'l> {
    /// The line as it is now.
    pub line: &'l str,
    /// Its time in nanoseconds since the Unix epoch.
    pub timestamp_ns: i64,
    /// The time of the query in nanoseconds since the Unix epoch.
    pub now_ns: i64,
}

/// What each function takes.
fn signature(name: &str) -> Option<Signature> {
    Some(match name {
        "__line__" | "__timestamp__" | "now" => NOTHING,
        "ToLower" | "ToUpper" | "lower" | "upper" | "title" | "TrimSpace" | "trim" | "urlencode"
        | "urldecode" | "b64enc" | "b64dec" | "bytes" | "duration" | "duration_seconds" | "unixToTime"
        | "fromJson" => TEXT,
        "Trim" | "TrimLeft" | "TrimRight" | "TrimPrefix" | "TrimSuffix" | "trimAll" | "trimPrefix"
        | "trimSuffix" | "contains" | "hasPrefix" | "hasSuffix" | "count" | "toDate" => TEXTS,
        "replace" | "regexReplaceAll" | "regexReplaceAllLiteral" | "toDateInZone" => THREE_TEXTS,
        "Replace" => Signature::of(&[Type::Text, Type::Text, Type::Text, Type::Int]),
        "trunc" | "indent" | "nindent" | "repeat" | "alignLeft" | "alignRight" => SIZED,
        "substr" => Signature::of(&[Type::Int, Type::Int, Type::Text]),
        "date" => Signature::of(&[Type::Text, Type::Any]),
        "unixEpoch" | "unixEpochMillis" | "unixEpochNanos" => TIME,
        "int" | "float64" | "ceil" | "floor" => ANY,
        "sub" | "div" | "mod" => TWO,
        "add" | "addf" => SOME,
        "mul" | "max" | "min" | "maxf" | "minf" | "subf" | "mulf" | "divf" => ONE_AND_MORE,
        "round" => Signature::with_rest(&[Type::Any, Type::Int], Type::Float),
        "default" => Signature::with_rest(&[Type::Any], Type::Any),
        _ => return None,
    })
}

impl Library for LogFunctions<'_> {
    fn signature(&self, name: &str) -> Option<Signature> {
        signature(name)
    }

    fn call(&self, name: &str, given: &[Value]) -> Result<Value, String> {
        match name {
            "__line__" => Ok(Value::text(self.line)),
            "__timestamp__" => Ok(Value::Time(Time::from_nanos(i128::from(self.timestamp_ns)))),
            "now" => Ok(Value::Time(Time::from_nanos(i128::from(self.now_ns)))),
            "fromJson" => {
                Ok(json::read(given.first().and_then(Value::as_text).unwrap_or_default())
                    .unwrap_or(Value::Nil))
            }
            "default" => Ok(match given {
                [_, value, ..] if value.is_true() => value.clone(),
                [default, ..] => default.clone(),
                [] => Value::Nil,
            }),
            _ => None
                .or_else(|| times::call(name, given, self.now_ns))
                .or_else(|| maths::call(name, given))
                .or_else(|| text::call(name, given))
                .unwrap_or_else(|| Err(format!("function {} not defined", model::quote::quote(name)))),
        }
    }
}
