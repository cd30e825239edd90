//! Lines that are as they were expected, which both text formats write alike.

use model::MetricType;

use super::float::parse_leading;
use super::{Guess, KnownLines};

/// Goes through the lines that `rest` begins with as long as each is the expected one; gives what follows them.
pub(super) fn pass<'a>(
    mut rest: &'a [u8],
    metric_type: &mut MetricType,
    lines: &mut impl KnownLines,
) -> &'a [u8] {
    loop {
        let passed = {
            let guess = lines.guess();
            known_line(rest, *metric_type, &guess)
        };
        let Some(passed) = passed else { return rest };
        if !lines.take(passed.value, passed.metric_type, passed.prefaced) {
            return rest;
        }
        *metric_type = passed.metric_type;
        rest = passed.behind;
    }
}

/// A line that is as expected.
struct Passed<'a> {
    value: f64,
    metric_type: MetricType,
    prefaced: bool,
    /// What follows it.
    behind: &'a [u8],
}

/// The line that `rest` begins with, where it is the guessed one, has a plain number as its value, and nothing else.
#[inline]
fn known_line<'a>(rest: &'a [u8], metric_type: MetricType, guess: &impl Guess) -> Option<Passed<'a>> {
    let (mut line, mut passed_type, mut prefaced) = (rest, metric_type, false);
    if rest.first() == Some(&b'#') {
        let preface = guess.preface()?;
        let (declarations, behind) = rest.split_at_checked(preface.len)?;
        if !guess.is_preface(declarations) {
            return None;
        }
        (line, passed_type, prefaced) = (behind, preface.metric_type, true);
    }
    let len = guess.key_len();
    let (key, after) = line.split_at_checked(len)?;
    let (b' ', number) = after.split_first()? else { return None };
    let (value, number_len) = parse_leading(number)?;
    let (b'\n', behind) = number.get(number_len..)?.split_first()? else { return None };
    let is_it = len > 0 && guess.is_key(key);
    is_it.then_some(Passed { value, metric_type: passed_type, prefaced, behind })
}
