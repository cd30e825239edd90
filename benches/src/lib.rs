//! Benchmarks. Those of servers speak public protocols only: the same work runs against Lapwing, Prometheus or
//! VictoriaMetrics, and what is compared is what their processes cost. Those under `benches/` measure the store alone.
//!
//! The data are made up, of the shape that a fleet of machines has, and the same for the same seed. A load generator
//! shares the machine with the server, so that its own cost is reported too.
//!
//! Reading order: [`fleet`], [`push`], [`farm`], [`logs`], [`process`], [`store`].

pub mod farm;
pub mod fleet;
mod http;
pub mod logs;
mod noise;
pub mod process;
pub mod push;
pub mod store;
