//! Configurations printed as `/api/v1/status/config` of the original shows them.
//!
//! The answers in `printed/*.out` were taken from a running Prometheus 3.5 and brought to 3.14 by hand: keys that are
//! newer (`scrape_native_histograms`, `extra_scrape_metrics`, two of `otlp`, one of Kubernetes), no default of
//! `global.scrape_protocols`, and empty `separator` and `replacement` shown.

use std::path::Path;

use crate::source;

#[track_caller]
fn prints_as_the_original(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/printed");
    let path = folder.join(name).with_extension("yml");
    let loaded = source(&path).load().unwrap_or_else(|error| panic!("{}", error.explain()));
    // Names of files come out with the folder; the answers were taken inside it.
    let printed = loaded.config.to_yaml().replace(&format!("{}/", folder.display()), "");
    let expected = std::fs::read_to_string(path.with_extension("out")).unwrap();
    for (number, (got, wanted)) in printed.lines().zip(expected.lines()).enumerate() {
        assert_eq!(got, wanted, "line {} of {name}", number + 1);
    }
    assert_eq!(printed, expected);
}

#[test]
fn all_sections_are_printed_as_the_original_prints_them() {
    prints_as_the_original("everything");
}

#[test]
fn defaults_of_global_reach_the_scrape_configurations() {
    prints_as_the_original("global");
}

#[test]
fn texts_are_quoted_and_folded_as_the_original_does_it() {
    prints_as_the_original("notations");
}

#[test]
fn discoveries_are_printed_as_the_original_prints_them() {
    prints_as_the_original("discoveries");
}

#[test]
fn discoveries_have_the_defaults_of_the_original() {
    prints_as_the_original("discovery_defaults");
}
