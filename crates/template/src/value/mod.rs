//! What templates compute with: the values of Go that can reach one.

mod compare;
mod object;
mod time;

use std::{collections::BTreeMap, sync::Arc};

pub use object::{Method, Named, Object};
pub use time::{Duration, Time};

pub(crate) use compare::{compare, equal};

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    /// No value: what is missing, and `nil`.
    Nil,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number that has no sign: bytes of texts, for one.
    Uint(u64),
    /// A floating-point number.
    Float(f64),
    /// A text.
    Text(Arc<str>),
    /// A text that the escaping form takes as it is where it fits.
    Trusted(Trust, Arc<str>),
    /// Values in order.
    List(Arc<List>),
    /// Values by name.
    Map(Arc<Map>),
    /// A point in time.
    Time(Time),
    /// A span of time.
    Duration(Duration),
    /// Anything with fields or methods.
    Object(Arc<dyn Object>),
}

/// For what a text is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// A piece of a page.
    Html,
    /// An address.
    Url,
    /// Escaped for the query of an address by the template itself.
    Query,
}

/// Values in order.
#[derive(Debug)]
pub struct List {
    /// What Go calls the type: `[]string`.
    pub type_name: &'static str,
    /// The values.
    pub items: Vec<Value>,
}

/// Values by name.
#[derive(Debug)]
pub struct Map {
    /// What the values are; with it the type is called `map[string]…`.
    pub element: Type,
    /// The values.
    pub entries: BTreeMap<Arc<str>, Value>,
}

/// What a function or a map takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Anything.
    Any,
    /// A truth value.
    Bool,
    /// A whole number.
    Int,
    /// A floating-point number.
    Float,
    /// A text.
    Text,
    /// A span of time.
    Duration,
    /// What Go calls so; whether it can be nil.
    Named(&'static str, bool),
}

impl Type {
    /// What Go calls it.
    pub fn name(self) -> &'static str {
        match self {
            Type::Any => "interface {}",
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Float => "float64",
            Type::Text => "string",
            Type::Duration => "time.Duration",
            Type::Named(name, _) => name,
        }
    }

    /// Whether there can be no value of it.
    pub(crate) fn can_be_nil(self) -> bool {
        matches!(self, Type::Any | Type::Named(_, true))
    }

    /// What stands where nothing was given.
    pub(crate) fn zero(self) -> Value {
        match self {
            Type::Any | Type::Named(..) => Value::Nil,
            Type::Bool => Value::Bool(false),
            Type::Int => Value::Int(0),
            Type::Float => Value::Float(0.0),
            Type::Text => Value::text(""),
            Type::Duration => Value::Duration(Duration::from_nanos(0)),
        }
    }
}

/// The kinds that compare with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Nil,
    Bool,
    Int,
    Uint,
    Float,
    Text,
    List,
    Map,
    Struct,
}

impl Value {
    /// A text.
    pub fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    /// Names to texts: Go's `map[string]string`.
    pub fn text_map<'a>(entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
        let entries = entries.into_iter().map(|(name, value)| (name.into(), Value::text(value))).collect();
        Value::Map(Arc::new(Map { element: Type::Text, entries }))
    }

    /// Names to anything: Go's `map[string]interface {}`.
    pub fn any_map(entries: impl IntoIterator<Item = (Arc<str>, Value)>) -> Value {
        Value::Map(Arc::new(Map { element: Type::Any, entries: entries.into_iter().collect() }))
    }

    /// Values in order, of the type that Go calls `type_name`.
    pub fn list(type_name: &'static str, items: Vec<Value>) -> Value {
        Value::List(Arc::new(List { type_name, items }))
    }

    /// What it may be put into as it is.
    pub(crate) fn trust(&self) -> Option<Trust> {
        match self {
            Value::Trusted(trust, _) => Some(*trust),
            _ => None,
        }
    }

    /// What Go calls its type.
    pub fn type_name(&self) -> String {
        match self {
            Value::Nil => "<nil>".into(),
            Value::Bool(_) => "bool".into(),
            Value::Int(_) => "int".into(),
            Value::Uint(_) => "uint8".into(),
            Value::Float(_) => "float64".into(),
            Value::Text(_) => "string".into(),
            Value::Trusted(Trust::Html, _) => "template.HTML".into(),
            Value::Trusted(Trust::Url, _) => "template.URL".into(),
            Value::Trusted(Trust::Query, _) => "string".into(),
            Value::List(list) => list.type_name.into(),
            Value::Map(map) => format!("map[string]{}", map.element.name()),
            Value::Time(time) if time.is_pointer() => "*time.Time".into(),
            Value::Time(_) => "time.Time".into(),
            Value::Duration(duration) if duration.is_pointer() => "*time.Duration".into(),
            Value::Duration(_) => "time.Duration".into(),
            Value::Object(object) => object.type_name().into(),
        }
    }

    /// What lies under a type that was given a name.
    pub(crate) fn base(&self) -> Value {
        match self {
            Value::Object(object) => object.base().map_or_else(|| self.clone(), |base| base.base()),
            _ => self.clone(),
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            Value::Nil => Kind::Nil,
            Value::Bool(_) => Kind::Bool,
            Value::Int(_) | Value::Duration(_) => Kind::Int,
            Value::Uint(_) => Kind::Uint,
            Value::Float(_) => Kind::Float,
            Value::Text(_) | Value::Trusted(..) => Kind::Text,
            Value::List(_) => Kind::List,
            Value::Map(_) => Kind::Map,
            Value::Time(_) => Kind::Struct,
            Value::Object(object) => object.base().map_or(Kind::Struct, |base| base.kind()),
        }
    }

    /// Whether `if` takes it for true: what is not empty, zero or missing.
    pub fn is_true(&self) -> bool {
        match self {
            Value::Nil => false,
            Value::Bool(value) => *value,
            Value::Int(value) => *value != 0,
            Value::Uint(value) => *value != 0,
            Value::Float(value) => *value != 0.0,
            Value::Text(text) | Value::Trusted(_, text) => !text.is_empty(),
            Value::List(list) => !list.items.is_empty(),
            Value::Map(map) => !map.entries.is_empty(),
            Value::Time(_) => true,
            Value::Duration(duration) => duration.nanos() != 0,
            Value::Object(object) => object.base().is_none_or(|base| base.is_true()),
        }
    }

    /// The text, when it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) | Value::Trusted(_, text) => Some(text),
            _ => None,
        }
    }

    /// As Go's `%v` writes it.
    pub fn to_text(&self) -> String {
        crate::format::shown(self)
    }
}
