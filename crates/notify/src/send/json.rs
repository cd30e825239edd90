//! JSON as Go's encoder writes it: fields in their order, what could be markup escaped.

use template::Value;
use template::notifications::to_json;

/// A text in quotes.
pub(crate) fn quoted(text: &str) -> String {
    to_json(&Value::text(text))
}

/// An array of what is JSON already.
pub(crate) fn list(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(","))
}

/// An object that is being written.
#[derive(Default)]
pub(crate) struct Object(Vec<String>);

impl Object {
    pub(crate) fn new() -> Object {
        Object::default()
    }

    /// What is JSON already.
    pub(crate) fn raw(mut self, name: &str, json: impl std::fmt::Display) -> Object {
        self.0.push(format!("{}:{json}", quoted(name)));
        self
    }

    pub(crate) fn text(self, name: &str, text: &str) -> Object {
        let json = quoted(text);
        self.raw(name, json)
    }

    /// A text that is left out where it is empty.
    pub(crate) fn text_if(self, name: &str, text: &str) -> Object {
        if text.is_empty() { self } else { self.text(name, text) }
    }

    /// What is JSON already and left out where `is_there` does not hold.
    pub(crate) fn raw_if(self, is_there: bool, name: &str, json: impl std::fmt::Display) -> Object {
        if is_there { self.raw(name, json) } else { self }
    }

    pub(crate) fn end(self) -> String {
        format!("{{{}}}", self.0.join(","))
    }
}
