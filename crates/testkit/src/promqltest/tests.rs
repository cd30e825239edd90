//! Scripts are read, run and told about; on a subject that knows hardly more than selectors.
#![expect(clippy::disallowed_methods, reason = "scripts are read from the real file system")]

use model::{CounterResetHint, Labels, Matcher};
use storage::memory::MemoryStore;
use storage::{Queryable, SampleColumns, SelectHints, TimeRange};

use super::*;

/// Answers a metric name with its newest samples, a number or a string with itself; `fail:text` fails, `warn:`,
/// `info:` and `fixed:` in front annotate, `reversed:` turns the order around, `range:name` gives all samples.
#[derive(Default)]
struct Toy {
    store: MemoryStore,
    /// Range queries give this error.
    range_error: Option<&'static str>,
}

impl Toy {
    fn newest(&self, name: &str, at_ms: i64) -> Vec<(Labels, Point)> {
        let all = self.all(name);
        all.into_iter()
            .filter_map(|series| {
                let (_, point) = series.points.into_iter().rfind(|(timestamp, _)| *timestamp <= at_ms)?;
                Some((series.labels, point))
            })
            .collect()
    }

    fn all(&self, name: &str) -> Vec<AnswerSeries> {
        let querier = self.store.querier(TimeRange::ALL).unwrap();
        let hints = SelectHints { sorted: true, ..SelectHints::default() };
        let set = querier.select(&[Matcher::equal("__name__", name)], &hints).unwrap();
        let series = |position| {
            let mut columns = SampleColumns::new();
            set.read(position, TimeRange::ALL, &mut columns).unwrap();
            let floats = columns.timestamps.into_iter().zip(columns.values.into_iter().map(Point::Float));
            let histograms =
                columns.histograms.values.into_iter().map(|value| Point::Histogram(value.into()));
            let mut points: Vec<_> =
                floats.chain(columns.histograms.timestamps.into_iter().zip(histograms)).collect();
            points.sort_by_key(|(timestamp, _)| *timestamp);
            AnswerSeries { labels: set.labels(position), points }
        };
        (0..set.len()).map(series).collect()
    }
}

impl Subject for Toy {
    fn clear(&mut self) -> Result<(), SubjectError> {
        self.store.clear();
        Ok(())
    }

    fn load(&mut self, series: &[LoadedSeries]) -> Result<(), SubjectError> {
        append_to(&self.store, series).map_err(SubjectError::new)
    }

    fn instant(&mut self, query: &str, at_ms: i64) -> Result<Answer, SubjectError> {
        let (mut warnings, mut infos) = (Vec::new(), Vec::new());
        if let Some(error) = query.strip_prefix("fail:") {
            return Err(SubjectError::new(error));
        }
        if query.starts_with("warn:") {
            warnings = vec!["PromQL warning: careful (1:4)".to_owned()];
        }
        if query.starts_with("info:") {
            infos = vec!["PromQL info: one (1:4)".to_owned(), "PromQL info: two".to_owned()];
        }
        if query.starts_with("fixed:") {
            infos = vec!["PromQL info: fixed, from buckets 1 to +Inf, with a max diff of 3 (1:4)".to_owned()];
        }
        let value = if let Ok(number) = query.parse() {
            AnswerValue::Scalar(number)
        } else if let Some(text) = query.strip_prefix('"') {
            AnswerValue::String(text.trim_end_matches('"').to_owned())
        } else if let Some(name) = query.strip_prefix("range:") {
            AnswerValue::Matrix(self.all(name))
        } else {
            let name = query.rsplit(':').next().unwrap_or_default();
            let mut vector = self.newest(name, at_ms);
            if query.starts_with("reversed:") {
                vector.reverse();
            }
            AnswerValue::Vector(vector)
        };
        Ok(Answer { value, warnings, infos })
    }

    fn range(&mut self, query: &str, range: QueryRange) -> Result<Answer, SubjectError> {
        if let Some(error) = self.range_error {
            return Err(SubjectError::new(error));
        }
        let mut series: Vec<AnswerSeries> = Vec::new();
        let mut last = Answer { value: AnswerValue::Scalar(0.0), warnings: Vec::new(), infos: Vec::new() };
        let mut at_ms = range.start_ms;
        while at_ms <= range.end_ms {
            last = self.instant(query, at_ms)?;
            let vector = match &last.value {
                AnswerValue::Vector(vector) => vector.clone(),
                AnswerValue::Scalar(value) => vec![(Labels::empty(), Point::Float(*value))],
                other => return Err(SubjectError::new(format!("no range query of {other:?}"))),
            };
            for (labels, point) in vector {
                match series.iter_mut().find(|series| series.labels == labels) {
                    Some(series) => series.points.push((at_ms, point)),
                    None => series.push(AnswerSeries { labels, points: vec![(at_ms, point)] }),
                }
            }
            at_ms += range.step_ms;
        }
        Ok(Answer { value: AnswerValue::Matrix(series), ..last })
    }
}

#[track_caller]
fn assert_passes(text: &str, evaluations: usize) {
    let report = run_text("a.test", text, &mut Toy::default());
    assert_eq!(report.to_string(), format!("{evaluations} passed, 0 failed"));
}

/// Runs a script with one failure and returns what it tells.
#[track_caller]
fn failure(text: &str) -> String {
    let report = run_text("a.test", text, &mut Toy::default());
    assert_eq!(report.failures.len(), 1, "{report}");
    report.failures[0].to_string()
}

const LOAD: &str = "
load 5m
  up{job=\"a\"} 1 2 _ 4
  up{job=\"b\"} 0+10x3
  h {{schema:0 sum:1 count:2 buckets:[1 1]}} {{schema:0 sum:2 count:4 buckets:[2 1 1]}}
";

#[test]
fn what_is_expected_passes() {
    let script = format!(
        "{LOAD}
eval instant at 5m up
  up{{job=\"b\"}} 10
  up{{job=\"a\"}} 2.0000001

# A comment ends nothing that is not at its end.
eval instant at 10m up
  {{__name__=\"up\", job=\"a\"}} 2
  up{{job=\"b\"}} 20

eval range from 0 to 15m step 5m up
  up{{job=\"a\"}} 1 2 2 4
  up{{job=\"b\"}} 0 10 20 30

eval instant at 5m h
  h {{{{sum:2 count:4 buckets:[2 1 1]}}}}

eval range from 0 to 5m step 5m h
  h {{{{sum:1 count:2 buckets:[1 1]}}}} {{{{sum:2 count:4 buckets:[2 1 1 0]}}}}

eval instant at 1m 3.5
  3.5

EVAL instant at 1m \"text\"
  expect string `text`

eval instant \"text\"
  \"text\"

eval instant at 15m range:up
  expect range vector from 0 to 15m step 5m
  up{{job=\"a\"}} 1 2 _ 4
  up{{job=\"b\"}} 0+10x3

clear
eval instant at 5m up
"
    );
    assert_passes(&script, 10);
}

#[test]
fn values_that_differ_are_told_with_file_and_line() {
    let text =
        failure(&format!("{LOAD}\neval instant at 5m up\n  up{{job=\"a\"}} 2\n  up{{job=\"b\"}} 11\n"));
    let series = "{__name__=\"up\", job=\"b\"}";
    assert_eq!(text, format!("a.test:7: up\n    expected {series} 11\n         got {series} 10\n"));
    let text = failure(&format!("{LOAD}\neval range from 0 to 10m step 5m h\n  h {{{{sum:1 count:2}}}}x2\n"));
    assert!(text.contains("{{count:2 sum:1}} {{count:2 sum:1}} {{count:2 sum:1}}"), "{text}");
    assert!(text.contains("{{count:2 sum:1 buckets:[1 1]}}@0ms"), "{text}");
}

#[test]
fn missing_and_unexpected_series_are_failures() {
    let one = format!("{LOAD}\neval instant at 5m up\n  up{{job=\"a\"}} 2\n");
    assert!(failure(&one).contains("unexpected series {__name__=\"up\", job=\"b\"} 10"));
    let three = format!("{one}  up{{job=\"b\"}} 10\n  up{{job=\"c\"}} 1\n");
    assert!(failure(&three).contains("got no such series"));
    assert!(failure("eval range from 0 to 5m step 5m up\n  up 1 2\n").contains("got no such series"));
    assert!(failure("eval instant at 0 up\n  3\n").contains("expected scalar, got vector"));
    assert!(failure("eval instant at 0 3\n").contains("expected vector, got scalar"));
}

#[test]
fn a_float_is_no_histogram() {
    let text = failure(&format!("{LOAD}\neval instant at 5m h\n  h 3\n"));
    assert!(text.contains("got {__name__=\"h\"} {{count:4 sum:2 counter_reset_hint:not_reset"), "{text}");
}

#[test]
fn hints_count_where_they_are_named() {
    let eval = |hint: &str| {
        format!("{LOAD}\neval instant at 5m h\n  h {{{{sum:2 count:4 {hint} buckets:[2 1 1]}}}}\n")
    };
    assert_passes(&eval("counter_reset_hint:not_reset"), 1);
    failure(&eval("counter_reset_hint:unknown"));
    assert_passes(&eval(""), 1);
}

#[test]
fn order_counts_where_it_is_expected() {
    let eval = |expression: &str, first: &str| {
        let second = if first == "a" { ("b", 10) } else { ("a", 2) };
        let first = if first == "a" { ("a", 2) } else { ("b", 10) };
        format!(
            "{LOAD}\neval instant at 5m {expression}\n  expect ordered\n  up{{job=\"{}\"}} {}\n  up{{job=\"{}\"}} {}\n",
            first.0, first.1, second.0, second.1
        )
    };
    assert_passes(&eval("up", "a"), 1);
    assert_passes(&eval("reversed:up", "b"), 1);
    assert!(failure(&eval("up", "b")).contains("position"));
    assert_passes(&eval("up", "a").replace("eval ", "eval_ordered ").replace("  expect ordered\n", ""), 1);
}

#[test]
fn errors_are_compared() {
    assert_passes("eval instant at 0 fail:no\n  expect fail\n", 1);
    assert_passes("eval instant at 0 fail:no way\n  expect fail msg: no way\n", 1);
    assert_passes("eval range from 0 to 1m step 1m fail:no way\n  expect fail regex: w.y$\n", 1);
    assert_passes("eval_fail instant at 0 fail:no way\n  expected_fail_message no way\n", 1);
    assert_passes("eval_fail instant at 0 fail:no way\n  expected_fail_regexp ^no\n", 1);
    assert!(
        failure("eval instant at 0 fail:no\n  expect fail msg: yes\n").contains("expected error \"yes\"")
    );
    assert!(failure("eval instant at 0 fail:no\n").contains("unexpected error \"no\""));
    assert!(failure("eval instant at 0 up\n  expect fail\n").contains("expected an error"));
}

#[test]
fn annotations_are_compared_where_they_are_expected() {
    assert_passes("eval instant at 0 warn:up\n", 1);
    assert_passes("eval instant at 0 warn:up\n  expect warn\n  expect no_info\n", 1);
    assert_passes("eval instant at 0 warn:up\n  expect warn msg: PromQL warning: careful\n", 1);
    assert_passes("eval instant at 0 warn:up\n  expect warn msg:PromQL warning: careful (1:4)\n", 1);
    assert_passes("eval_warn instant at 0 warn:up\n", 1);
    assert_passes("eval instant at 0 info:up\n  expect info regex: one|two$\n", 1);
    assert_passes("eval instant at 0 fixed:up\n  expect info msg: PromQL info: fixed\n", 1);
    failure("eval instant at 0 warn:up\n  expect no_warn\n");
    failure("eval instant at 0 warn:up\n  expect warn msg: PromQL warning: careful (1:5)\n");
    failure("eval instant at 0 up\n  expect warn\n");
    // Every info must be expected.
    let text = failure("eval instant at 0 info:up\n  expect info msg: PromQL info: one\n");
    assert!(text.contains("unexpected info \"PromQL info: two\""), "{text}");
}

#[test]
fn instants_are_repeated_as_ranges() {
    let mut toy = Toy { range_error: Some("broken"), ..Toy::default() };
    let report = run_text("a.test", "eval instant at 0 up\n", &mut toy);
    assert!(
        report.failures[0].message.contains("as a range query:\nunexpected error \"broken\""),
        "{report}"
    );
    let once = RunOptions { repeat_instants: false };
    assert_eq!(
        run_text_with("a.test", "eval instant at 0 up\n", once, &mut toy).to_string(),
        "1 passed, 0 failed"
    );
    // Not where the bounds of the query are read, which are others in a range query.
    let bounds =
        "eval instant at 0 up @ start()\n\neval instant at 0 step ( )\n\neval instant at 0 x[1m:-range()]\n";
    assert_eq!(run_text("a.test", bounds, &mut toy).to_string(), "3 passed, 0 failed");
    for other in ["metric_start(up)", "start_time", "label_range (x)"] {
        let report = run_text("a.test", &format!("eval instant at 0 {other}\n"), &mut toy);
        assert_eq!(report.failures.len(), 1, "{other}: {report}");
    }
    // Not where they fail or give a string, nor where the order counts.
    let script = "eval instant at 0 fail:x\n  expect fail\n\neval instant at 0 \"x\"\n  \"x\"\n\neval_ordered instant at 0 up\n";
    assert_eq!(run_text("a.test", script, &mut toy).to_string(), "3 passed, 0 failed");
}

#[test]
fn start_times_are_relative_to_samples() {
    let script = Script::parse("load 1m\n  a@st _ -30s 0\n  a 1 2 3 4\n").unwrap();
    let [script::Command::Load(load)] = script.commands.as_slice() else { panic!("{script:?}") };
    let series = load.samples().unwrap();
    let starts: Vec<i64> = series[0].samples.iter().map(|sample| sample.start_timestamp_ms).collect();
    assert_eq!(starts, [0, 30_000, 120_000, 0]);
}

#[test]
fn classic_histograms_are_loaded_as_native_ones_besides() {
    let classic = "load_with_nhcb 5m
  x_bucket{a=\"1\", le=\"0.5\"} 1+1x2
  x_bucket{a=\"1\", le=\"+Inf\"} 3+2x2
  x_count{a=\"1\"} 3+2x2
  x_sum{a=\"1\"} 7 8 9
  other_count 1

";
    let native = "eval range from 0 to 10m step 5m x
  x{a=\"1\"} {{schema:-53 count:3 sum:7 custom_values:[0.5] buckets:[1 2]}} {{schema:-53 count:5 sum:8 custom_values:[0.5] buckets:[2 3]}} {{schema:-53 count:7 sum:9 custom_values:[0.5] buckets:[3 4]}}

eval instant at 5m x_bucket
  x_bucket{a=\"1\", le=\"0.5\"} 2
  x_bucket{a=\"1\", le=\"+Inf\"} 5

eval instant at 0 other
";
    assert_passes(&format!("{classic}{native}"), 3);
    let broken = classic.replace("x_count{a=\"1\"} 3+2x2", "x_count{a=\"1\"} 1+2x2");
    assert!(
        failure(&broken).starts_with("a.test:1: \n    classic histogram {__name__=\"x\", a=\"1\"} at 0ms")
    );
}

#[test]
fn scripts_with_mistakes_are_refused_with_their_line() {
    let table = [
        ("\nwhat\n", 2, "unknown command"),
        ("load\n", 1, "empty duration"),
        ("load 5m\n  up 1 2\n  up{ 1\n", 3, "parse error"),
        ("load 5m\n  up@st -1m\n", 2, "no values"),
        ("eval instant at x up\n", 1, "not a valid duration"),
        ("eval instant at 5m\n", 1, "an expression is missing"),
        ("eval range from 0 to 5m up\n", 1, "expected \"step\""),
        ("eval range from 5m to 0 step 1m up\n", 1, "the range must end"),
        ("eval instant at 0 up\n  up 1 2\n", 2, "expected one value"),
        ("eval instant at 0 up\n  up 1\n  up 1\n", 3, "expected twice"),
        ("eval instant at 0 up\n  expect luck\n", 2, "unknown expectation"),
        ("eval instant at 0 up\n  expect no_warn\n  expect warn\n", 3, "contradicts"),
        ("eval instant at 0 up\n  expect warn careful\n", 2, "must start with"),
        ("eval instant at 0 up\n  1\n  up 1\n", 1, "only one kind"),
        ("eval_maybe instant at 0 up\n", 1, "unknown form"),
    ];
    for (text, line, message) in table {
        let error = Script::parse(text).unwrap_err();
        assert_eq!(error.line, line, "{text:?}: {error}");
        assert!(error.message.contains(message), "{text:?}: {error}");
    }
}

#[test]
fn scripts_of_the_original_are_read() {
    let Some(folder) = crate::recordings() else { return };
    let mut evaluations = 0;
    for entry in std::fs::read_dir(folder.join("prometheus/promqltest")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "test") {
            let text = std::fs::read_to_string(&path).unwrap();
            let script = Script::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let evals = script.commands.iter().filter(|command| matches!(command, script::Command::Eval(_)));
            evaluations += evals.count();
        }
    }
    assert_eq!(evaluations, 1631);
}

#[test]
fn gauge_histograms_keep_their_hint() {
    let script = Script::parse("load 1m\n  h {{counter_reset_hint:gauge}}\n").unwrap();
    let [script::Command::Load(load)] = script.commands.as_slice() else { panic!("{script:?}") };
    let Point::Histogram(histogram) = &load.samples().unwrap()[0].samples[0].value else { panic!("a float") };
    assert_eq!(histogram.counter_reset_hint, CounterResetHint::Gauge);
}

#[test]
fn scripts_of_this_repository_are_read() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/promql");
    for (settings, evaluations_min) in [("default", 200), ("samples-max-50", 40)] {
        // The toy answers hardly any of them.
        let report = run_folder(&folder.join(settings), RunOptions::default(), &mut Toy::default()).unwrap();
        assert!(report.passed + report.failures.len() >= evaluations_min, "{report}");
        assert!(report.failures.iter().all(|failure| !failure.query.is_empty()), "{report}");
    }
}
