//! `check rules`.

use std::{collections::BTreeMap, path::Path};

use super::{config::World, lint::Lints, report::Report};
use crate::{
    files::{describe, read_text},
    rule_file::{RuleFile, RuleProblem},
};

/// What `check rules` is asked.
#[derive(Clone, Debug)]
pub struct CheckRules {
    /// The files; when there are none, `input` is checked.
    pub files: Vec<String>,
    /// The standard input.
    pub input: String,
    /// The flag `--lint`.
    pub lint: String,
    /// The flag `--lint-fatal`.
    pub lint_fatal: bool,
    /// The flag `--ignore-unknown-fields`.
    pub ignore_unknown_fields: bool,
}

/// The lints that are on unless the flag says otherwise.
pub(super) const DEFAULT_LINT: &str = "duplicate-rules";

impl Default for CheckRules {
    fn default() -> Self {
        CheckRules {
            files: Vec::new(),
            input: String::new(),
            lint: DEFAULT_LINT.into(),
            lint_fatal: false,
            ignore_unknown_fields: false,
        }
    }
}

impl CheckRules {
    /// Checks the files.
    pub fn run(&self, world: &World<'_>) -> Report {
        let mut report = Report::default();
        if !world.arguments_exist(&self.files, &mut report) {
            return report;
        }
        let lints = Lints::parse(&self.lint, self.lint_fatal, std::time::Duration::ZERO, &mut report);
        if self.files.is_empty() {
            report.out("Checking standard input");
            check_text(&self.input, "", self.ignore_unknown_fields, &lints, world, &mut report);
        }
        check_files(&self.files, self.ignore_unknown_fields, &lints, world, &mut report);
        report
    }
}

/// Checks files of rules one by one.
pub(super) fn check_files(
    files: &[String],
    ignore_unknown_fields: bool,
    lints: &Lints,
    world: &World<'_>,
    report: &mut Report,
) {
    for file in files {
        report.out(format!("Checking {file}"));
        match read_text(world.files, Path::new(file)) {
            Ok(text) => check_text(&text, &format!("{file}: "), ignore_unknown_fields, lints, world, report),
            Err(error) => {
                report.err(format!("  FAILED:\n{file}: {}", describe("open", Path::new(file), &error)));
                report.fail();
            }
        }
        report.out("");
    }
}

fn check_text(
    text: &str,
    prefix: &str,
    ignore_unknown_fields: bool,
    lints: &Lints,
    world: &World<'_>,
    report: &mut Report,
) {
    match RuleFile::parse(text, &world.rules, ignore_unknown_fields) {
        Err(problems) => {
            let line = |problem: &RuleProblem| format!("{prefix}{}", problem.text);
            let lines: Vec<String> = problems.iter().map(line).collect();
            report.err(format!("  FAILED:\n{}", lines.join("\n")));
            report.fail();
        }
        Ok(file) => {
            let duplicates = if lints.duplicate_rules { duplicates(&file) } else { Vec::new() };
            if duplicates.is_empty() {
                report.out(format!("  SUCCESS: {} rules found", file.rules()));
                return;
            }
            let count = duplicates.len();
            let mut text = format!("  FAILED:\nlint error {count} duplicate rule(s) found.\n");
            for (name, labels) in duplicates {
                text.push_str(&format!("Metric: {name}\nLabel(s):\n"));
                for (label, value) in labels {
                    text.push_str(&format!("\t{label}: {value}\n"));
                }
            }
            report.err(format!("{text}Might cause inconsistency while recording expressions"));
            report.find(lints.fatal);
        }
    }
}

/// A rule's name with its labels, those of its group included.
type Identity<'a> = (&'a str, Vec<(&'a str, &'a str)>);

/// Rules that make the same series as another, each such series once.
fn duplicates(file: &RuleFile) -> Vec<Identity<'_>> {
    let mut rules: Vec<Identity<'_>> = Vec::new();
    for group in &file.groups {
        for rule in &group.rules {
            let both = group.labels.iter().chain(&rule.labels);
            let labels: BTreeMap<&str, &str> = both.map(|(name, value)| (&**name, &**value)).collect();
            rules.push((rule.name(), labels.into_iter().collect()));
        }
    }
    rules.sort_unstable();
    let mut found: Vec<Identity<'_>> = Vec::new();
    for (rule, next) in rules.iter().zip(rules.iter().skip(1)) {
        if rule == next && found.last() != Some(rule) {
            found.push(rule.clone());
        }
    }
    found
}
