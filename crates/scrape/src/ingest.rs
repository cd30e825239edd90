//! From the body of an answer to samples of the store.

mod allowance;
mod classic;
mod known;
mod labels;
mod limits;
mod memory;
mod preface;
mod rejected;
mod report;
mod store;
#[cfg(test)]
mod tests;
mod walk;

pub(crate) use allowance::Allowance;
pub(crate) use memory::Memory;
pub(crate) use store::{Body, end, store};

use storage::FloatBatch;

use crate::metrics::Metrics;
use crate::spare::Spare;
use crate::target::Declarations;
use crate::{Features, JobSettings, Target};

/// What a target's samples are stored by.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) job: &'a JobSettings,
    pub(crate) features: Features,
    pub(crate) target: &'a Target,
    pub(crate) metrics: &'a Metrics,
    /// What all targets say of their metrics.
    pub(crate) declarations: &'a Declarations,
    /// Memory of batches.
    pub(crate) batches: &'a Spare<FloatBatch>,
}

/// What was counted in a scrape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    /// Samples in the answer.
    pub(crate) scraped: u64,
    /// Samples that relabelling left.
    pub(crate) kept: u64,
    /// Series that no scrape before had.
    pub(crate) added: u64,
}
