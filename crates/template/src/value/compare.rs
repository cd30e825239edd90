//! `eq`, `lt` and their kin.

use std::cmp::Ordering;

use super::{Kind, Value};
use crate::format::shown;

fn is_basic(kind: Kind) -> bool {
    matches!(kind, Kind::Bool | Kind::Int | Kind::Uint | Kind::Float | Kind::Text)
}

fn mismatch(left: &Value, right: &Value) -> String {
    format!("incompatible types for comparison: {} and {}", left.type_name(), right.type_name())
}

/// The order of a whole number with a sign beside one without.
fn order_mixed(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(left), Value::Uint(right)) => Some(i128::from(*left).cmp(&i128::from(*right))),
        (Value::Uint(left), Value::Int(right)) => Some(i128::from(*left).cmp(&i128::from(*right))),
        _ => None,
    }
}

/// Whether two values are equal.
///
/// # Errors
/// They cannot be compared.
pub(crate) fn equal(left: &Value, right: &Value) -> Result<bool, String> {
    let (a, b) = (left.base(), right.base());
    let (left_kind, right_kind) = (a.kind(), b.kind());
    if is_basic(left_kind) && is_basic(right_kind) && left_kind != right_kind {
        return order_mixed(&a, &b)
            .map(|order| order == Ordering::Equal)
            .ok_or_else(|| mismatch(left, right));
    }
    if left_kind == Kind::Nil || right_kind == Kind::Nil {
        return Ok(left_kind == right_kind);
    }
    match (&a, &b) {
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        (Value::Time(a), Value::Time(b)) => Ok(a == b),
        (Value::Float(a), Value::Float(b)) => Ok(a == b),
        _ if left_kind != right_kind => Err(mismatch(left, right)),
        _ if matches!(left_kind, Kind::List | Kind::Map) => {
            Err(format!("non-comparable type {}: {}", shown(left), left.type_name()))
        }
        (Value::Object(a), Value::Object(b)) => Ok(std::sync::Arc::ptr_eq(a, b)),
        _ => Ok(order(&a, &b) == Some(Ordering::Equal)),
    }
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Uint(a), Value::Uint(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.nanos().cmp(&b.nanos())),
        (Value::Duration(a), Value::Int(b)) => Some(a.nanos().cmp(b)),
        (Value::Int(a), Value::Duration(b)) => Some(a.cmp(&b.nanos())),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        _ => Some(left.as_text()?.cmp(right.as_text()?)),
    }
}

/// The order of two values; none when one is NaN.
///
/// # Errors
/// They have no order.
pub(crate) fn compare(left: &Value, right: &Value) -> Result<Option<Ordering>, String> {
    let (a, b) = (left.base(), right.base());
    let (left_kind, right_kind) = (a.kind(), b.kind());
    if !is_basic(left_kind) || !is_basic(right_kind) {
        return Err("invalid type for comparison".into());
    }
    if left_kind != right_kind {
        return order_mixed(&a, &b).map(Some).ok_or_else(|| mismatch(left, right));
    }
    match a {
        Value::Bool(_) => Err("invalid type for comparison".into()),
        _ => Ok(order(&a, &b)),
    }
}
