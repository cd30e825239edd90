//! Conditions on labels behind `|`.

use model::Matcher;

/// A tree of conditions.
#[derive(Debug, Clone, PartialEq)]
pub enum LabelFilter {
    /// On the text of a label.
    Matcher(Matcher),
    /// On what the text of a label stands for.
    Condition {
        /// The label.
        label: String,
        /// What is asked of it.
        condition: Condition,
    },
    /// Both hold.
    And(Box<LabelFilter>, Box<LabelFilter>),
    /// One holds.
    Or(Box<LabelFilter>, Box<LabelFilter>),
}

/// What is asked of a label.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Its number.
    Number(Comparison, f64),
    /// Its duration, in nanoseconds.
    Duration(Comparison, i64),
    /// Its size, in bytes.
    Bytes(Comparison, u64),
    /// Its address lies in a range: see [`crate::ip`].
    Ip {
        /// Whether it must not.
        negative: bool,
        /// The range.
        pattern: String,
    },
}

/// How two quantities compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `==` or `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
}

impl Comparison {
    /// The operator as it is printed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }

    /// Whether a value and the condition's stand in this relation.
    pub fn holds<T: PartialOrd>(self, value: T, asked: T) -> bool {
        match self {
            Self::Equal => value == asked,
            Self::NotEqual => value != asked,
            Self::Greater => value > asked,
            Self::GreaterOrEqual => value >= asked,
            Self::Less => value < asked,
            Self::LessOrEqual => value <= asked,
        }
    }
}
