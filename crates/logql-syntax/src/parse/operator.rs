//! What tokens mean as operators and operations.

use crate::ast::{BinaryOperator, RangeOperation, VectorOperation};
use crate::lex::TokenKind;

pub(super) fn range_operation(kind: TokenKind) -> Option<RangeOperation> {
    Some(match kind {
        TokenKind::Rate => RangeOperation::Rate,
        TokenKind::RateCounter => RangeOperation::RateCounter,
        TokenKind::CountOverTime => RangeOperation::Count,
        TokenKind::BytesRate => RangeOperation::BytesRate,
        TokenKind::BytesOverTime => RangeOperation::Bytes,
        TokenKind::AvgOverTime => RangeOperation::Average,
        TokenKind::SumOverTime => RangeOperation::Sum,
        TokenKind::MinOverTime => RangeOperation::Min,
        TokenKind::MaxOverTime => RangeOperation::Max,
        TokenKind::StdvarOverTime => RangeOperation::Variance,
        TokenKind::StddevOverTime => RangeOperation::Deviation,
        TokenKind::QuantileOverTime => RangeOperation::Quantile,
        TokenKind::FirstOverTime => RangeOperation::First,
        TokenKind::LastOverTime => RangeOperation::Last,
        TokenKind::AbsentOverTime => RangeOperation::Absent,
        _ => return None,
    })
}

pub(super) fn vector_operation(kind: TokenKind) -> Option<VectorOperation> {
    Some(match kind {
        TokenKind::Sum => VectorOperation::Sum,
        TokenKind::Avg => VectorOperation::Average,
        TokenKind::Count => VectorOperation::Count,
        TokenKind::Max => VectorOperation::Max,
        TokenKind::Min => VectorOperation::Min,
        TokenKind::Stddev => VectorOperation::Deviation,
        TokenKind::Stdvar => VectorOperation::Variance,
        TokenKind::BottomK => VectorOperation::BottomK,
        TokenKind::TopK => VectorOperation::TopK,
        TokenKind::ApproxTopK => VectorOperation::ApproximateTopK,
        TokenKind::Sort => VectorOperation::Sort,
        TokenKind::SortDesc => VectorOperation::SortDescending,
        _ => return None,
    })
}

pub(super) fn binary_operator(kind: TokenKind) -> Option<BinaryOperator> {
    Some(match kind {
        TokenKind::Or => BinaryOperator::Or,
        TokenKind::And => BinaryOperator::And,
        TokenKind::Unless => BinaryOperator::Unless,
        TokenKind::CompareEqual => BinaryOperator::Equal,
        TokenKind::NotEqual => BinaryOperator::NotEqual,
        TokenKind::Less => BinaryOperator::Less,
        TokenKind::LessOrEqual => BinaryOperator::LessOrEqual,
        TokenKind::Greater => BinaryOperator::Greater,
        TokenKind::GreaterOrEqual => BinaryOperator::GreaterOrEqual,
        TokenKind::Add => BinaryOperator::Add,
        TokenKind::Subtract => BinaryOperator::Subtract,
        TokenKind::Multiply => BinaryOperator::Multiply,
        TokenKind::Divide => BinaryOperator::Divide,
        TokenKind::Modulo => BinaryOperator::Modulo,
        TokenKind::Power => BinaryOperator::Power,
        _ => return None,
    })
}
