//! `alertmanager.yml`: no panic; what loads leads alerts to receivers and is printed.
#![no_main]

use std::path::Path;

use config::alertmanager::Config;
use libfuzzer_sys::fuzz_target;
use model::Labels;

fuzz_target!(|text: &str| {
    match Config::load_text(text, Path::new("/alertmanager.yml")) {
        Ok(loaded) => {
            let config = loaded.config;
            let _ = config.to_yaml();
            let _ = config.intervals();
            let routes = config.routes();
            for labels in [Labels::empty(), Labels::from_pairs([("alertname", "A"), ("severity", "page")])] {
                assert!(!routes.matching(&labels).is_empty(), "an alert leads nowhere");
            }
        }
        Err(error) => {
            let _ = error.explain();
        }
    }
});
