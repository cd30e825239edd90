//! Sets of functions.

use crate::value::{Type, Value};

/// What a function takes.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// What it must be given.
    pub takes: &'static [Type],
    /// What it may be given besides, any number of times.
    pub rest: Option<Type>,
}

impl Signature {
    /// A function that takes just these.
    pub const fn of(takes: &'static [Type]) -> Signature {
        Signature { takes, rest: None }
    }

    /// A function that takes these and any number of `rest`.
    pub const fn with_rest(takes: &'static [Type], rest: Type) -> Signature {
        Signature { takes, rest: Some(rest) }
    }

    /// What the argument at `index` must be.
    pub(crate) fn at(&self, index: usize) -> Type {
        self.takes.get(index).copied().or(self.rest).unwrap_or(Type::Any)
    }
}

/// The functions that a template has besides those of the language.
pub trait Library {
    /// What the function of a name takes; none when there is no such function.
    fn signature(&self, name: &str) -> Option<Signature>;

    /// Calls a function with arguments as its signature says.
    ///
    /// # Errors
    /// The function fails, in its words.
    fn call(&self, name: &str, given: &[Value]) -> Result<Value, String>;
}

/// No functions but those of the language.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFunctions;

impl Library for NoFunctions {
    fn signature(&self, _name: &str) -> Option<Signature> {
        None
    }

    fn call(&self, name: &str, _given: &[Value]) -> Result<Value, String> {
        Err(format!("function {} not defined", model::quote::quote(name)))
    }
}
