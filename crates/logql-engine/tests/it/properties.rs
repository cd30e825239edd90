//! Looking at whole blocks finds what looking at each line finds.

use std::ops::ControlFlow;

use logql_engine::pipeline::{CompileOptions, Pipeline, Runner};
use logql_syntax::{Options, parse_log};
use model::Labels;
use proptest::prelude::*;
use storage::logs::EntryColumns;

fn columns(lines: &[String]) -> EntryColumns {
    let mut columns = EntryColumns { rows: lines.len(), ..EntryColumns::default() };
    for (row, line) in lines.iter().enumerate() {
        columns.timestamps.push(row as i64);
        columns.push_line(line.as_bytes());
    }
    columns
}

/// The lines that come out.
fn kept(query: &str, lines: &[String]) -> Vec<String> {
    let expr = parse_log(query, Options::default()).unwrap();
    let pipeline = Pipeline::compile(&expr.stages, &CompileOptions::ALL).unwrap();
    let mut kept = Vec::new();
    let _ = Runner::new(&pipeline).run(&Labels::empty(), &columns(lines), &mut |row| {
        kept.push(String::from_utf8_lossy(row.line).into_owned());
        ControlFlow::Continue(())
    });
    kept
}

const FILTERS: [&str; 16] = [
    r#"|= "ab""#,
    r#"|= "ab" or "c""#,
    r#"!= "b""#,
    r#"!= "a" or "b""#,
    r#"|~ "a.b""#,
    r#"|~ "^a""#,
    r#"|~ "b$""#,
    r#"|~ "(?i)(ab|ks)""#,
    r#"|~ "a[^b]""#,
    r#"!~ "(?i)a""#,
    r#"|~ "a\\sb""#,
    r#"|> "<_>a<_>""#,
    r#"|> "a<_>b""#,
    r#"!> "<_>b""#,
    r#"|= "\n""#,
    r#"|~ "ab|ſ" or "c""#,
];

proptest! {
    #[test]
    fn filters_over_blocks_agree_with_filters_over_lines(
        lines in proptest::collection::vec("[abcAKs ſ\n]{0,6}", 0..80),
        first in 0..FILTERS.len(),
        second in 0..FILTERS.len(),
    ) {
        let query = format!("{{}} {} {}", FILTERS[first], FILTERS[second]);
        let together = kept(&query, &lines);
        let alone: Vec<String> =
            lines.iter().flat_map(|line| kept(&query, std::slice::from_ref(line))).collect();
        prop_assert_eq!(together, alone);
    }
}
