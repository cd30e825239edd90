//! Lines behind parsers: never a panic, and a block of lines gives what its lines give one by one. Where the first line
//! begins with a bar it is the stages, else its first byte chooses them.
#![no_main]

use std::ops::ControlFlow;

use libfuzzer_sys::fuzz_target;
use logql_engine::pipeline::{CompileOptions, Pipeline, Runner};
use logql_syntax::{AnyTemplate, Expr, Options, check_stages, parse_log};
use model::Labels;
use storage::logs::EntryColumns;

const STAGES: [&str; 20] = [
    "| json",
    "| json | a=`b`",
    r#"| json a="a.b[0]", b="[\"a b\"]", c"#,
    "| json | a > 1 or b=~`x.*` | label_format c=a",
    "| logfmt",
    "| logfmt --strict --keep-empty",
    "| logfmt a, b=`key`",
    "| logfmt | a=`b` | c!=`d`",
    "| regexp `(?P<a>[a-z]+)=(?P<b>\\S*)`",
    "| regexp `^(?P<a>.*?) (?P<b>\\d+)$`",
    "| pattern `<a>=<b> <_>`",
    "| pattern `<_> \"<a>\" <b>`",
    "| unpack",
    "| unpack | a=`b`",
    "|> `<_>a<_>b`",
    "|~ `(?i)a.b` != `c`",
    "| decolorize | logfmt | keep a",
    "| json | duration(a) > 1s",
    "| logfmt | a > 5ms | b < 1KB | ip = ip(`10.0.0.0/8`)",
    "| json | logfmt | drop a, b=`c`",
];

/// What comes out of a row: line, labels with the error.
type Row = (Vec<u8>, Vec<(String, String)>, String);

fn rows(pipeline: &Pipeline, lines: &[&[u8]]) -> Vec<Row> {
    let mut columns = EntryColumns { rows: lines.len(), ..EntryColumns::default() };
    for (row, line) in lines.iter().enumerate() {
        columns.timestamps.push(row as i64);
        columns.push_line(line);
    }
    let stream = Labels::from_pairs([("app", "x"), ("c", "stream")]);
    let mut rows = Vec::new();
    let _ = Runner::new(pipeline).run(&stream, &columns, &mut |row| {
        let labels = row.labels.iter().map(|label| (label.name.to_owned(), label.value.to_owned())).collect();
        rows.push((row.line.to_vec(), labels, row.labels.error().to_owned()));
        ControlFlow::Continue(())
    });
    rows
}

fuzz_target!(|bytes: &[u8]| {
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == 0).take(200).collect();
    let first = lines.remove(0);
    let stages = match first {
        [b'|' | b'!', ..] => String::from_utf8_lossy(first).into_owned(),
        [byte, ..] => STAGES[usize::from(*byte) % STAGES.len()].to_owned(),
        [] => return,
    };
    let Ok(log) = parse_log(&format!("{{}} {}", stages.replace("| unwrap", "| drop")), Options::default()) else { return };
    if check_stages(&Expr::Log(log.clone()), &AnyTemplate).is_err() {
        return;
    }
    let Ok(pipeline) = Pipeline::compile(&log.stages, &CompileOptions::ALL) else { return };
    let together = rows(&pipeline, &lines);
    let alone: Vec<Row> = lines.iter().flat_map(|line| rows(&pipeline, std::slice::from_ref(line))).collect();
    assert_eq!(together, alone);
});
