//! Alerts on their way to people: which receiver gets what, when, and why not.
//!
//! A state machine without I/O: alerts, silences and the time go in, notifications to be sent come out, and what became
//! of them goes in again. It never asks for the time, so a test moves it as it likes.
//!
//! Reading order: [`Matcher`] and [`matchers`], [`interval`], [`route`].

#![deny(clippy::indexing_slicing)]

mod inhibit;
pub mod interval;
mod matcher;
pub mod matchers;
pub mod route;

pub use inhibit::InhibitRule;
pub use matcher::{Matcher, MatcherError, print_matchers};
pub use model::MatchOp;
