//! Files of rules as the settings of `rules`.

use std::time::Duration;

use config::rule_file::{LoadedRuleFile, Rule, RuleChecks, RuleGroup, load_rule_files};
use platform::FileSystem;
use rules::{Dialect, GroupSettings, Logql, RuleKind, RuleSettings};
use template::rules::RuleTemplate;

/// Whether the text of a label or annotation is a template; `name` is what it is called in the complaint.
///
/// # Errors
/// The complaint.
pub(crate) fn check_template(name: &str, text: &str) -> Result<(), String> {
    RuleTemplate::parse_named(name, text).map(|_| ()).map_err(|error| error.to_string())
}

/// What groups take where they say nothing themselves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GroupDefaults {
    pub(crate) interval: Duration,
    pub(crate) query_offset: Duration,
}

/// Reads the files that patterns name.
///
/// # Errors
/// All that is wrong with them, a line each.
pub(crate) fn load(
    patterns: &[&str],
    files: &dyn FileSystem,
    syntax: promql_syntax::Options,
    ignore_unknown_keys: bool,
) -> Result<Vec<LoadedRuleFile>, String> {
    let expression =
        |text: &str| promql_syntax::parse_expr(text, syntax).map(|_| ()).map_err(|error| error.to_string());
    let checks = RuleChecks { expression: &expression, template: &check_template };
    load_rule_files(patterns, files, &checks, ignore_unknown_keys).map_err(|problems| problems.join("\n"))
}

/// What expressions and templates of rules over logs may be.
pub(crate) const LOG_CHECKS: RuleChecks<'static> =
    RuleChecks { expression: &check_log_expression, template: &check_template };

fn check_log_expression(text: &str) -> Result<(), String> {
    Logql::check(text).map(|_| ())
}

/// Reads the files of rules over logs that patterns name.
///
/// # Errors
/// All that is wrong with them, a line each.
pub(crate) fn load_over_logs(
    patterns: &[&str],
    files: &dyn FileSystem,
) -> Result<Vec<LoadedRuleFile>, String> {
    load_rule_files(patterns, files, &LOG_CHECKS, false).map_err(|problems| problems.join("\n"))
}

/// The groups of files, in the order of the files.
pub(crate) fn groups(files: &[LoadedRuleFile], defaults: GroupDefaults) -> Vec<GroupSettings> {
    let of_file = |loaded: &LoadedRuleFile| -> Vec<GroupSettings> {
        loaded.file.groups.iter().map(|entry| group(&loaded.path, entry, defaults)).collect()
    };
    files.iter().flat_map(of_file).collect()
}

fn group(path: &str, entry: &RuleGroup, defaults: GroupDefaults) -> GroupSettings {
    GroupSettings {
        file: path.to_owned(),
        name: entry.name.clone(),
        dialect: Dialect::Promql,
        interval: if entry.interval.is_zero() { defaults.interval } else { entry.interval },
        query_offset: entry.query_offset.unwrap_or(defaults.query_offset),
        limit: usize::try_from(entry.limit).ok().filter(|limit| *limit > 0),
        rules: entry.rules.iter().map(|item| rule(entry, item)).collect(),
    }
}

fn rule(group: &RuleGroup, entry: &Rule) -> RuleSettings {
    let mut labels = group.labels.clone();
    labels.extend(entry.labels.clone());
    RuleSettings {
        name: entry.name().to_owned(),
        expression: entry.expr.clone(),
        labels,
        kind: if entry.alert.is_empty() {
            RuleKind::Recording
        } else {
            RuleKind::Alerting {
                hold: entry.hold,
                keep_firing_for: entry.keep_firing_for,
                annotations: entry.annotations.clone(),
            }
        },
    }
}
