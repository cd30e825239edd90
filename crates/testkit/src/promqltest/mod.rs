//! The promqltest language: scripts that load series, evaluate expressions and say what comes out.
//!
//! A script is text in the language that Prometheus uses for its own tests. [`Script::parse`] reads it, [`run()`]
//! executes it on a [`Subject`]: an engine over any store, in this process or behind a server. The scripts of
//! Prometheus hold under the settings in [`settings`].
//!
//! - `clear` empties the storage.
//! - `load <step>` and `load_with_nhcb <step>` start a block of series in the notation of series descriptions; a line
//!   `name{...}@st -1m _ -30s` gives the start times of that series' samples, relative to their times.
//! - `eval instant at <time> <expr>`, `eval range from <time> to <time> step <duration> <expr>` start a block of
//!   expected series and `expect` lines. Every instant evaluation that succeeds is repeated as a range query around
//!   its time, and must give the same there, unless it names the bounds of the query or [`RunOptions`] say otherwise.
//! - `eval_fail`, `eval_warn`, `eval_info` and `eval_ordered` are older forms of `expect` lines.
//!
//! Annotations and errors are compared without their place in the query unless the expectation names one.

mod compare;
mod expectation;
mod load;
mod parse;
mod run;
mod script;
mod series;
pub mod settings;
mod subject;
#[cfg(test)]
mod tests;

pub use load::{LoadedSample, LoadedSeries, append_to};
pub use run::{Failure, Report, RunOptions, run, run_folder, run_text, run_text_with};
pub use script::{Script, ScriptError};
pub use subject::{Answer, AnswerSeries, AnswerValue, Point, QueryRange, Subject, SubjectError};
