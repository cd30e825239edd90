//! Rules: expressions that are evaluated again and again, to record series or to raise alerts.
//!
//! A [`Group`] evaluates its rules at a time that it is given and touches the outside world through traits only: a
//! [`Language`] answers expressions ([`Promql`] over samples, [`Logql`] over logs), `storage` takes what is recorded, an [`AlertSink`] takes alerts. [`Rules`] runs
//! groups at their slots, takes a whole new [`Settings`] at a reload, and keeps the state of what stays the same.
//!
//! Reading order: [`Settings`], [`Group`], `alert` (the life of an alert), `schedule` (slots), [`Rules`].
//!
//! Nothing here knows a configuration file or HTTP; evaluation times are arguments.

mod alert;
mod alerting;
mod context;
mod dependencies;
mod error;
mod group;
mod language;
mod logql;
mod metrics;
mod recording;
mod restore;
mod rule;
mod runner;
mod schedule;
mod settings;
mod sink;
#[cfg(test)]
mod tests;
mod view;

pub use context::{Options, Parts};
pub use error::Error;
pub use group::Group;
pub use language::{Expression, Language, Owner, Promql, Sample, SampleValue};
pub use logql::{Logql, LogqlParts};
pub use metrics::Metrics;
pub use runner::Rules;
pub use schedule::first_slot_ns;
pub use settings::{Dialect, GroupSettings, RuleKind, RuleSettings, Settings, Surroundings};
pub use sink::{AlertSink, NoSink, Notification};
pub use view::{AlertState, AlertView, AlertingView, GroupView, Health, RuleView};
