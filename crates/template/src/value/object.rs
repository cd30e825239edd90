//! Values with fields and methods.

use std::{borrow::Cow, fmt, sync::Arc};

use super::{Type, Value};

/// A value with fields or methods, or a plain one whose type has a name.
pub trait Object: fmt::Debug + Send + Sync {
    /// What Go calls the type; a pointer begins with `*`.
    fn type_name(&self) -> &str;

    /// The fields in their order.
    fn fields(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// The field of a name.
    fn field(&self, name: &str) -> Option<Value> {
        self.fields().into_iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }

    /// Whether a field can hold a value of any type.
    fn holds_any(&self, _field: &str) -> bool {
        false
    }

    /// The method of a name.
    fn method(&self, _name: &str) -> Option<Method> {
        None
    }

    /// How it writes itself, when it does.
    fn text(&self) -> Option<String> {
        None
    }

    /// How it stands in JSON, where not as its fields or what it is besides.
    fn json(&self) -> Option<String> {
        None
    }

    /// The list, map, number or text that it is besides.
    fn base(&self) -> Option<Value> {
        None
    }
}

/// What a method does with its arguments.
type Run = Arc<dyn Fn(&[Value]) -> Result<Value, String> + Send + Sync>;

/// A method of a value.
#[derive(Clone)]
pub struct Method {
    pub(crate) takes: Cow<'static, [Type]>,
    pub(crate) run: Run,
}

impl Method {
    /// A method that takes nothing and cannot fail.
    pub fn plain(value: Value) -> Method {
        Method { takes: Cow::Borrowed(&[]), run: Arc::new(move |_| Ok(value.clone())) }
    }

    /// A method that takes something.
    pub fn new(
        takes: &'static [Type],
        run: impl Fn(&[Value]) -> Result<Value, String> + Send + Sync + 'static,
    ) -> Method {
        Method { takes: Cow::Borrowed(takes), run: Arc::new(run) }
    }
}

/// A number whose type has a name and that writes itself as a word: a month, a day of the week.
#[derive(Clone, Debug)]
pub struct Named {
    /// What Go calls the type.
    pub type_name: &'static str,
    /// The word.
    pub text: String,
    /// The number.
    pub number: i64,
}

impl Object for Named {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn method(&self, name: &str) -> Option<Method> {
        (name == "String").then(|| Method::plain(Value::text(&self.text)))
    }

    fn text(&self) -> Option<String> {
        Some(self.text.clone())
    }

    fn base(&self) -> Option<Value> {
        Some(Value::Int(self.number))
    }
}
