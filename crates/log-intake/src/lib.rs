//! What an entry of a log must be before it is kept.
//!
//! [`Intake`] stands before a store ([`storage::logs::EntryAppendable`]): it reads the labels of a decoded push
//! ([`wire::loki::Push`]), gives streams a `service_name` and entries a `detected_level`, refuses what a tenant's
//! [`Limits`] refuse, appends the rest, and turns what was refused, here or by the store, into the answer that Loki
//! gives ([`PushError`]). Entries that are refused never cost their neighbours.
//!
//! Who wants to see entries as they come in (tails, pattern mining) is an [`Observer`].
//!
//! Reading order: [`Limits`], [`Intake`], [`PushError`], [`Observer`]; inside, `stream` (labels), `entry` (one entry),
//! `level` (its level), `outcome` (what the store said), `tenant` (rates and known streams).
#![deny(clippy::indexing_slicing)]

mod entry;
mod error;
mod generic;
mod intake;
mod level;
mod limits;
mod line;
mod metrics;
mod otlp;
mod outcome;
mod request;
mod stream;
mod tenant;

pub use error::{PushError, Reason};
pub use intake::{Format, Intake, Observer, tell};
pub use limits::{
    Blocked, LEVEL_FIELDS, LabelLimits, LevelRules, Limits, LineLimits, MetadataLimits, Policy,
    SERVICE_NAME_FROM, TenantRate, TimeLimits,
};
pub use otlp::{AttributeAction, AttributeNames, OtlpRules};
