//! Benchmarks. Those of servers speak public protocols only: the same work runs against Lapwing, Prometheus,
//! VictoriaMetrics, Loki or Alertmanager, and what is compared is what their processes cost. Those of [`micro`] and under
//! `benches/` measure single steps of this server alone.
//!
//! The data are made up, of the shape that a fleet of machines has, and the same for the same seed. A load generator
//! shares the machine with the server, so that its own cost is reported too.
//!
//! Reading order: [`command`], [`fleet`], [`push`], [`logs`] and the other benchmarks, [`meter`], [`report`], [`micro`].

mod alerts;
pub mod command;
mod error;
pub mod farm;
pub mod flags;
pub mod fleet;
mod http;
pub mod latency;
pub mod logs;
pub mod meter;
pub mod micro;
mod mixed;
mod noise;
mod pace;
pub mod process;
pub mod push;
mod queries;
pub mod report;
mod restart;
pub mod store;

pub use error::Error;
