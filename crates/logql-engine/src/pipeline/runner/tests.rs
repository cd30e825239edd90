//! Tests of what is done for one row at most.

use super::*;
use crate::pipeline::CompileOptions;

/// What the stages say is wrong with a line.
fn error(stages: &str, line: &str) -> String {
    let text = format!("{{a=\"b\"}} {stages}");
    let log = logql_syntax::parse_log(&text, logql_syntax::Options::default()).unwrap();
    let pipeline = Pipeline::compile(&log.stages, &CompileOptions::ALL).unwrap();
    let mut columns = EntryColumns { rows: 1, timestamps: vec![0], ..EntryColumns::default() };
    columns.push_line(line.as_bytes());
    let mut found = String::new();
    let _ = Runner::new(&pipeline).run(&Labels::empty(), &columns, &mut |row| {
        row.labels.error().clone_into(&mut found);
        ControlFlow::Continue(())
    });
    found
}

#[test]
fn paths_of_json_count_as_often_as_they_read_a_line() {
    let keys: Vec<String> = (0..20_000).map(|key| format!("\"k{key}\":\"v\"")).collect();
    let long = format!("{{{}}}", keys.join(","));
    let paths = |count: usize| {
        let paths: Vec<String> = (0..count).map(|label| format!("l{label}=\"a.a\"")).collect();
        format!("| json {}", paths.join(","))
    };
    assert_eq!(error(&paths(8000), &long), ROW_ERROR);
    assert_eq!(error(&paths(100), &long), "");
    assert_eq!(error(&paths(8000), "{}"), "");
}
