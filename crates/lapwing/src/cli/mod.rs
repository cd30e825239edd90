//! The command line: who is called, with which flags.

pub(crate) mod alertmanager_flags;
mod error;
pub(crate) mod flag;
pub(crate) mod loki_flags;
mod parse;
mod persona;
mod remote_options;
pub(crate) mod server_flags;
pub(crate) mod server_options;
#[cfg(test)]
mod tests;
pub(crate) mod tool;

pub(crate) use error::UsageError;
pub(crate) use parse::{Parsed, parse};
pub(crate) use persona::Persona;

/// The feature that has `/debug/pprof` answer, whichever program the binary is called as.
pub(crate) const PROFILING: &str = "profiling";
