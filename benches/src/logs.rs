//! Logs of real shape: access logs of nginx in JSON, logfmt of a service, a homeserver's log (Synapse), PostgreSQL's log.
//!
//! The lines are the same for the same settings, in order of time over all streams, and hold one needle: a text that stands
//! in one line. They go to a file ([`write`](write())), for `zstd` and `rg`, or to any server that takes Loki's push
//! ([`push`](push())).
//!
//! Reading order: [`Settings`], [`Corpus`], `lines.rs`, [`Totals`], then `file.rs` and `push.rs`.

mod batch;
mod corpus;
mod encode;
mod file;
mod lines;
mod push;
mod settings;
mod text;

pub use corpus::{Corpus, Entry, KINDS, Totals, labels, needle};
pub use encode::Form;
pub(crate) use file::COMMAND as WRITE;
pub use file::write;
pub(crate) use push::{COMMAND as PUSH, Sender};
pub use push::{PushSettings, push};
pub use settings::Settings;
