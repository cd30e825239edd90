//! Start timestamps: `series@st _ -1m 0 -30s-1mx2`.

use model::duration::parse_duration;

use super::SERIES_VALUES_MAX;
use crate::error::{ErrorKind, Located, Parsed};
use crate::parse::Parser;
use crate::span::Span;

/// What stands behind the labels of a line with start timestamps.
const MARK: &str = "@st";

impl Parser<'_> {
    /// Reads the rest of the text as start timestamps if it is marked so.
    pub(super) fn start_offsets(&mut self) -> Parsed<Option<Vec<Option<i64>>>> {
        let (begin, rest) = self.lexer().remainder();
        let Some(list) = rest.strip_prefix(MARK) else { return Ok(None) };
        let begin = begin + MARK.len();
        if !(list.is_empty() || list.starts_with(char::is_whitespace)) {
            return Err(invalid(MARK, begin));
        }
        let mut offsets = Vec::new();
        for item in list.split_ascii_whitespace() {
            let at = begin + position_in(list, item);
            let failed = || invalid(item, at);
            let row = Row::parse(item).ok_or_else(failed)?;
            if offsets.len().saturating_add(row.count) > SERIES_VALUES_MAX {
                return Err(Located::new(ErrorKind::TooManyValues(SERIES_VALUES_MAX), Span::new(at, at)));
            }
            let mut offset = row.first;
            for _ in 0..row.count {
                offsets.push(offset);
                offset = offset.and_then(|offset| offset.checked_add(row.step));
            }
        }
        Ok(Some(offsets))
    }
}

fn invalid(item: &str, at: usize) -> Box<Located> {
    let kind = ErrorKind::InvalidStartTimestamp(item.to_owned());
    Located::new(kind, Span::new(at, at + item.len()))
}

/// Where a part of a text begins in it.
fn position_in(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

/// One item: an offset (or none) and how it goes on.
struct Row {
    first: Option<i64>,
    step: i64,
    count: usize,
}

impl Row {
    fn parse(item: &str) -> Option<Self> {
        let (value, times) = match item.split_once('x') {
            Some((value, times)) => (value, Some(times.parse::<usize>().ok()?)),
            None => (item, None),
        };
        if value == "_" {
            return Some(Self { first: None, step: 0, count: times.unwrap_or(1) });
        }
        let (first, step) = match value.rfind(['+', '-']).filter(|position| *position > 0) {
            Some(position) => {
                let (first, step) = value.split_at_checked(position)?;
                times?;
                (signed_ms(first)?, signed_ms(step)?)
            }
            None => (signed_ms(value)?, 0),
        };
        Some(Self { first: Some(first), step, count: times.map_or(1, |times| times.saturating_add(1)) })
    }
}

/// A duration with or without a sign.
fn signed_ms(text: &str) -> Option<i64> {
    let (negative, duration) = match text.strip_prefix('-') {
        Some(duration) => (true, duration),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let ms = i64::try_from(parse_duration(duration).ok()?.as_millis()).ok()?;
    Some(if negative { -ms } else { ms })
}
