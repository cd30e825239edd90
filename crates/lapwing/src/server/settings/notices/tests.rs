//! Sections that do nothing yet are told.

use std::path::Path;

use config::prometheus::{Features, Mode, Source};
use platform::real::RealFileSystem;

use super::notices;

fn told(text: &str) -> Vec<String> {
    let source = Source {
        path: Path::new("prometheus.yml"),
        files: &RealFileSystem,
        environment: &|_| None,
        mode: Mode::Server,
        features: Features::default(),
        ignore_unknown_keys: false,
    };
    notices(&source.load_text(text).expect("a configuration"))
}

#[test]
fn an_empty_configuration_needs_no_word() {
    assert_eq!(told("global: {}\n"), Vec::<String>::new());
}

#[test]
fn keys_of_the_store_have_an_effect() {
    for floats in ["xor", "xor2"] {
        let text = format!(
            "storage:\n  tsdb:\n    out_of_order_time_window: 30m\n    stale_series_compaction_threshold: 0.5\n    \
             chunk_encoding: {{floats: {floats}}}\n"
        );
        assert_eq!(told(&text), Vec::<String>::new());
    }
}

#[test]
fn a_store_whose_name_should_be_looked_up_anew_is_told() {
    let text = "remote_write:\n  - url: http://localhost/write\n    round_robin_dns: true\n";
    assert_eq!(told(text), ["section remote_write.round_robin_dns is not supported yet and does nothing"]);
}

#[test]
fn alertmanagers_that_nothing_is_sent_to_are_told() {
    let text = "rule_files: [r.yml]\nalerting:\n  alertmanagers:\n  - static_configs: [{targets: [\"a:9093\"]}]\n    sigv4: {}\n";
    assert_eq!(told(text), ["section alerting.alertmanagers.sigv4 is not supported yet and does nothing"]);
}
