//! The template language of Go (`text/template`) as rules, notifications and log queries use it.
//!
//! A text is parsed once ([`Templates::parse`]) and executed many times ([`Templates::execute`]) over typed values
//! ([`Value`]) with a set of functions ([`Library`]). Complaints are worded as the original words them, place included.
//! What a template may do is bounded ([`Limits`]): it cannot loop forever, nest without end or fill the memory.
//!
//! Reading order: [`Templates`], [`Value`], [`Library`], then `syntax` and `run`; [`rules`] is the function set of
//! alerting rules and consoles, [`notifications`] that of notifications,
//! [`logs`] that of log queries.
//!
//! Nothing here does I/O: functions that ask for data get it through a trait.
#![deny(clippy::indexing_slicing)]

mod error;
mod format;
mod html;
mod letters;
mod library;
pub mod logs;
pub mod notifications;
pub mod rules;
mod run;
mod syntax;
mod templates;
mod value;

pub use error::Error;
pub use library::{Library, NoFunctions, Signature};
pub use templates::{Limits, MissingKey, Templates};
pub use value::{Duration, List, Map, Method, Named, Object, Time, Trust, Type, Value};
