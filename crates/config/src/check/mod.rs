//! What `promtool check config`, `check rules` and `check web-config` do, as functions that return what to print.

mod config;
mod lint;
mod report;
mod rules;
mod target_file;
mod targets;
mod web_config;

pub use config::{CheckConfig, World};
pub use lint::Lints;
pub use report::{Report, Stream};
pub use rules::CheckRules;
pub use web_config::CheckWebConfig;
