//! What is remembered of the declarations before lines.
//!
//! A target declares the same before the same line in every scrape. Where it does, the lines are passed over: their
//! metadata is known, and all they change is the type that holds behind them.

use model::MetricType;
use wire::exposition::Preface;

use crate::target::MetadataPlace;

/// Stands for no preface.
pub(super) const NO_PREFACE: u32 = u32::MAX;

/// The declarations of one metric before a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownPreface {
    /// Of the bytes of the lines.
    pub(super) hash: u64,
    pub(super) lines: Preface,
    /// Where the metric's metadata stands.
    pub(super) place: MetadataPlace,
}

/// The prefaces of one target by number; fewer than there are lines.
#[derive(Debug, Default)]
pub(super) struct Prefaces {
    known: Vec<KnownPreface>,
    /// Numbers that stand for nothing any more and are given out again.
    free: Vec<u32>,
}

impl Prefaces {
    #[inline]
    pub(super) fn get(&self, number: u32) -> Option<&KnownPreface> {
        self.known.get(number as usize)
    }

    /// Changes what a line's number stands for.
    pub(super) fn set(&mut self, number: &mut u32, known: Option<KnownPreface>) {
        let Some(known) = known else {
            let before = std::mem::replace(number, NO_PREFACE);
            self.free.extend((before != NO_PREFACE).then_some(before));
            return;
        };
        if *number == NO_PREFACE {
            *number = self.free.pop().unwrap_or(NO_PREFACE);
        }
        match self.known.get_mut(*number as usize) {
            Some(place) => *place = known,
            None => {
                *number = self.known.len() as u32;
                self.known.push(known);
            }
        }
    }

    /// Keeps those of these numbers only, and changes the numbers accordingly.
    pub(super) fn keep<'a>(&mut self, numbers: impl Iterator<Item = &'a mut u32>) {
        let mut kept = Vec::new();
        for number in numbers {
            if let Some(known) = self.known.get(*number as usize) {
                *number = kept.len() as u32;
                kept.push(*known);
            }
        }
        kept.shrink_to_fit();
        *self = Self { known: kept, free: Vec::new() };
    }

    /// Gives room back that is not used.
    pub(super) fn shrink(&mut self) {
        self.known.shrink_to_fit();
    }

    /// How many there is room for.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }
}

/// What the lines before the next sample declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadPreface {
    /// Nothing.
    Empty,
    /// Something of one metric, its type perhaps.
    One(MetadataPlace, Option<MetricType>),
    /// More, or what is not kept.
    Mixed,
}

impl ReadPreface {
    pub(super) fn add(&mut self, place: Option<MetadataPlace>, metric_type: Option<MetricType>) {
        *self = match (*self, place) {
            (Self::Empty, Some(place)) => Self::One(place, metric_type),
            (Self::One(first, known), Some(place)) if first == place => {
                Self::One(place, metric_type.or(known))
            }
            _ => Self::Mixed,
        };
    }
}
