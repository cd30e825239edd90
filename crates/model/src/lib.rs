//! The words that every other crate speaks: labels, samples, histograms and what belongs to them.
//!
//! Plain values only: nothing here does I/O, knows a file format or a query language.
//!
//! Reading order: [`labels`], [`sample`], [`histogram`], then the rest by name.

pub mod annotations;
pub mod calendar;
pub mod duration;
pub mod exemplar;
pub mod go_json;
pub mod histogram;
pub mod labels;
pub mod matcher;
pub mod metadata;
pub mod name;
pub mod number;
pub mod quote;
pub mod relabel;
pub mod sample;

pub use annotations::Annotations;
pub use exemplar::Exemplar;
pub use histogram::{CounterResetHint, FloatHistogram, Histogram, Span};
pub use labels::{Labels, LabelsBuilder};
pub use matcher::{MatchOp, Matcher};
pub use metadata::{Metadata, MetricType};
pub use sample::{SeriesRef, is_stale_nan, stale_nan};
