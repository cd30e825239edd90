//! Filters on the line.

use go_regex::Regex;
use logql_syntax::ast::{LineFilter, LineFilterOperator, LineOperand};
use memchr::memmem;

use crate::{Error, Result};

/// A filter on the line: any of its operands compares, or none does.
#[derive(Debug)]
pub(crate) struct LineTest {
    negative: bool,
    operands: Vec<Operand>,
}

/// What a line is compared with.
#[derive(Debug)]
enum Operand {
    Text(memmem::Finder<'static>),
    Regex(Regex),
}

impl LineTest {
    pub(crate) fn new(filter: &LineFilter) -> Result<Self> {
        let operands = filter.operands().map(|operand| operand_of(filter.operator, operand));
        Ok(Self { negative: filter.operator.is_negative(), operands: operands.collect::<Result<_>>()? })
    }

    /// Whether a line stays.
    pub(crate) fn keeps(&self, line: &[u8]) -> bool {
        let found = self.operands.iter().any(|operand| match operand {
            Operand::Text(finder) => finder.find(line).is_some(),
            Operand::Regex(regex) => regex.is_match_bytes(line),
        });
        found != self.negative
    }
}

fn operand_of(operator: LineFilterOperator, operand: &LineOperand) -> Result<Operand> {
    match (operator, operand) {
        (LineFilterOperator::Contains | LineFilterOperator::NotContains, LineOperand::Text(text)) => {
            Ok(Operand::Text(memmem::Finder::new(text).into_owned()))
        }
        (LineFilterOperator::Regex | LineFilterOperator::NotRegex, LineOperand::Text(text)) => {
            Regex::new(text).map(Operand::Regex).map_err(|error| Error::Evaluation(error.to_string()))
        }
        _ => Err(Error::Unsupported(format!("the line filter {}", operator.as_str()))),
    }
}
