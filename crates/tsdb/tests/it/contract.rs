//! The store keeps the contract of stores.

use platform::simulated::SimulatedFileSystem;
use tsdb::{Db, Settings};

use crate::fixture::{open, open_with};

fn with_start_timestamps() -> Db {
    let settings = Settings {
        start_timestamps: true,
        xor2: true,
        histogram_start_timestamps: true,
        ..Settings::default()
    };
    open_with(&SimulatedFileSystem::new(), settings)
}

mod by_default {
    use super::*;

    testkit::store_contract!(|| Box::new(open(&SimulatedFileSystem::new())));
}

mod start_timestamps {
    use super::*;

    testkit::store_contract!(|| Box::new(with_start_timestamps()));
}
