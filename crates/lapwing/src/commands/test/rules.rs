//! `test rules FILE…`: unit tests of rules in promtool's format.

mod compare;
mod diff;
mod group;
mod junit;

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use config::rule_file::LoadedRuleFile;
use config::rule_test_file::{RuleTest, RuleTestFile};
use go_regex::Regex;
use platform::FileSystem;
use platform::real::RealFileSystem;

use super::super::group::syntax_options;
use crate::cli::tool::{Tool, ToolArgument, ToolCall, list, switch, value};
use crate::{answer, complain};
use junit::Case;

/// The largest file that is read.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// How often rules are evaluated where a file does not say.
const INTERVAL: Duration = Duration::from_mins(1);

pub(super) const TOOL: Tool = Tool {
    name: "test rules",
    about: "Unit tests for rules.",
    flags: &[
        list(
            "run",
            "",
            "If set, will only run test groups whose names match the regular expression. Can be specified multiple times.",
        ),
        switch("debug", "Enable unit test debugging."),
        switch("diff", "Print a colored diff instead of the whole of what was expected and found."),
        switch("ignore-unknown-fields", "Ignore unknown fields in the test files."),
        value("junit", "", "File path to store JUnit XML test results."),
    ],
    arguments: &[ToolArgument { name: "test-rule-file...", required: true, help: "The unit test file." }],
};

/// What the flags ask for.
pub(crate) struct Asked {
    runs: Vec<Regex>,
    pub(crate) debug: bool,
    pub(crate) diff: bool,
    ignore_unknown_keys: bool,
    pub(crate) syntax: promql_syntax::Options,
    pub(crate) delayed_name_removal: bool,
}

impl Asked {
    fn new(call: &ToolCall) -> Result<Asked, String> {
        let patterns = call.all("run").iter().filter(|pattern| !pattern.is_empty());
        let features = call.all("enable-feature").iter().flat_map(|list| list.split(','));
        Ok(Asked {
            runs: patterns
                .map(|pattern| Regex::new(pattern).map_err(|error| error.to_string()))
                .collect::<Result<_, _>>()?,
            debug: call.is_on("debug"),
            diff: call.is_on("diff"),
            ignore_unknown_keys: call.is_on("ignore-unknown-fields"),
            syntax: syntax_options(call),
            delayed_name_removal: features.into_iter().any(|name| name == "promql-delayed-name-removal"),
        })
    }

    fn runs(&self, name: &str) -> bool {
        self.runs.is_empty() || self.runs.iter().any(|pattern| pattern.is_match(name))
    }
}

/// Runs the tests of all files; exit status 1 where one fails.
pub(super) fn run(program: &str, call: &ToolCall) -> ExitCode {
    let missing = call.arguments().iter().find(|file| RealFileSystem.metadata(Path::new(file)).is_err());
    if let Some(file) = missing {
        return complain(&format!("{program}: error: path '{file}' does not exist, try --help"), 1);
    }
    let asked = match Asked::new(call) {
        Ok(asked) => asked,
        Err(error) => return complain(&format!("{program}: error: {error}"), 1),
    };
    let mut failed = false;
    let mut suites = Vec::new();
    for file in call.arguments() {
        let (errors, cases) = test_file(file, &asked);
        if errors.is_empty() {
            answer("  SUCCESS\n\n", 0);
        } else {
            failed = true;
            complain(&format!("  FAILED:\n{}\n", errors.join("\n")), 1);
        }
        suites.push((file.clone(), cases));
    }
    if let Some(path) = Some(call.get("junit")).filter(|path| !path.is_empty())
        && let Err(error) = junit::write(path, &suites)
    {
        return complain(&format!("{program}: error: {path}: {error}"), 1);
    }
    ExitCode::from(u8::from(failed))
}

/// All that is wrong, and the tests that ran.
fn test_file(path: &str, asked: &Asked) -> (Vec<String>, Vec<Case>) {
    match prepare(path, asked) {
        Err(errors) => (errors, Vec::new()),
        Ok((file, rules)) => run_tests(&file, &rules, asked),
    }
}

/// Reads a file of tests and the files of rules that it names.
fn prepare(path: &str, asked: &Asked) -> Result<(RuleTestFile, Vec<LoadedRuleFile>), Vec<String>> {
    let bytes =
        RealFileSystem.read(Path::new(path), FILE_BYTES_MAX).map_err(|error| vec![error.to_string()])?;
    let file = RuleTestFile::parse(&String::from_utf8_lossy(&bytes), asked.ignore_unknown_keys)
        .map_err(|error| vec![error])?;
    let mut seen = HashMap::new();
    for name in &file.group_eval_order {
        if seen.insert(name, ()).is_some() {
            return Err(vec![format!("group name repeated in evaluation order: {name}")]);
        }
    }
    let folder = Path::new(path).parent().unwrap_or(Path::new(""));
    let mut rules = Vec::new();
    let mut errors = Vec::new();
    for pattern in &file.rule_files {
        let pattern = folder.join(pattern).to_string_lossy().into_owned();
        match crate::rules::load(&[&pattern], &RealFileSystem, asked.syntax, asked.ignore_unknown_keys) {
            Ok(loaded) if loaded.is_empty() => {
                complain(&format!("  WARNING: no file match pattern {pattern}"), 0);
            }
            Ok(loaded) => rules.extend(loaded),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok((file, rules)) } else { Err(errors) }
}

fn run_tests(file: &RuleTestFile, rules: &[LoadedRuleFile], asked: &Asked) -> (Vec<String>, Vec<Case>) {
    let evaluation = if file.evaluation_interval.is_zero() { INTERVAL } else { file.evaluation_interval };
    let mut errors = Vec::new();
    let mut cases = Vec::new();
    for (index, test) in file.tests.iter().enumerate().filter(|(_, test)| asked.runs(&test.name)) {
        let name = if test.name.is_empty() { format!("unnamed#{index}") } else { test.name.clone() };
        let interval = if test.interval.is_zero() { evaluation } else { test.interval };
        let test = RuleTest { interval, ..test.clone() };
        let surroundings = group::Surroundings {
            evaluation,
            fuzzy: file.fuzzy_compare,
            order: &file.group_eval_order,
            rules,
            asked,
        };
        let found = group::run(&test, &surroundings);
        cases.push(Case { name, failures: found.clone() });
        errors.extend(found);
    }
    (errors, cases)
}
