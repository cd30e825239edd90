//! Conditions on labels.

use std::net::IpAddr;

use bumpalo::Bump;
use logql_syntax::ast::{Comparison, Condition, LabelFilter};
use logql_syntax::ip::IpRange;
use logql_syntax::quantity;
use model::Matcher;
use model::quote::quote;

use super::RowLabels;
use crate::{Error, Result};

/// What the error label says.
const ERROR: &str = "LabelFilterErr";

/// A tree of conditions, compiled.
#[derive(Debug, Clone)]
pub(crate) enum LabelCondition {
    Matcher(Matcher),
    /// On what the text of a label stands for.
    Typed(String, Typed),
    And(Box<LabelCondition>, Box<LabelCondition>),
    Or(Box<LabelCondition>, Box<LabelCondition>),
}

/// A condition on what a text stands for.
#[derive(Debug, Clone)]
pub(crate) enum Typed {
    Number(Comparison, f64),
    Duration(Comparison, i64),
    Bytes(Comparison, u64),
    Ip { negative: bool, range: IpRange },
}

/// What a condition says of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Test {
    Holds,
    Fails,
    /// The value is not of the form that is asked about.
    Broken,
}

impl From<bool> for Test {
    fn from(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::Fails }
    }
}

impl LabelCondition {
    pub(crate) fn new(filter: &LabelFilter) -> Result<Self> {
        Ok(match filter {
            LabelFilter::Matcher(matcher) => Self::Matcher(matcher.clone()),
            LabelFilter::And(left, right) => Self::And(Self::new(left)?.into(), Self::new(right)?.into()),
            LabelFilter::Or(left, right) => Self::Or(Self::new(left)?.into(), Self::new(right)?.into()),
            LabelFilter::Condition { label, condition } => {
                let typed = match condition {
                    Condition::Number(comparison, value) => Typed::Number(*comparison, *value),
                    Condition::Duration(comparison, nanos) => Typed::Duration(*comparison, *nanos),
                    Condition::Bytes(comparison, bytes) => Typed::Bytes(*comparison, *bytes),
                    Condition::Ip { negative, pattern } => {
                        let range =
                            IpRange::parse(pattern).map_err(|error| Error::Evaluation(error.to_string()))?;
                        Typed::Ip { negative: *negative, range }
                    }
                };
                Self::Typed(label.clone(), typed)
            }
        })
    }

    /// Adds the labels that it looks at.
    pub(crate) fn names(&self, names: &mut Vec<String>) {
        match self {
            Self::Matcher(matcher) => names.push(matcher.name().to_owned()),
            Self::Typed(label, _) => names.push(label.clone()),
            Self::And(left, right) | Self::Or(left, right) => {
                left.names(names);
                right.names(names);
            }
        }
    }

    /// Whether it looks at what a value stands for, and so may find it broken.
    pub(crate) fn may_break(&self) -> bool {
        match self {
            Self::Matcher(_) => false,
            Self::Typed(..) => true,
            Self::And(left, right) | Self::Or(left, right) => left.may_break() || right.may_break(),
        }
    }

    /// The label that it looks at, if it is one condition alone.
    pub(crate) fn label(&self) -> Option<&str> {
        match self {
            Self::Matcher(matcher) => Some(matcher.name()),
            Self::Typed(label, _) => Some(label),
            Self::And(..) | Self::Or(..) => None,
        }
    }

    /// What it says of the value of its label, being one condition alone.
    pub(crate) fn test(&self, value: &str) -> Test {
        match self {
            Self::Matcher(matcher) => matcher.matches(value).into(),
            Self::Typed(_, typed) => typed.test(value),
            Self::And(..) | Self::Or(..) => Test::Broken,
        }
    }

    /// Whether a row stays; a value that is not of the form that is asked about is an error, and stays.
    pub(crate) fn keeps<'r>(&self, labels: &mut RowLabels<'r>, arena: &'r Bump) -> bool {
        match self {
            Self::Matcher(matcher) => matcher.matches(labels.get(matcher.name())),
            Self::And(left, right) => left.keeps(labels, arena) && right.keeps(labels, arena),
            Self::Or(left, right) => left.keeps(labels, arena) || right.keeps(labels, arena),
            Self::Typed(label, typed) => {
                let text = labels.get(label);
                if text.is_empty() || labels.has_error() {
                    return !text.is_empty();
                }
                match typed.test(text) {
                    Test::Holds => true,
                    Test::Fails => false,
                    Test::Broken => {
                        labels.set_error(ERROR, arena.alloc_str(&typed.complaint(text)));
                        true
                    }
                }
            }
        }
    }
}

impl Typed {
    /// What it says of a value.
    pub(crate) fn test(&self, text: &str) -> Test {
        let test = match self {
            Self::Number(comparison, asked) => {
                model::number::parse_float(text).map(|value| comparison.holds(value, *asked))
            }
            Self::Duration(comparison, asked) => {
                quantity::parse_duration(text).map(|value| comparison.holds(value, *asked))
            }
            Self::Bytes(comparison, asked) => {
                quantity::parse_bytes(text).map(|value| comparison.holds(value, *asked))
            }
            Self::Ip { negative, range } => {
                // What is no address lies in no range.
                let is_in = text.parse::<IpAddr>().is_ok_and(|address| range.contains(address));
                Some(is_in != *negative)
            }
        };
        test.map_or(Test::Broken, Test::from)
    }

    fn complaint(&self, text: &str) -> String {
        match self {
            Self::Number(..) => no_number(text),
            Self::Duration(..) => no_duration(text),
            Self::Bytes(..) => no_bytes(text),
            Self::Ip { .. } => String::new(),
        }
    }
}

/// Why a text is no number, in the original's words.
pub(crate) fn no_number(text: &str) -> String {
    quantity::float_complaint(text)
}

/// Why a text is no duration, in the original's words.
pub(crate) fn no_duration(text: &str) -> String {
    let quoted = quote(text);
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digit = |character: char| character.is_ascii_digit();
    while !rest.is_empty() {
        // A number has one point; what stands behind a second one is looked at as a unit, and is none.
        let behind = rest.trim_start_matches(digit);
        let whole = rest.strip_suffix(behind).unwrap_or_default();
        let is_too_long = !whole.is_empty() && whole.parse::<i64>().is_err();
        let behind = behind.strip_prefix('.').map_or(behind, |decimals| decimals.trim_start_matches(digit));
        let has_digits = rest.strip_suffix(behind).is_some_and(|number| number.contains(digit));
        if is_too_long || !has_digits {
            break;
        }
        let length = behind.find(|character| digit(character) || character == '.').unwrap_or(behind.len());
        let (unit, next) = behind.split_at_checked(length).unwrap_or((behind, ""));
        if unit.is_empty() {
            return format!("time: missing unit in duration {quoted}");
        }
        if !matches!(unit, "ns" | "us" | "µs" | "μs" | "ms" | "s" | "m" | "h") {
            return format!("time: unknown unit {} in duration {quoted}", quote(unit));
        }
        rest = next;
    }
    format!("time: invalid duration {quoted}")
}

/// Why a text is no size, in the original's words.
pub(crate) fn no_bytes(text: &str) -> String {
    let end = text.find(|character: char| !character.is_ascii_digit() && !matches!(character, '.' | ','));
    let (number, unit) = text.split_at_checked(end.unwrap_or(text.len())).unwrap_or((text, ""));
    let number = number.replace(',', "");
    match number.parse::<f64>() {
        Ok(_) => format!("unhandled size name: {}", unit.trim().to_lowercase()),
        Err(_) => no_number(&number),
    }
}
