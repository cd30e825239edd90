//! `prometheus.yml`: no panic; what loads is printed as a text that is YAML again.
#![no_main]

use std::path::Path;

use config::prometheus::{Features, Mode, Source};
use libfuzzer_sys::fuzz_target;
use platform::simulated::SimulatedFileSystem;

fuzz_target!(|text: &str| {
    let files = SimulatedFileSystem::new();
    for mode in [Mode::Server, Mode::Agent] {
        let source = Source {
            path: Path::new("/prometheus.yml"),
            files: &files,
            environment: &|name| (name == "HOME").then(|| "/home".to_owned()),
            mode,
            features: Features::default(),
            ignore_unknown_keys: false,
        };
        match source.load_text(text) {
            Ok(mut loaded) => {
                let _ = loaded.config.to_yaml();
                let _ = source.load_scrape_configs(&mut loaded);
            }
            Err(error) => {
                let _ = error.explain();
            }
        }
    }
});
