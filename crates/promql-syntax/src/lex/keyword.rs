//! Words that are more than names.

use super::token::{Keyword, TokenKind, Word};
use crate::ast::{AggregateOp, BinaryOp};

/// The longest of them.
const WORD_BYTES_MAX: usize = "count_values".len();

/// What a word in any mixture of upper and lower case stands for; `None` for a plain name.
pub(super) fn lookup(word: &str) -> Option<TokenKind> {
    let mut buffer = [0; WORD_BYTES_MAX];
    let lower = buffer.get_mut(..word.len())?;
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    Some(match &*lower {
        b"and" => TokenKind::Operator(BinaryOp::And),
        b"or" => TokenKind::Operator(BinaryOp::Or),
        b"unless" => TokenKind::Operator(BinaryOp::Unless),
        b"atan2" => TokenKind::Operator(BinaryOp::Atan2),
        b"inf" | b"nan" => TokenKind::Number,
        b"start" => TokenKind::Word(Word::Start),
        b"end" => TokenKind::Word(Word::End),
        b"step" => TokenKind::Word(Word::Step),
        b"range" => TokenKind::Word(Word::Range),
        b"max_of" => TokenKind::Word(Word::MaxOf),
        b"min_of" => TokenKind::Word(Word::MinOf),
        lower => match keyword(lower) {
            Some(keyword) => TokenKind::Keyword(keyword),
            None => TokenKind::Aggregate(aggregate(lower)?),
        },
    })
}

fn keyword(lower: &[u8]) -> Option<Keyword> {
    Some(match lower {
        b"anchored" => Keyword::Anchored,
        b"bool" => Keyword::Bool,
        b"by" => Keyword::By,
        b"fill" => Keyword::Fill,
        b"fill_left" => Keyword::FillLeft,
        b"fill_right" => Keyword::FillRight,
        b"group_left" => Keyword::GroupLeft,
        b"group_right" => Keyword::GroupRight,
        b"ignoring" => Keyword::Ignoring,
        b"offset" => Keyword::Offset,
        b"on" => Keyword::On,
        b"smoothed" => Keyword::Smoothed,
        b"without" => Keyword::Without,
        _ => return None,
    })
}

fn aggregate(lower: &[u8]) -> Option<AggregateOp> {
    Some(match lower {
        b"avg" => AggregateOp::Avg,
        b"bottomk" => AggregateOp::BottomK,
        b"count" => AggregateOp::Count,
        b"count_values" => AggregateOp::CountValues,
        b"group" => AggregateOp::Group,
        b"limit_ratio" => AggregateOp::LimitRatio,
        b"limitk" => AggregateOp::LimitK,
        b"max" => AggregateOp::Max,
        b"min" => AggregateOp::Min,
        b"quantile" => AggregateOp::Quantile,
        b"stddev" => AggregateOp::Stddev,
        b"stdvar" => AggregateOp::Stdvar,
        b"sum" => AggregateOp::Sum,
        b"topk" => AggregateOp::TopK,
        _ => return None,
    })
}
