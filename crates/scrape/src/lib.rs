//! Scrapes targets: asks each of them for its metrics again and again and stores what they answer.
//!
//! A [`Scraper`] runs one pool of targets for each job of its [`Settings`]. A pool turns what discovery finds
//! into targets by relabelling and runs one task for each: wait for the target's moment, ask, store the samples
//! through the appender, write the series that report about the scrape. What a target's lines mean is
//! remembered from scrape to scrape, so that a known series costs one comparison and one append.
//!
//! Reading order: [`Settings`], [`Scraper`], [`Target`], then in the code `pool`, `cycle`, `ingest`.

#![deny(clippy::indexing_slicing)]

mod cycle;
mod error;
mod failure_log;
mod ingest;
mod metrics;
mod pool;
mod scraper;
mod settings;
mod spare;
mod target;
#[cfg(test)]
mod tests;

pub use error::{ApplyError, ScrapeError};
pub use scraper::{Parts, PoolStatus, Scraper};
pub use settings::{Features, JobSettings, Limits, Settings};
pub use target::{CheckedTarget, Health, RelabelStep, Status, Target, check_target, relabel_steps};
