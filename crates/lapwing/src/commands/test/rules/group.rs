//! One test: series are loaded, rules evaluated at each interval, alerts and expressions compared.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use config::rule_file::LoadedRuleFile;
use config::rule_test_file::{AlertTest, ExpressionTest, RuleTest};
use model::duration::format_duration;
use model::quote::quote;
use model::{FloatHistogram, Labels};
use platform::Clock;
use platform::simulated::SimulatedClock;
use promql_engine::{Engine, Query, QueryOptions, Settings, Value};
use promql_syntax::{SeriesValue, SeriesValues, parse_series_description};
use rules::{AlertState, Group, NoSink, Options, Parts, Promql, SampleValue};
use storage::memory::MemoryStore;
use storage::{AppendOptions, Appendable, HistogramSample};
use telemetry::Registry;

use super::Asked;
use super::compare::{Alert, Found, alerts_text, same_samples, samples_text};
use super::diff::diff_text;
use crate::cli::server_options::path_of;
use crate::rules::{GroupDefaults, groups};

const SAMPLES_MAX: u64 = 50_000_000;
const TIMEOUT: Duration = Duration::from_secs(100);

/// What the file says around a test.
pub(super) struct Surroundings<'a> {
    pub(super) evaluation: Duration,
    pub(super) fuzzy: bool,
    pub(super) order: &'a [String],
    pub(super) rules: &'a [LoadedRuleFile],
    pub(super) asked: &'a Asked,
}

/// A sample of an input series.
struct Input {
    at_ms: i64,
    labels: Labels,
    value: SampleValue,
}

struct Test<'a> {
    test: &'a RuleTest,
    around: &'a Surroundings<'a>,
    start_ms: i64,
    store: MemoryStore,
    engine: Arc<Engine>,
    errors: Vec<String>,
}

/// Runs a test; all that is wrong.
pub(super) fn run(test: &RuleTest, around: &Surroundings<'_>) -> Vec<String> {
    if around.asked.debug {
        crate::complain(&format!("DEBUG: Starting test {}", test.name), 0);
    }
    let started = || -> Result<Vec<String>, String> {
        if let Some(unnamed) = test.alert_rule_test.iter().find(|test| test.alertname.is_empty()) {
            let time = format_duration(unnamed.eval_time);
            let group =
                if test.name.is_empty() { String::new() } else { format!(" (in TestGroup {})", test.name) };
            return Err(format!(
                "an item under alert_rule_test misses required attribute alertname at eval_time {time}{group}"
            ));
        }
        let clock: Arc<dyn Clock> = Arc::new(SimulatedClock::new(0));
        let settings = Settings {
            timeout: TIMEOUT,
            samples_max: SAMPLES_MAX,
            delayed_name_removal: around.asked.delayed_name_removal,
            ..Settings::default()
        };
        let parts = promql_engine::Parts::alone(Arc::clone(&clock));
        let mut run = Test {
            test,
            around,
            start_ms: start(&test.start_timestamp)?,
            store: MemoryStore::new(),
            engine: Arc::new(Engine::new(settings, parts)),
            errors: Vec::new(),
        };
        run.run(clock)?;
        Ok(run.errors)
    };
    started().unwrap_or_else(|error| vec![error])
}

/// When the test begins, in milliseconds since the Unix epoch.
fn start(text: &str) -> Result<i64, String> {
    if text.is_empty() { Ok(0) } else { api::parse_time(text) }
}

fn ms(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

impl Test<'_> {
    fn run(&mut self, clock: Arc<dyn Clock>) -> Result<(), String> {
        let mut inputs = self.inputs()?.into_iter().peekable();
        let groups = self.groups(clock)?;
        let times = self.test.alert_rule_test.iter().map(|test| test.eval_time);
        let last = times.chain(self.test.promql_expr_test.iter().map(|test| test.eval_time)).max();
        let (last, step) = (ms(last.unwrap_or_default()), ms(self.around.evaluation).max(1));
        let mut alert_tests: Vec<&AlertTest> = self.test.alert_rule_test.iter().collect();
        alert_tests.sort_by_key(|test| test.eval_time);
        let mut since = 0;
        while since <= last {
            let now = self.start_ms + since;
            let mut due = Vec::new();
            while let Some(input) = inputs.next_if(|input| input.at_ms <= now) {
                due.push(input);
            }
            self.load(&due)?;
            let failed = self.evaluate(&groups, since);
            if !failed.is_empty() {
                self.errors.extend(failed);
                return Ok(());
            }
            for test in &alert_tests {
                if (since..since + step).contains(&ms(test.eval_time)) {
                    self.compare_alerts(&groups, test);
                }
            }
            since += step;
        }
        for test in &self.test.promql_expr_test {
            self.compare_expression(test);
        }
        if self.around.asked.debug {
            self.dump(last);
        }
        Ok(())
    }

    /// The samples of all series, by time. Of several lines for one series the last one counts.
    fn inputs(&self) -> Result<Vec<Input>, String> {
        let mut series: BTreeMap<Labels, Vec<SeriesValue>> = BTreeMap::new();
        for input in &self.test.input_series {
            let described = parse_series_description(&format!("{} {}", input.series, input.values))
                .map_err(|error| error.to_string())?;
            match described.values {
                SeriesValues::Samples(values) => series.insert(described.labels, values),
                SeriesValues::StartOffsets(_) => {
                    return Err(format!("start times of series are not supported here: {}", input.series));
                }
            };
        }
        let step = ms(self.test.interval);
        let mut inputs = Vec::new();
        for (labels, values) in series {
            for (position, value) in values.into_iter().enumerate() {
                let at_ms = self.start_ms + i64::try_from(position).unwrap_or(i64::MAX).saturating_mul(step);
                let value = match value {
                    SeriesValue::Omitted => continue,
                    SeriesValue::Float(value) => SampleValue::Float(value),
                    SeriesValue::Histogram(histogram) => SampleValue::Histogram(histogram),
                };
                inputs.push(Input { at_ms, labels: labels.clone(), value });
            }
        }
        inputs.sort_by_key(|input| input.at_ms);
        Ok(inputs)
    }

    fn load(&self, inputs: &[Input]) -> Result<(), String> {
        let mut appender = self.store.appender(AppendOptions::default());
        for input in inputs {
            let series = appender.series(&input.labels).map_err(|error| error.to_string())?;
            let written = match &input.value {
                SampleValue::Float(value) => appender.append(series, input.at_ms, 0, *value),
                SampleValue::Histogram(histogram) => {
                    appender.append_histogram(series, input.at_ms, 0, HistogramSample::Float(histogram))
                }
            };
            written.map_err(|error| error.to_string())?;
        }
        appender.commit().map_err(|error| error.to_string())
    }

    /// The groups in the order of evaluation: those that the file does not order first.
    fn groups(&self, clock: Arc<dyn Clock>) -> Result<Vec<Group>, String> {
        let store = Arc::new(self.store.clone());
        let language =
            Promql::new(Arc::clone(&self.engine), Arc::clone(&store) as _, self.around.asked.syntax);
        let parts = Parts {
            language: Arc::new(language),
            log_language: None,
            appendable: Arc::clone(&store) as _,
            queryable: store,
            clock,
            sink: Arc::new(NoSink),
            registry: Registry::new(),
        };
        let surroundings = rules::Surroundings {
            external_labels: Labels::from_pairs(&self.test.external_labels),
            external_url: self.test.external_url.clone(),
            path_prefix: path_of(&self.test.external_url).to_owned(),
            ..Default::default()
        };
        let defaults = GroupDefaults { interval: self.test.interval, query_offset: Duration::ZERO };
        let mut settings = groups(self.around.rules, defaults);
        let order = self.around.order;
        settings
            .sort_by_key(|group| order.iter().position(|name| *name == group.name).map_or(0, |at| at + 1));
        let made = settings.into_iter().map(|group| {
            Group::alone(group, surroundings.clone(), parts.clone(), Options::default())
                .map_err(|error| error.to_string())
        });
        made.collect()
    }

    /// Evaluates all groups; what failed.
    fn evaluate(&self, groups: &[Group], since_ms: i64) -> Vec<String> {
        let mut failed = Vec::new();
        for group in groups {
            group.evaluate((self.start_ms + since_ms).saturating_mul(1_000_000));
            for rule in group.view().rules {
                if let Some(error) = rule.last_error {
                    let time = template::Duration::from_nanos(since_ms.saturating_mul(1_000_000)).to_text();
                    failed.push(format!("    rule: {}, time: {time}, err: {error}", rule.name));
                }
            }
        }
        failed
    }

    fn compare_alerts(&mut self, groups: &[Group], test: &AlertTest) {
        let rules = groups.iter().flat_map(|group| group.view().rules);
        let firing = rules.filter(|rule| rule.name == test.alertname).filter_map(|rule| rule.alerting);
        let firing = firing.flat_map(|alerting| alerting.alerts);
        let mut found: Vec<Alert> = firing
            .filter(|alert| alert.state == AlertState::Firing)
            .map(|alert| Alert {
                labels: alert
                    .labels
                    .iter()
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect(),
                annotations: alert.annotations,
            })
            .collect();
        let named = |labels: &BTreeMap<String, String>| {
            let mut labels = labels.clone();
            labels.insert("alertname".to_owned(), test.alertname.clone());
            labels
        };
        let mut expected: Vec<Alert> = test
            .exp_alerts
            .iter()
            .map(|alert| Alert {
                labels: named(&alert.exp_labels),
                annotations: alert.exp_annotations.clone(),
            })
            .collect();
        found.sort();
        expected.sort();
        if found == expected {
            return;
        }
        let name = match self.test.name.as_str() {
            "" => String::new(),
            name => format!("    name: {name},\n"),
        };
        let head =
            format!("{name}    alertname: {}, time: {}, \n", test.alertname, format_duration(test.eval_time));
        let indent = |text: String| text.replace('\n', "\n            ");
        self.errors.push(if self.around.asked.diff {
            format!("{head}        diff: {}", indent(diff_text(&expected, &found)))
        } else {
            let (expected, found) = (indent(alerts_text(&expected)), indent(alerts_text(&found)));
            format!("{head}        exp:{expected}, \n        got:{found}")
        });
    }

    fn compare_expression(&mut self, test: &ExpressionTest) {
        let head = format!("    expr: {}, time: {},", quote(&test.expr), format_duration(test.eval_time));
        let compared = || -> Result<(Vec<Found>, Vec<Found>), String> {
            let mut found = self.query(&test.expr, self.start_ms + ms(test.eval_time))?;
            let mut expected = Vec::new();
            for sample in &test.exp_samples {
                let read = || -> Result<Found, String> {
                    let labels =
                        promql_syntax::parse_metric(&sample.labels).map_err(|error| error.to_string())?;
                    let histogram = histogram(&sample.histogram)?;
                    Ok(Found { labels, value: sample.value, histogram })
                };
                expected.push(read().map_err(|error| format!("labels {}: {error}", quote(&sample.labels)))?);
            }
            found.sort_by(|a, b| a.labels.cmp(&b.labels));
            expected.sort_by(|a, b| a.labels.cmp(&b.labels));
            Ok((expected, found))
        };
        let error = match compared() {
            Err(error) => format!("{head} err: {error}"),
            Ok((expected, found)) if same_samples(&expected, &found, self.around.fuzzy) => return,
            Ok((expected, found)) => format!(
                "{head}\n        exp: {}\n        got: {}",
                samples_text(&expected),
                samples_text(&found)
            ),
        };
        self.errors.push(error);
    }

    fn query(&self, text: &str, at_ms: i64) -> Result<Vec<Found>, String> {
        let tree =
            promql_syntax::parse_expr(text, self.around.asked.syntax).map_err(|error| error.to_string())?;
        let query = Query { text, expr: &tree };
        let answer = self
            .engine
            .instant(&self.store, &query, at_ms, &QueryOptions::default())
            .map_err(|error| error.to_string())?;
        match answer.value {
            Value::Vector(samples) => Ok(samples
                .into_iter()
                .map(|sample| match sample.value {
                    promql_engine::SampleValue::Float(value) => {
                        Found { labels: sample.labels, value, histogram: String::new() }
                    }
                    promql_engine::SampleValue::Histogram(histogram) => {
                        Found { labels: sample.labels, value: 0.0, histogram: histogram.notation() }
                    }
                })
                .collect()),
            Value::Scalar { value, .. } => {
                Ok(vec![Found { labels: Labels::empty(), value, histogram: String::new() }])
            }
            _ => Err("rule result is not a vector or scalar".to_owned()),
        }
    }

    /// Shows all that is stored.
    fn dump(&self, last_ms: i64) {
        let span = Duration::from_millis(last_ms.unsigned_abs() + 1000);
        let text = format!("{{__name__=~\".+\"}}[{}]", format_duration(span));
        let mut out =
            format!("DEBUG: Dump of all data (input_series and rules) at {}:\n", format_duration(span));
        if let Ok(tree) = promql_syntax::parse_expr(&text, self.around.asked.syntax) {
            let query = Query { text: &text, expr: &tree };
            let at = self.start_ms + last_ms + 1000;
            let answer = self.engine.instant(&self.store, &query, at, &QueryOptions::default());
            if let Ok(Value::Matrix(mut series)) = answer.map(|answer| answer.value) {
                series.sort_by(|a, b| a.labels.cmp(&b.labels));
                for one in &series {
                    out.push_str(&format!("{} =>\n", one.labels));
                    for (time, value) in one.floats() {
                        out.push_str(&format!("{} @[{time}]\n", model::number::format_plain(value)));
                    }
                    for (time, histogram) in one.histograms() {
                        out.push_str(&format!("{histogram} @[{time}]\n"));
                    }
                }
            }
        }
        crate::complain(out.trim_end(), 0);
    }
}

/// A histogram in the notation of test scripts, as that notation is written out again.
fn histogram(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let described = parse_series_description(&format!("{{}} {text}")).map_err(|error| error.to_string())?;
    let SeriesValues::Samples(values) = described.values else {
        return Err("expected 1 value, got 0".to_owned());
    };
    match values.as_slice() {
        [SeriesValue::Histogram(histogram)] => Ok(FloatHistogram::notation(histogram)),
        [_] => Err(format!("expected histogram, got {text}")),
        _ => Err(format!("expected 1 value, got {}", values.len())),
    }
}
