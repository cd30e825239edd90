//! Replays recorded runs of `promtool check config`, `check rules` and `check web-config`: exit status and texts.

use std::fs;

use config::{
    check::{CheckConfig, CheckRules, CheckWebConfig, Report, Stream, World},
    rule_file::RuleChecks,
};
use platform::real::RealFileSystem;
use serde_json::Value;

use crate::shared;

/// What the original's log prints before its own lines, and empty lines, do not count.
fn normalized(text: &str) -> String {
    let is_log = |line: &str| ["time=", "ts=", "level="].iter().any(|prefix| line.starts_with(prefix));
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !is_log(line)).collect();
    lines.join("\n")
}

fn run(args: &[&str], input: &str) -> Option<Report> {
    let (kind, flags) = match args {
        ["check", kind @ ("config" | "rules" | "web-config"), flags @ ..] => (*kind, flags),
        _ => return None,
    };
    let (mut config, mut rules) = (CheckConfig::default(), CheckRules::default());
    rules.input = input.into();
    let mut flags = flags.iter().copied();
    let mut files = Vec::new();
    while let Some(flag) = flags.next() {
        let (name, value) = flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)));
        match name {
            "--agent" => config.agent = true,
            "--syntax-only" => config.syntax_only = true,
            "--lint-fatal" => (config.lint_fatal, rules.lint_fatal) = (true, true),
            "--ignore-unknown-fields" => {
                (config.ignore_unknown_fields, rules.ignore_unknown_fields) = (true, true)
            }
            "--lint" => {
                config.lint = value.or_else(|| flags.next()).unwrap_or_default().into();
                rules.lint.clone_from(&config.lint);
            }
            _ => files.push(flag.to_string()),
        }
    }
    let files_on_disk = RealFileSystem;
    let world = World {
        files: &files_on_disk,
        environment: &|name| std::env::var(name).ok(),
        rules: RuleChecks { expression: &expression, template: &template },
        log_rules: RuleChecks { expression: &expression, template: &template },
    };
    Some(match kind {
        "config" => CheckConfig { files, ..config }.run(&world),
        "rules" => CheckRules { files, ..rules }.run(&world),
        _ => CheckWebConfig { files }.run(&world, &|_, _| Ok(())),
    })
}

/// The query language is another crate's: here stands what it says of the expressions that the recording has.
fn expression(text: &str) -> Result<(), String> {
    match text {
        "up{" => Err("1:4: parse error: unexpected end of input inside braces".into()),
        _ => Ok(()),
    }
}

/// The same for templates.
fn template(name: &str, text: &str) -> Result<(), String> {
    let fault = match text {
        "{{ .Foo" => "unclosed action",
        "{{ $labels.x | nofunc }}" => "function \"nofunc\" not defined",
        "{{ if }}" => "missing value for if",
        _ => return Ok(()),
    };
    Err(format!("template: {name}:1: {fault}"))
}

#[test]
fn recorded_checks_answer_as_the_original_did() {
    let Some(recorded) = shared("conformance/prometheus/config/check.jsonl") else { return };
    let recorded = fs::read_to_string(recorded).unwrap();
    let (mut passed, mut failures) = (0, Vec::new());
    for line in recorded.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in case["files"].as_object().into_iter().flatten() {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text.as_str().unwrap()).unwrap();
        }
        // The only test of this binary that depends on where it stands.
        std::env::set_current_dir(folder.path()).unwrap();
        let args: Vec<&str> =
            case["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).collect();
        let Some(report) = run(&args, case["stdin"].as_str().unwrap_or_default()) else { continue };
        let place = folder.path().to_string_lossy().into_owned();
        let shown = |stream| normalized(&report.text(stream).replace(&place, "DIR"));
        let got = (u64::from(report.exit()), shown(Stream::Out), shown(Stream::Err));
        let expect = &case["expect"];
        let wanted = (
            expect["exit"].as_u64().unwrap(),
            normalized(expect["stdout"].as_str().unwrap()),
            normalized(expect["stderr"].as_str().unwrap()),
        );
        let equal = if case["compare"] == "exit" { got.0 == wanted.0 } else { got == wanted };
        if equal {
            passed += 1;
        } else {
            failures
                .push(format!("{} ({}):\n  wanted {wanted:?}\n  got    {got:?}", case["id"], case["note"]));
        }
        if std::env::var_os("SHOW_TEXTS").is_some() && got != wanted {
            println!("{} differs in text:\n  wanted {:?}\n  got    {:?}", case["id"], wanted.2, got.2);
        }
    }
    println!("{passed} passed, {} failed", failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
