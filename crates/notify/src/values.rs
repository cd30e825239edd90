//! The kinds of value that settings of integrations have.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// Declares texts that differ in what a configuration may hold and in how they are shown.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident, $hidden:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Default, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// The text itself.
            pub fn expose(&self) -> &str {
                &self.0
            }

            /// Whether there is none.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(if $hidden && !self.0.is_empty() { "<secret>" } else { &self.0 })
            }
        }
    )*};
}

texts! {
    /// A text that must not be seen.
    Secret, true;
    /// An address that must not be seen.
    SecretUrl, true;
    /// An address that must not be seen, or a template that gives one.
    SecretTemplateUrl, true;
    /// An address.
    Url, false;
    /// An address before a path: a slash stands at its end.
    PrefixUrl, false;
}

/// A span of time in Go's notation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GoDuration(pub Duration);

/// Anything that a document can hold; its texts are templates.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Tree {
    /// Nothing.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A text.
    Text(String),
    /// Values in order.
    List(Vec<Tree>),
    /// Values by name.
    Map(BTreeMap<String, Tree>),
}
