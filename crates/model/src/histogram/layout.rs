//! Where the counts of one side of a histogram stand: spans as positions, walked and rearranged.

use super::Span;

/// The buckets of one side as pairs of index and count, ascending by index from the front.
#[derive(Debug, Clone)]
pub struct Indexed<'a, T> {
    counts: &'a [T],
    front_spans: &'a [Span],
    front_index: i32,
    front_left: u32,
    back_spans: &'a [Span],
    /// Index of the bucket behind the one that comes next from the back.
    back_index: i32,
    back_left: u32,
    /// Index behind the last bucket of `back_spans`.
    back_end: i32,
}

impl<'a, T> Indexed<'a, T> {
    /// Walks `counts` that are laid out by `spans`; what one of them has in excess is left out.
    pub fn new(spans: &'a [Span], counts: &'a [T]) -> Self {
        Self {
            counts,
            front_spans: spans,
            front_index: 0,
            front_left: 0,
            back_spans: spans,
            back_index: 0,
            back_left: 0,
            back_end: end_index(spans),
        }
    }
}

impl<T: Copy> Iterator for Indexed<'_, T> {
    type Item = (i32, T);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (count, rest) = self.counts.split_first()?;
        while self.front_left == 0 {
            let (span, spans) = self.front_spans.split_first()?;
            self.front_spans = spans;
            self.front_index = self.front_index.wrapping_add(span.offset);
            self.front_left = span.length;
        }
        self.counts = rest;
        let index = self.front_index;
        self.front_index = index.wrapping_add(1);
        self.front_left -= 1;
        Some((index, *count))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.counts.len()))
    }
}

impl<T: Copy> DoubleEndedIterator for Indexed<'_, T> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let (count, rest) = self.counts.split_last()?;
        while self.back_left == 0 {
            let (span, spans) = self.back_spans.split_last()?;
            self.back_spans = spans;
            self.back_index = self.back_end;
            self.back_left = span.length;
            self.back_end = start_of(span, self.back_end).wrapping_sub(span.offset);
        }
        self.counts = rest;
        self.back_index = self.back_index.wrapping_sub(1);
        self.back_left -= 1;
        Some((self.back_index, *count))
    }
}

/// One side of a histogram under construction, filled by ascending index.
#[derive(Debug, Default)]
pub(super) struct Layout<T> {
    pub(super) spans: Vec<Span>,
    pub(super) counts: Vec<T>,
    end: i32,
}

impl<T: Copy + std::ops::AddAssign> Layout<T> {
    pub(super) fn with_capacity(spans: usize, counts: usize) -> Self {
        Self { spans: Vec::with_capacity(spans), counts: Vec::with_capacity(counts), end: 0 }
    }

    /// Appends a bucket, or adds to the last one if that has this index.
    pub(super) fn push(&mut self, index: i32, count: T) {
        let gap = index.wrapping_sub(self.end);
        match (self.spans.last_mut(), self.counts.last_mut()) {
            (Some(_), Some(last)) if gap == -1 => {
                *last += count;
                return;
            }
            (Some(span), _) if gap == 0 => span.length += 1,
            _ => self.spans.push(Span { offset: gap, length: 1 }),
        }
        self.counts.push(count);
        self.end = index.wrapping_add(1);
    }
}

/// Finds positions of ascending indexes among the counts that `spans` lay out.
pub(super) struct Locator<'a> {
    spans: std::slice::Iter<'a, Span>,
    start: i32,
    end: i32,
    /// Position of the count at `start`.
    position: usize,
}

impl<'a> Locator<'a> {
    pub(super) fn new(spans: &'a [Span]) -> Self {
        let (start, end) =
            spans.first().map_or((0, 0), |span| (span.offset, span.offset.wrapping_add(span.length as i32)));
        Self { spans: spans.get(1..).unwrap_or_default().iter(), start, end, position: 0 }
    }

    /// The position of the count of bucket `index`; asked for ascending indexes only.
    #[inline]
    pub(super) fn position(&mut self, index: i32) -> Option<usize> {
        while index >= self.end {
            let span = self.spans.next()?;
            self.position += distance(self.start, self.end);
            self.start = self.end.wrapping_add(span.offset);
            self.end = self.start.wrapping_add(span.length as i32);
        }
        (index >= self.start).then(|| self.position + distance(self.start, index))
    }
}

/// Whether every bucket that `inner` lays out has a place in `outer`.
pub(super) fn covers(outer: &[Span], inner: &[Span]) -> bool {
    let mut outer = Runs::new(outer);
    let mut current = outer.next();
    Runs::new(inner).all(|(start, end)| {
        while current.is_some_and(|(_, current_end)| current_end <= start) {
            current = outer.next();
        }
        current.is_some_and(|(current_start, current_end)| current_start <= start && end <= current_end)
    })
}

/// The spans that lay out every bucket of `left` and of `right`.
pub(super) fn union(left: &[Span], right: &[Span]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (Runs::new(left).peekable(), Runs::new(right).peekable());
    let mut last_end = 0;
    loop {
        let from_left = match (left.peek(), right.peek()) {
            (Some((left_start, _)), Some((right_start, _))) => left_start <= right_start,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => return spans,
        };
        let Some((start, end)) = (if from_left { left.next() } else { right.next() }) else { return spans };
        match spans.last_mut() {
            Some(span) if start <= last_end => {
                span.length += u32::try_from(i64::from(end) - i64::from(last_end)).unwrap_or(0);
                last_end = last_end.max(end);
            }
            _ => {
                let length = u32::try_from(i64::from(end) - i64::from(start)).unwrap_or(0);
                spans.push(Span { offset: start.wrapping_sub(last_end), length });
                last_end = end;
            }
        }
    }
}

/// The counts laid out by `from` as `to` lays them out, which covers `from`.
pub(super) fn respread(counts: &[f64], from: &[Span], to: &[Span]) -> Vec<f64> {
    let mut spread = vec![0.0; to.iter().map(|span| span.length as usize).sum()];
    let mut locator = Locator::new(to);
    for (index, count) in Indexed::new(from, counts) {
        if let Some(place) = locator.position(index).and_then(|position| spread.get_mut(position)) {
            *place = count;
        }
    }
    spread
}

/// Removes the `positions` first buckets of a side.
pub(super) fn remove_first(spans: &mut Vec<Span>, counts: &mut Vec<f64>, positions: usize) {
    counts.drain(..positions.min(counts.len()));
    let mut left = u32::try_from(positions).unwrap_or(u32::MAX);
    let mut skipped: i32 = 0;
    let mut emptied = 0;
    for span in spans.iter_mut() {
        let cut = left.min(span.length);
        left -= cut;
        skipped = skipped.wrapping_add(span.offset).wrapping_add(cut as i32);
        if cut < span.length {
            *span = Span { offset: skipped, length: span.length - cut };
            break;
        }
        emptied += 1;
    }
    spans.drain(..emptied);
}

/// The index behind the last bucket.
fn end_index(spans: &[Span]) -> i32 {
    spans.iter().fold(0i32, |end, span| end.wrapping_add(span.offset).wrapping_add(span.length as i32))
}

fn start_of(span: &Span, end: i32) -> i32 {
    end.wrapping_sub(span.length as i32)
}

fn distance(from: i32, to: i32) -> usize {
    usize::try_from(i64::from(to) - i64::from(from)).unwrap_or(0)
}

/// Runs of neighbouring buckets as `start..end`, adjacent spans joined, empty ones left out.
struct Runs<'a> {
    spans: std::slice::Iter<'a, Span>,
    index: i32,
    open: Option<(i32, i32)>,
}

impl<'a> Runs<'a> {
    fn new(spans: &'a [Span]) -> Self {
        Self { spans: spans.iter(), index: 0, open: None }
    }
}

impl Iterator for Runs<'_> {
    type Item = (i32, i32);

    fn next(&mut self) -> Option<Self::Item> {
        for span in self.spans.by_ref() {
            let start = self.index.wrapping_add(span.offset);
            let end = start.wrapping_add(span.length as i32);
            self.index = end;
            match self.open {
                _ if span.length == 0 => {}
                Some((open_start, open_end)) if open_end == start => self.open = Some((open_start, end)),
                before => {
                    self.open = Some((start, end));
                    if before.is_some() {
                        return before;
                    }
                }
            }
        }
        self.open.take()
    }
}
