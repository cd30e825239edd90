//! Few large blocks of many small ones: [`plan()`] decides on metadata alone, [`compact()`] does the work.

mod execute;
mod merge;
mod plan;
#[cfg(test)]
mod tests;

pub use execute::{Pace, compact};
pub use plan::{Plan, PlanReason, PlanSettings, block_ranges, plan};
