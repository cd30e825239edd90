//! Alerts on their way to people: which receiver gets what, when, and why not.
//!
//! A state machine without I/O: alerts, silences and the time go in, notifications to be sent come out, and what became
//! of them goes in again. It never asks for the time, so a test moves it as it likes.
//!
//! Reading order: [`Alert`], [`Matcher`] and [`matchers`], [`interval`], [`route`], [`InhibitRule`], [`silence`], [`log`],
//! and [`Dispatcher`], which holds them together.

#![deny(clippy::indexing_slicing)]

mod alert;
mod annotations;
mod dispatcher;
mod inhibit;
pub mod interval;
pub mod log;
mod matcher;
pub mod matchers;
pub mod route;
pub mod silence;

pub use alert::{Alert, Fingerprint, fingerprint, log_hash};
pub use annotations::Annotations;
pub use dispatcher::{
    AlertState, AlertView, Change, Dispatcher, Event, GroupView, IntegrationSettings, KeptBack, Notification,
    NotifiedAlert, Options, Settings, Suppression, Taken,
};
pub use inhibit::InhibitRule;
pub use matcher::{Matcher, MatcherError, print_labels, print_matchers};
pub use model::MatchOp;
