//! The crate against answers of the original.
#![expect(clippy::disallowed_methods, reason = "a test lays out the files that it has read")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests, helpers included"
)]

mod examples;
mod printed;
mod recorded;

use std::path::{Path, PathBuf};

use config::prometheus::{Features, Mode, Source};
use platform::real::RealFileSystem;

/// The folder of material that stands beside the repository; `None`, and a word, where it does not.
fn shared(path: &str) -> Option<PathBuf> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path);
    if !place.exists() {
        println!("skipped: {} is not there", place.display());
        return None;
    }
    Some(place)
}

/// A source on the real files, for a server, with an empty environment.
fn source(path: &Path) -> Source<'_> {
    Source {
        path,
        files: &RealFileSystem,
        environment: &|_| None,
        mode: Mode::Server,
        features: Features::default(),
        ignore_unknown_keys: false,
    }
}
