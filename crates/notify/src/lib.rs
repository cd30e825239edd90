//! Alerts on their way out: to other Alertmanagers, each with a queue of its own.
//!
//! [`Alertmanagers`] finds who is to get alerts, gives alerts their last labels and sends them in batches. What cannot
//! be delivered is dropped and counted: whoever raises alerts raises them again. Nothing here waits for a receiver
//! but the task that sends to it.
//!
//! Reading order: [`Settings`], [`Alertmanagers`], `queue` (one receiver).

mod alert;
mod alertmanagers;
mod history;
pub mod integration;
mod metrics;
mod queue;
mod runner;
mod send;
mod settings;
mod state;
mod target;
pub mod templates;
#[cfg(test)]
mod tests;
pub mod values;

pub use alert::Alert;
pub use alertmanagers::{Alertmanagers, Parts};
pub use history::{HistoryEntry, HistorySink};
pub use runner::{Prepared, ReceiverIntegration, Runner, RunnerParts, RunnerSettings, Trial};
pub use settings::{AlertmanagerSettings, Options, Settings};
