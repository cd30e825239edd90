//! The kinds of value that stand in configurations: durations, sizes, addresses, names, secrets, file names.

mod byte_size;
mod duration;
mod file_path;
mod go_duration;
mod name_scheme;
mod names;
mod secret;
#[cfg(test)]
mod tests;
mod url;

pub use byte_size::ByteSize;
pub use file_path::FilePath;
pub use go_duration::GoDuration;
pub use name_scheme::NameScheme;
pub(crate) use names::no_label_name;
pub use names::{LabelNames, LabelSet};
pub(crate) use secret::MASK;
pub use secret::Secret;
pub use url::{Url, UrlError};
