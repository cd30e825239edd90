//! Files of rules, over samples and over logs: no panic.
#![no_main]

use config::rule_file::{RuleChecks, RuleFile};
use libfuzzer_sys::fuzz_target;
use template::rules::RuleTemplate;

fn promql(text: &str) -> Result<(), String> {
    promql_syntax::parse_expr(text, promql_syntax::Options::ALL)
        .map(|_| ())
        .map_err(|error| error.to_string())
}

fn logql(text: &str) -> Result<(), String> {
    rules::Logql::check(text).map(|_| ())
}

fn template(name: &str, text: &str) -> Result<(), String> {
    RuleTemplate::parse_named(name, text).map(|_| ()).map_err(|error| error.to_string())
}

fuzz_target!(|text: &str| {
    for expression in [&promql as &dyn Fn(&str) -> Result<(), String>, &logql] {
        let checks = RuleChecks { expression, template: &template };
        if let Ok(file) = RuleFile::parse(text, &checks, false) {
            assert!(RuleFile::parse(text, &checks, true).is_ok(), "no key was unknown");
            let _ = file.rules();
        }
    }
});
