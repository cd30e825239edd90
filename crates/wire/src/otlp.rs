//! Metrics and logs of OpenTelemetry: requests of OTLP, and the samples and entries that they become.
//!
//! A request is walked over its protobuf bytes, point by point: what is in memory at once is one point. A request in
//! JSON becomes protobuf first ([`json::to_protobuf`]), so that there is one reader. [`translate()`] makes names,
//! labels and samples of what is read and hands each sample to a [`Sink`].
//!
//! Source: <https://opentelemetry.io/docs/specs/otlp/>,
//! <https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/>.
//!
//! Reading order: [`Settings`], [`translate()`], `message.rs` and `point.rs` (what is read), `names.rs` and `labels.rs`
//! (what it is called), `kinds.rs` (what becomes of each kind of metric), [`Accumulator`]; [`logs`].

mod attributes;
mod delta;
mod error;
mod exemplars;
pub mod json;
mod kinds;
mod labels;
pub mod logs;
mod message;
mod names;
mod native;
mod point;
mod settings;
mod target_info;
#[cfg(test)]
mod tests;
mod translate;
mod units;

pub use delta::Accumulator;
pub use error::{Error, Failure};
pub use settings::{Deltas, Promotion, Settings, Strategy};
pub use translate::{Sample, Sink, Translated, Value, translate};
