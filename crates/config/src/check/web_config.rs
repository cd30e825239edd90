//! `check web-config`.

use std::path::Path;

use super::{config::World, report::Report};
use crate::web_config::{KeyPairCheck, WebConfig};

/// What `check web-config` is asked.
#[derive(Clone, Debug, Default)]
pub struct CheckWebConfig {
    /// The files.
    pub files: Vec<String>,
}

impl CheckWebConfig {
    /// Checks the files; `key_pair` says whether a certificate and a key belong together.
    pub fn run(&self, world: &World<'_>, key_pair: KeyPairCheck<'_>) -> Report {
        let mut report = Report::default();
        if !world.arguments_exist(&self.files, &mut report) {
            return report;
        }
        for file in &self.files {
            match WebConfig::load(Path::new(file), world.files, key_pair) {
                Ok(_) => report.err(format!("{file} SUCCESS")),
                Err(error) => {
                    report.err(format!("{file} FAILED: {error}"));
                    report.fail();
                }
            }
        }
        report
    }
}
