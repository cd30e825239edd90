//! What the process tells about itself: its metrics and its log.
//!
//! A component declares its metrics in its `metrics.rs`: a struct of handles that `Metrics::new(&Registry)`
//! fills. Handles are cheap to clone and to update; the registry reads them when it is asked to
//! [`Registry::gather`]. A name that is registered twice gives the same metric to both, so that parts which
//! exist several times share one.
//!
//! Reading order: [`Registry`], the handles ([`Counter`], [`Gauge`], [`Histogram`], [`Summary`], [`Family`]),
//! [`MetricFamily`], then [`log`] and [`process`].

mod counter;
mod family;
mod gather;
mod gauge;
mod histogram;
pub mod log;
pub mod process;
mod real;
mod registry;
mod summary;
#[cfg(test)]
mod tests;

pub use counter::{Counter, CounterF};
pub use family::{CHILDREN_MAX, Child, Family};
pub use gather::{Metric, MetricFamily, MetricKind, Value};
pub use gauge::Gauge;
pub use histogram::{DEFAULT_BUCKETS, Histogram, exponential_buckets, linear_buckets};
pub use registry::Registry;
pub use summary::Summary;
