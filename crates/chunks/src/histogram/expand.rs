//! Bringing buckets of different layouts together.

use model::Span;

/// How the buckets of one side, before and now, lie to each other.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fit {
    /// The same buckets.
    Same,
    /// There are new ones: the layout of now has all.
    Before(Vec<Span>),
    /// Some are missing: the layout of before has all.
    Now,
    /// Both: this layout has all.
    Both(Vec<Span>),
}

/// Compares the buckets of one side; `None` where one holds less than before, if that matters.
pub(super) fn fit<C: Copy + PartialOrd + Default>(
    (spans_before, before): (&[Span], impl Iterator<Item = C>),
    (spans_now, now): (&[Span], impl Iterator<Item = C>),
    may_fall: bool,
) -> Option<Fit> {
    if spans_before == spans_now {
        let fell = !may_fall && before.zip(now).any(|(before, now)| now < before);
        return (!fell).then_some(Fit::Same);
    }
    let mut before = indices(spans_before).zip(before).peekable();
    let mut now = indices(spans_now).zip(now).peekable();
    let mut all = Vec::new();
    let (mut new, mut missing) = (false, false);
    loop {
        let index = match (before.peek(), now.peek()) {
            (None, None) => break,
            (Some((index, _)), None) | (None, Some((index, _))) => *index,
            (Some((index_before, _)), Some((index_now, _))) => *index_before.min(index_now),
        };
        let count_before = before.next_if(|(other, _)| *other == index).map(|(_, count)| count);
        let count_now = now.next_if(|(other, _)| *other == index).map(|(_, count)| count);
        if !may_fall && count_now.unwrap_or_default() < count_before.unwrap_or_default() {
            return None;
        }
        new |= count_before.is_none();
        missing |= count_now.is_none();
        all.push(index);
    }
    Some(match (new, missing) {
        (false, false) => Fit::Same,
        (true, false) => Fit::Before(spans_now.to_vec()),
        (false, true) => Fit::Now,
        (true, true) => Fit::Both(spans_of(&all)),
    })
}

/// The counts of one layout in another that has all of its buckets, with empty ones in between.
pub(super) fn relaid<C: Copy + Default>(
    (from, counts): (&[Span], impl Iterator<Item = C>),
    to: &[Span],
    to_len: usize,
) -> Vec<C> {
    let mut counts = indices(from).zip(counts).peekable();
    let mut out = Vec::with_capacity(to_len);
    for index in indices(to) {
        let count = counts.next_if(|(other, _)| *other == index).map(|(_, count)| count);
        out.push(count.unwrap_or_default());
    }
    out
}

/// The indices of the buckets that spans lay out.
fn indices(spans: &[Span]) -> impl Iterator<Item = i64> {
    let mut end = 0_i64;
    spans.iter().flat_map(move |span| {
        let start = end + i64::from(span.offset);
        end = start + i64::from(span.length);
        start..end
    })
}

/// Ascending indices as spans.
fn spans_of(indices: &[i64]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut end = 0;
    for index in indices {
        match spans.last_mut() {
            Some(last) if *index == end => last.length += 1,
            _ => spans.push(Span { offset: (index - end) as i32, length: 1 }),
        }
        end = index + 1;
    }
    spans
}
