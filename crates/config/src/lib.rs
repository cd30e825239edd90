//! Configuration files to checked settings: the files of the originals are read as they are.
//!
//! A file is text, then a tree of positioned nodes ([`yaml`]), then the sections that mirror the file ([`decode`] and
//! the tables in [`prometheus`]) with defaults filled in and every value checked. The sections print as YAML again,
//! secrets masked. What the originals refuse is refused with the originals' text; besides, every problem knows its
//! place, what was found and what would be right ([`Error::explain`]).
//!
//! Reading order: [`yaml`], [`decode`], [`values`], [`prometheus`], [`alertmanager`], [`loki`], [`rule_file`], [`rule_test_file`], [`web_config`], [`check`].
//!
//! Nothing but the binary knows this crate.
#![deny(clippy::indexing_slicing)]

pub mod alertmanager;
pub mod check;
mod decode;
mod error;
mod files;
pub mod loki;
pub mod prometheus;
pub mod rule_file;
pub mod rule_test_file;
mod values;
pub mod web_config;
mod yaml;

pub use decode::List;
pub use error::{Error, Fault, Position, Problem};
pub use values::{ByteSize, FilePath, GoDuration, LabelNames, LabelSet, NameScheme, Secret, Url, UrlError};
