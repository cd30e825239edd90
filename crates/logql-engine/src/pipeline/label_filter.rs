//! Conditions on labels.

use std::net::IpAddr;

use bumpalo::Bump;
use logql_syntax::ast::{Comparison, Condition, LabelFilter};
use logql_syntax::ip::IpRange;
use logql_syntax::quantity;
use model::Matcher;

use super::RowLabels;
use crate::{Error, Result};

/// A tree of conditions, compiled.
#[derive(Debug)]
pub(crate) enum LabelCondition {
    Matcher(Matcher),
    Number(String, Comparison, f64),
    Duration(String, Comparison, i64),
    Bytes(String, Comparison, u64),
    Ip { label: String, negative: bool, range: IpRange },
    And(Box<LabelCondition>, Box<LabelCondition>),
    Or(Box<LabelCondition>, Box<LabelCondition>),
}

/// What a condition says of a row.
enum Verdict {
    Keep,
    Drop,
    /// The value is not of the form that is asked about.
    Broken(String),
}

impl LabelCondition {
    pub(crate) fn new(filter: &LabelFilter) -> Result<Self> {
        Ok(match filter {
            LabelFilter::Matcher(matcher) => Self::Matcher(matcher.clone()),
            LabelFilter::And(left, right) => Self::And(Self::new(left)?.into(), Self::new(right)?.into()),
            LabelFilter::Or(left, right) => Self::Or(Self::new(left)?.into(), Self::new(right)?.into()),
            LabelFilter::Condition { label, condition } => {
                let label = label.clone();
                match condition {
                    Condition::Number(comparison, value) => Self::Number(label, *comparison, *value),
                    Condition::Duration(comparison, nanos) => Self::Duration(label, *comparison, *nanos),
                    Condition::Bytes(comparison, bytes) => Self::Bytes(label, *comparison, *bytes),
                    Condition::Ip { negative, pattern } => {
                        let range =
                            IpRange::parse(pattern).map_err(|error| Error::Evaluation(error.to_string()))?;
                        Self::Ip { label, negative: *negative, range }
                    }
                }
            }
        })
    }

    /// Adds the labels that it looks at.
    pub(crate) fn names(&self, names: &mut Vec<String>) {
        match self {
            Self::Matcher(matcher) => names.push(matcher.name().to_owned()),
            Self::Number(label, ..) | Self::Duration(label, ..) | Self::Bytes(label, ..) => {
                names.push(label.clone());
            }
            Self::Ip { label, .. } => names.push(label.clone()),
            Self::And(left, right) | Self::Or(left, right) => {
                left.names(names);
                right.names(names);
            }
        }
    }

    /// Whether a row stays; a value that is not of the form that is asked about is an error, and stays.
    pub(crate) fn keeps<'r>(&self, labels: &mut RowLabels<'r>, arena: &'r Bump) -> bool {
        match self {
            Self::Matcher(matcher) => matcher.matches(labels.get(matcher.name())),
            Self::And(left, right) => left.keeps(labels, arena) && right.keeps(labels, arena),
            Self::Or(left, right) => left.keeps(labels, arena) || right.keeps(labels, arena),
            Self::Number(label, comparison, asked) => {
                typed(labels, arena, label, |text| match model::number::parse_float(text) {
                    Some(value) => verdict(comparison.holds(value, *asked)),
                    None => Verdict::Broken(format!(
                        "strconv.ParseFloat: parsing {}: invalid syntax",
                        model::quote::quote(text)
                    )),
                })
            }
            Self::Duration(label, comparison, asked) => {
                typed(labels, arena, label, |text| match quantity::parse_duration(text) {
                    Some(value) => verdict(comparison.holds(value, *asked)),
                    None => Verdict::Broken(format!("time: invalid duration {}", model::quote::quote(text))),
                })
            }
            Self::Bytes(label, comparison, asked) => {
                typed(labels, arena, label, |text| match quantity::parse_bytes(text) {
                    Some(value) => verdict(comparison.holds(value, *asked)),
                    None => Verdict::Broken(format!(
                        "strconv.ParseFloat: parsing {}: invalid syntax",
                        model::quote::quote(text)
                    )),
                })
            }
            Self::Ip { label, negative, range } => {
                typed(labels, arena, label, |text| match text.parse::<IpAddr>() {
                    Ok(address) => verdict(range.contains(address) != *negative),
                    Err(_) => Verdict::Drop,
                })
            }
        }
    }
}

fn verdict(holds: bool) -> Verdict {
    if holds { Verdict::Keep } else { Verdict::Drop }
}

fn typed<'r>(
    labels: &mut RowLabels<'r>,
    arena: &'r Bump,
    label: &str,
    test: impl FnOnce(&str) -> Verdict,
) -> bool {
    if labels.has_error() {
        return true;
    }
    let Some(text) = labels.find(label) else { return false };
    match test(text) {
        Verdict::Keep => true,
        Verdict::Drop => false,
        Verdict::Broken(details) => {
            labels.set_error("LabelFilterErr", arena.alloc_str(&details));
            true
        }
    }
}
