//! `query --stdin`: a log query over lines of standard input. They are of one stream, and of the present time.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::ops::ControlFlow;

use logql_engine::pipeline::{CompileOptions, Pipeline, Runner};
use logql_syntax::ast::Expr;
use logql_syntax::{LogExpr, Options};
use model::Labels;
use storage::logs::EntryColumns;

use super::ask::now;
use super::flags;
use super::show::{Line, text_of};
use crate::answer;
use crate::cli::tool::ToolCall;

/// Lines that are worked on at once, at most.
const LINES_MAX: usize = 1000;
/// Their bytes, about.
const BYTES_MAX: usize = 4 << 20;
/// The longest line.
const LINE_BYTES_MAX: u64 = 64 << 20;

/// Refuses what cannot be asked of lines.
pub(super) fn refuse() -> Result<(), String> {
    Err(format!("--{} is for `query` alone", flags::STDIN.name))
}

/// Prints the lines of standard input that come out of a query, in their order.
pub(super) fn query(call: &ToolCall) -> Result<(), String> {
    let now = now()?;
    let log = read_query(call.argument(0).unwrap_or_default())?;
    let compiled = Pipeline::compile(&log.stages, &CompileOptions::ALL).map_err(|error| error.to_string())?;
    let filter = Filter { pipeline: compiled.at(now), now };
    filter.run(BufReader::new(std::io::stdin().lock()), &mut |lines| {
        answer(&text_of(call, lines, &BTreeMap::new())?, 0);
        Ok(())
    })
}

/// The query; a selector may stand before the stages, and selects every line.
fn read_query(text: &str) -> Result<LogExpr, String> {
    let text = text.trim();
    let whole = if text.starts_with(['|', '!']) { format!("{{}} {text}") } else { text.to_owned() };
    let expr = logql_syntax::parse(&whole, Options::default()).map_err(|error| error.to_string())?;
    match expr {
        Expr::Log(log) => Ok(log),
        Expr::Metric(_) => Err("metric queries cannot be run over standard input".to_owned()),
    }
}

/// A query at work on lines.
struct Filter {
    pipeline: Pipeline,
    now: i64,
}

impl Filter {
    /// Hands on the lines that come out, as soon as there are no more to read at once.
    fn run<R: Read>(
        &self,
        mut input: BufReader<R>,
        take: &mut dyn FnMut(&[Line]) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut runner = Runner::new(&self.pipeline);
        let mut columns = EntryColumns::default();
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
            let read = read.map_err(|error| format!("standard input: {error}"))?;
            if read > 0 {
                let text = line.as_slice().strip_suffix(b"\n").unwrap_or(&line);
                columns.push_line(text.strip_suffix(b"\r").unwrap_or(text));
                columns.timestamps.push(self.now);
                columns.rows += 1;
            }
            let is_full = columns.rows >= LINES_MAX || columns.text.len() >= BYTES_MAX;
            if columns.rows > 0 && (read == 0 || is_full || input.buffer().is_empty()) {
                take(&lines(&mut runner, &columns))?;
                columns.clear();
            }
            if read == 0 {
                return Ok(());
            }
        }
    }
}

fn lines(runner: &mut Runner<'_>, columns: &EntryColumns) -> Vec<Line> {
    let mut lines = Vec::new();
    let _ = runner.run(&Labels::empty(), columns, &mut |row| {
        let mut labels: BTreeMap<String, String> =
            row.labels.iter().map(|label| (label.name.to_owned(), label.value.to_owned())).collect();
        for (name, value) in
            [("__error__", row.labels.error()), ("__error_details__", row.labels.error_details())]
        {
            if !value.is_empty() {
                labels.insert(name.to_owned(), value.to_owned());
            }
        }
        let text = String::from_utf8_lossy(row.line).into_owned();
        lines.push(Line { time: row.timestamp, labels, text });
        ControlFlow::Continue(())
    });
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(query: &str, input: &str) -> Vec<(String, Vec<String>)> {
        let log = read_query(query).unwrap();
        let pipeline = Pipeline::compile(&log.stages, &CompileOptions::ALL).unwrap();
        let mut found = Vec::new();
        let filter = Filter { pipeline, now: 7 };
        let take = &mut |lines: &[Line]| {
            found.extend(lines.iter().map(|line| {
                let labels = line.labels.iter().map(|(name, value)| format!("{name}={value}"));
                (line.text.clone(), labels.collect())
            }));
            Ok(())
        };
        filter.run(BufReader::with_capacity(8, input.as_bytes()), take).unwrap();
        found
    }

    #[test]
    fn lines_go_through_the_stages_in_their_order() {
        let input = "a level=info n=1\nb level=error n=2\r\n\nc level=error n=3";
        let plain = |lines: &[&str]| -> Vec<(String, Vec<String>)> {
            lines.iter().map(|line| ((*line).to_owned(), Vec::new())).collect()
        };
        assert_eq!(found(r#"|= "error""#, input), plain(&["b level=error n=2", "c level=error n=3"]));
        assert_eq!(found(r#"{any="thing"} != "level""#, input), plain(&[""]));
        let expected = vec!["level=error".to_owned(), "n=3".to_owned()];
        let stages = r#"| logfmt | n > 2 | line_format "{{.n}}!""#;
        assert_eq!(found(stages, input), [("3!".to_owned(), expected)]);
        assert_eq!(found(r#"{} |= "b" | json"#, input)[0].1[0], "__error__=JSONParserErr");
    }

    #[test]
    fn metric_queries_are_refused() {
        assert!(read_query(r#"rate({a="b"}[1m])"#).unwrap_err().contains("metric queries"));
        assert!(read_query("| nope |").is_err());
    }
}
