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

/// Whether a line comes out where no condition is tried before all labels are there: a stage that changes nothing
/// stands between.
fn reference(query: &str, line: &str) -> bool {
    let parts: Vec<&str> = query.splitn(3, " | ").collect();
    let query = format!("{} | {} | label_format zz=zz | {}", parts[0], parts[1], parts[2]);
    !kept(&query, &[line.to_owned()]).is_empty()
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

const CONDITIONS: [&str; 13] = [
    r#"| logfmt | a="b""#,
    r#"| logfmt | a=~"b|c.*""#,
    r#"| logfmt | a=~"(?i)b+" | c!="a""#,
    r#"| json | a="b""#,
    r#"| json | a=~".*b.*""#,
    r#"| json | a > 1"#,
    r#"| json | a <= 1 and c != 2"#,
    r#"| json | a < 5ms"#,
    r#"| json | a > 1 or c > 1"#,
    r#"| logfmt | a > 1"#,
    r#"| logfmt | c < 5ms"#,
    r#"| json | a="b" and b!="c""#,
    r#"| pattern "<a>=<b> <c>" | b="b""#,
];

proptest! {
    #[test]
    fn conditions_behind_parsers_find_in_blocks_what_they_find_in_lines(
        pairs in proptest::collection::vec(("[ab]", "[abc]{0,2}|\\\\u0062|\\\\u0032|2|1|-3|3ms|\"2", "[cd]", "[abc]{0,2}|2|4ms"), 0..60),
        json in any::<bool>(),
        condition in 0..CONDITIONS.len(),
    ) {
        let lines: Vec<String> = pairs
            .iter()
            .map(|(a, b, c, d)| match json {
                true if b.parse::<i64>().is_ok() => format!(r#"{{"{a}": {b},"{c}":"{d}"}}"#),
                true => format!(r#"{{"{a}":"{b}","{c}":"{d}"}}"#),
                false => format!("{a}=\"{b}\" {c}={d}"),
            })
            .collect();
        let query = format!("{{}} {}", CONDITIONS[condition]);
        let together = kept(&query, &lines);
        let alone: Vec<String> =
            lines.iter().filter(|line| reference(&query, line)).cloned().collect();
        prop_assert_eq!(together, alone);
    }
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
