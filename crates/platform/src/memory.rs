//! What the process may take of memory, and what it takes.
//!
//! The large parts of the process count what they hold, each by its [`MemoryShare`]s; what the process holds in
//! truth is measured from time to time. The larger of both counts. The parts look at the [`MemoryLevel`] and act
//! for themselves: caches shrink first, then new queries wait or are refused, then new series are.

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// From this percentage of the budget on caches shrink.
const NEAR_PERCENT: u64 = 90;
/// From this percentage of the budget on new queries wait.
const TIGHT_PERCENT: u64 = 95;

/// A part of the process that counts what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MemoryPart {
    /// Series and samples that are in no block yet.
    Head,
    /// What is only kept to be found faster.
    Caches,
    /// Results of queries that run.
    #[default]
    Queries,
}

impl MemoryPart {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Head, Self::Caches, Self::Queries];

    /// Its name in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Caches => "caches",
            Self::Queries => "queries",
        }
    }
}

/// How much of the budget is taken; each level includes what the ones before it ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemoryLevel {
    /// There is room.
    Free,
    /// Caches shrink.
    Near,
    /// New queries wait or are refused, and caches keep nothing.
    Tight,
    /// New series are refused, and queries that hold much end.
    Full,
}

/// The memory that the process may take; all zero, as by default, it may take any.
#[derive(Debug, Default)]
pub struct MemoryBudget {
    /// 0 for any amount.
    bytes_max: u64,
    near_from: u64,
    tight_from: u64,
    parts: [AtomicU64; MemoryPart::ALL.len()],
    measured: AtomicU64,
    /// What the parts held when it was measured.
    held_then: AtomicU64,
    refused_queries: AtomicU64,
    refused_series: AtomicU64,
}

impl MemoryBudget {
    /// A budget of so many bytes; 0 for any amount.
    pub fn new(bytes_max: u64) -> Self {
        let part = |percent: u64| u128::from(bytes_max) * u128::from(percent) / 100;
        let part = |percent| u64::try_from(part(percent)).unwrap_or(bytes_max);
        let (near_from, tight_from) = (part(NEAR_PERCENT), part(TIGHT_PERCENT));
        Self { bytes_max, near_from, tight_from, ..Self::default() }
    }

    /// How many bytes the process may take; `None` for any amount.
    pub fn bytes_max(&self) -> Option<u64> {
        Some(self.bytes_max).filter(|bytes| *bytes > 0)
    }

    /// What a part holds, as it counts.
    pub fn held_by(&self, part: MemoryPart) -> u64 {
        self.parts.get(part as usize).map_or(0, |bytes| bytes.load(Ordering::Relaxed))
    }

    /// What all parts hold, as they count.
    pub fn held(&self) -> u64 {
        MemoryPart::ALL.into_iter().map(|part| self.held_by(part)).fold(0, u64::saturating_add)
    }

    /// Takes note of how many bytes the process holds that the system could not take back.
    pub fn note_measured(&self, bytes: u64) {
        self.held_then.store(self.held(), Ordering::Relaxed);
        self.measured.store(bytes, Ordering::Relaxed);
    }

    /// What the process holds: what was measured and what the parts took since, or what the parts hold if that is
    /// more.
    pub fn used(&self) -> u64 {
        let held = self.held();
        let since = held.saturating_sub(self.held_then.load(Ordering::Relaxed));
        held.max(self.measured.load(Ordering::Relaxed).saturating_add(since))
    }

    /// How much of the budget is taken.
    pub fn level(&self) -> MemoryLevel {
        if self.bytes_max == 0 {
            return MemoryLevel::Free;
        }
        match self.used() {
            used if used >= self.bytes_max => MemoryLevel::Full,
            used if used >= self.tight_from => MemoryLevel::Tight,
            used if used >= self.near_from => MemoryLevel::Near,
            _ => MemoryLevel::Free,
        }
    }

    /// What a cache may hold that holds at most `bytes_max` where there is room.
    pub fn cache_bytes_max(&self, bytes_max: usize) -> usize {
        match self.level() {
            MemoryLevel::Free => bytes_max,
            MemoryLevel::Near => bytes_max / 8,
            MemoryLevel::Tight | MemoryLevel::Full => 0,
        }
    }

    /// Whether a new query may begin.
    pub fn takes_queries(&self) -> bool {
        self.level() < MemoryLevel::Tight
    }

    /// Whether a new series may be made.
    pub fn takes_series(&self) -> bool {
        self.level() < MemoryLevel::Full
    }

    /// Whether a query that holds so many bytes must end: one that holds little is not what takes the memory.
    pub fn ends_query_of(&self, bytes: u64) -> bool {
        bytes > self.bytes_max / 1024 && self.level() == MemoryLevel::Full
    }

    /// Counts a query that was refused or ended.
    pub fn note_refused_query(&self) {
        self.refused_queries.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a new series that was refused.
    pub fn note_refused_series(&self) {
        self.refused_series.fetch_add(1, Ordering::Relaxed);
    }

    /// How many queries were refused or ended.
    pub fn refused_queries(&self) -> u64 {
        self.refused_queries.load(Ordering::Relaxed)
    }

    /// How many new series were refused.
    pub fn refused_series(&self) -> u64 {
        self.refused_series.load(Ordering::Relaxed)
    }

    fn add(&self, part: MemoryPart, bytes: u64) {
        if let Some(held) = self.parts.get(part as usize) {
            held.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    fn subtract(&self, part: MemoryPart, bytes: u64) {
        if let Some(held) = self.parts.get(part as usize) {
            held.fetch_sub(bytes, Ordering::Relaxed);
        }
    }
}

impl fmt::Display for MemoryBudget {
    /// For errors: what is taken of how much.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of the {} bytes of the memory budget are taken", self.used(), self.bytes_max)
    }
}

/// What one holder has taken for a part; given back when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryShare {
    budget: Arc<MemoryBudget>,
    part: MemoryPart,
    bytes: AtomicU64,
}

impl MemoryShare {
    /// A share of nothing.
    pub fn new(budget: Arc<MemoryBudget>, part: MemoryPart) -> Self {
        Self { budget, part, bytes: AtomicU64::new(0) }
    }

    /// Counts what is taken; says how much that makes.
    pub fn take(&self, bytes: u64) -> u64 {
        self.budget.add(self.part, bytes);
        self.bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes)
    }

    /// Counts what is given back, at most what was taken.
    pub fn give_back(&self, bytes: u64) {
        let less = |held: u64| Some(held.saturating_sub(bytes));
        let held = self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).unwrap_or_default();
        self.budget.subtract(self.part, held.min(bytes));
    }

    /// What it holds.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// What it is a share of.
    pub fn budget(&self) -> &Arc<MemoryBudget> {
        &self.budget
    }
}

impl Drop for MemoryShare {
    fn drop(&mut self) {
        self.give_back(u64::MAX);
    }
}
