//! Aggregations that choose elements of a group: `topk`, `bottomk`, `limitk`, `limit_ratio`.

use crate::{Column, is_absent};

/// Which end of the values is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// The largest (`topk`).
    Top,
    /// The smallest (`bottomk`).
    Bottom,
}

/// A candidate at one step.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    value: f64,
    series: u32,
}

/// The best `k` elements of one group at every step.
///
/// Each step keeps a binary heap with the worst of the chosen at its root; of equal values the first stays.
#[derive(Debug)]
pub struct Best {
    end: End,
    /// How many are wanted at each step.
    wanted: Vec<usize>,
    heaps: Vec<Vec<Candidate>>,
}

impl Best {
    /// Wants so many elements at each step.
    pub fn new(end: End, wanted: Vec<usize>) -> Self {
        let heaps = vec![Vec::new(); wanted.len()];
        Self { end, wanted, heaps }
    }

    /// Takes in the floats of a series.
    pub fn add(&mut self, series: u32, column: &Column) {
        let state = self.heaps.iter_mut().zip(&self.wanted);
        for (value, (heap, wanted)) in column.values().iter().zip(state) {
            if !is_absent(*value) {
                offer(heap, *wanted, self.end, Candidate { value: *value, series });
            }
        }
    }

    /// Calls `visit` with step, series and value of each chosen element, the best of a step first; empties it for
    /// the next group.
    pub fn finish(&mut self, mut visit: impl FnMut(usize, u32, f64)) {
        for (step, heap) in self.heaps.iter_mut().enumerate() {
            let end = self.end;
            heap.sort_by(|a, b| {
                let (better, worse) = (is_worse(end, b.value, a.value), is_worse(end, a.value, b.value));
                worse.cmp(&better)
            });
            for candidate in heap.drain(..) {
                visit(step, candidate.series, candidate.value);
            }
        }
    }

    /// Bytes of memory that it holds.
    pub fn bytes(&self) -> usize {
        let candidates: usize = self.heaps.iter().map(Vec::capacity).sum();
        candidates * size_of::<Candidate>() + self.heaps.len() * (size_of::<Vec<Candidate>>() + 8)
    }
}

/// Whether `left` is a worse choice than `right`; NaN is the worst.
fn is_worse(end: End, left: f64, right: f64) -> bool {
    if left.is_nan() {
        return !right.is_nan();
    }
    match end {
        End::Top => left < right,
        End::Bottom => left > right,
    }
}

fn offer(heap: &mut Vec<Candidate>, wanted: usize, end: End, candidate: Candidate) {
    if heap.len() < wanted {
        heap.push(candidate);
        rise(heap, end);
        return;
    }
    if let Some(root) = heap.first_mut()
        && is_worse(end, root.value, candidate.value)
    {
        *root = candidate;
        sink(heap, end);
    }
}

/// Moves the last candidate to its place.
fn rise(heap: &mut [Candidate], end: End) {
    let mut child = heap.len() - 1;
    while child > 0 {
        let parent = (child - 1) / 2;
        if !worse_at(heap, end, child, parent) {
            break;
        }
        heap.swap(child, parent);
        child = parent;
    }
}

/// Moves the root to its place.
fn sink(heap: &mut [Candidate], end: End) {
    let mut parent = 0;
    loop {
        let mut child = 2 * parent + 1;
        if child >= heap.len() {
            return;
        }
        if child + 1 < heap.len() && worse_at(heap, end, child + 1, child) {
            child += 1;
        }
        if !worse_at(heap, end, child, parent) {
            return;
        }
        heap.swap(child, parent);
        parent = child;
    }
}

fn worse_at(heap: &[Candidate], end: End, left: usize, right: usize) -> bool {
    match (heap.get(left), heap.get(right)) {
        (Some(left), Some(right)) => is_worse(end, left.value, right.value),
        _ => false,
    }
}
