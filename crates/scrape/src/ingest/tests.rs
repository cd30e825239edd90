//! Answers become samples, markers of the end and reports.

mod allowance;
mod changing;
mod known;
mod recorded;

use std::sync::atomic::{AtomicU32, Ordering};

use discovery::TargetGroup;
use model::labels::METRIC_NAME;
use model::{Labels, is_stale_nan};
use storage::memory::MemoryStore;
use storage::{FloatBatch, Queryable, SampleColumns, SelectHints, TimeRange};
use telemetry::Registry;
use wire::exposition::Format;

use super::{Body, Context, Memory, end, store};
use crate::metrics::Metrics;
use crate::spare::Spare;
use crate::target::{Declarations, Populated, populate};
use crate::{Features, JobSettings, ScrapeError, Target};

/// A target that is scraped by hand.
struct Bench {
    job: JobSettings,
    features: Features,
    target: Target,
    metrics: Metrics,
    declarations: Declarations,
    batches: Spare<FloatBatch>,
    memory: Memory,
    store: MemoryStore,
}

impl Bench {
    fn new(job: JobSettings) -> Self {
        let group = TargetGroup::of_addresses("0", ["h:1"], Labels::from_pairs([("instance", "i")]));
        let Ok(Populated::Target(target)) = populate(&job, &group, &group.targets[0]) else {
            panic!("no target")
        };
        let metrics = Metrics::new(&Registry::new());
        Self {
            job,
            features: Features::default(),
            target: *target,
            metrics,
            declarations: Declarations::default(),
            batches: Spare::default(),
            memory: Memory::default(),
            store: MemoryStore::new(),
        }
    }

    /// Scrapes `text` at `time`; the counts of the report and the error.
    fn scrape(&mut self, time: i64, text: &str) -> ([u64; 3], Option<String>) {
        self.scrape_answer(time, Ok(Body { bytes: text.as_bytes(), format: Format::Text }))
    }

    fn scrape_answer(
        &mut self,
        time: i64,
        answer: Result<Body<'_>, ScrapeError>,
    ) -> ([u64; 3], Option<String>) {
        let context = Context {
            job: &self.job,
            features: self.features,
            target: &self.target,
            metrics: &self.metrics,
            declarations: &self.declarations,
            batches: &self.batches,
        };
        let (report, error) = store(&context, &mut self.memory, &self.store, answer, time, || 0.25);
        assert_eq!(report.up, error.is_none());
        let counts = report.counts;
        ([counts.scraped, counts.kept, counts.added], error.map(|error| error.to_string()))
    }

    fn end(&mut self, time: i64) {
        let context = Context {
            job: &self.job,
            features: self.features,
            target: &self.target,
            metrics: &self.metrics,
            declarations: &self.declarations,
            batches: &self.batches,
        };
        end(&context, &mut self.memory, &self.store, time);
    }

    /// All series without those that report: labels beside `job` and `instance`, and `time:value` pairs, with
    /// `end` for the marker.
    fn samples(&self) -> Vec<String> {
        self.all()
            .into_iter()
            .filter(|series| !series.contains("\"scrape_") && !series.contains("\"up\""))
            .collect()
    }

    fn all(&self) -> Vec<String> {
        let querier = self.store.querier(TimeRange::ALL).unwrap();
        let hints = SelectHints { sorted: true, ..SelectHints::default() };
        let set = querier.select(&[], &hints).unwrap();
        (0..set.len())
            .map(|position| {
                let mut columns = SampleColumns::new();
                set.read(position, TimeRange::ALL, &mut columns).unwrap();
                let samples: Vec<String> = columns
                    .timestamps
                    .iter()
                    .zip(&columns.values)
                    .map(|(time, value)| match value {
                        value if is_stale_nan(*value) => format!("{time}:end"),
                        value => format!("{time}:{value}"),
                    })
                    .collect();
                let labels = set.labels(position).filtered(|name| name != "job" && name != "instance");
                format!("{labels} {}", samples.join(" "))
            })
            .collect()
    }

    fn series(&self, name: &str) -> String {
        let wanted = format!("{METRIC_NAME}=\"{name}\"");
        let all = self.all();
        all.iter()
            .find(|series| series.contains(&wanted))
            .unwrap_or_else(|| panic!("no {name} in {all:?}"))
            .clone()
    }
}

fn bench() -> Bench {
    Bench::new(JobSettings::new("j"))
}

#[test]
fn known_series_go_on_and_reports_count_them() {
    let mut bench = bench();
    assert_eq!(bench.scrape(1000, "a 1\nb{x=\"y\"} 2\n"), ([2, 2, 2], None));
    assert_eq!(bench.scrape(2000, "a 3\nb{x=\"y\"} 4\n"), ([2, 2, 0], None));
    assert_eq!(bench.scrape(3000, "b{x=\"y\"} 5\nc 6\na 7\n"), ([3, 3, 1], None));
    assert_eq!(
        bench.samples(),
        [
            r#"{__name__="a"} 1000:1 2000:3 3000:7"#,
            r#"{__name__="b", x="y"} 1000:2 2000:4 3000:5"#,
            r#"{__name__="c"} 3000:6"#
        ]
    );
    assert_eq!(bench.series("up"), r#"{__name__="up"} 1000:1 2000:1 3000:1"#);
    assert_eq!(
        bench.series("scrape_duration_seconds"),
        r#"{__name__="scrape_duration_seconds"} 1000:0.25 2000:0.25 3000:0.25"#
    );
    assert_eq!(
        bench.series("scrape_series_added"),
        r#"{__name__="scrape_series_added"} 1000:2 2000:0 3000:1"#
    );
}

#[test]
fn series_that_are_missing_end_once_and_may_come_back() {
    let mut bench = bench();
    bench.scrape(1, "a 1\nb 2\nc 3\n");
    bench.scrape(2, "a 1\nc 3\n");
    bench.scrape(3, "a 1\nc 3\n");
    bench.scrape(4, "c 3\nb 5\na 1\n");
    assert_eq!(
        bench.samples(),
        [
            r#"{__name__="a"} 1:1 2:1 3:1 4:1"#,
            r#"{__name__="b"} 1:2 2:end 4:5"#,
            r#"{__name__="c"} 1:3 2:3 3:3 4:3"#
        ]
    );
}

#[test]
fn a_series_that_goes_on_in_another_order_of_labels_does_not_end() {
    let mut bench = bench();
    bench.scrape(1, "a{x=\"1\",y=\"2\"} 1\n");
    bench.scrape(2, "a{y=\"2\",x=\"1\"} 2\n");
    assert_eq!(bench.samples(), [r#"{__name__="a", x="1", y="2"} 1:1 2:2"#]);
}

#[test]
fn a_failed_scrape_ends_everything_once_and_says_so() {
    let mut bench = bench();
    bench.scrape(1, "a 1\nb 2\n");
    let (counts, error) = bench.scrape(2, "a 5\nb bad\n");
    assert_eq!(counts, [1, 1, 0]);
    assert_eq!(
        error.unwrap(),
        "strconv.ParseFloat: parsing \"bad\": invalid syntax while parsing: \"b bad\""
    );
    bench.scrape_answer(3, Err(ScrapeError::Status("500 Internal Server Error".to_owned())));
    bench.scrape(4, "a 6\nb 7\n");
    assert_eq!(bench.samples(), [r#"{__name__="a"} 1:1 2:end 4:6"#, r#"{__name__="b"} 1:2 2:end 4:7"#]);
    assert_eq!(bench.series("up"), r#"{__name__="up"} 1:1 2:0 3:0 4:1"#);
}

#[test]
fn times_of_the_targets_own_are_honoured_and_have_no_end() {
    let mut bench = bench();
    bench.scrape(10_000, "a 1 7000\nb 1\n");
    bench.scrape(20_000, "");
    assert_eq!(bench.samples(), [r#"{__name__="a"} 7000:1"#, r#"{__name__="b"} 10000:1 20000:end"#]);
    let mut tracking = Bench::new(JobSettings { track_timestamps_staleness: true, ..JobSettings::new("j") });
    tracking.scrape(10_000, "a 1 7000\n");
    tracking.scrape(20_000, "");
    assert_eq!(tracking.samples(), [r#"{__name__="a"} 7000:1 20000:end"#]);
    let mut ignoring = Bench::new(JobSettings { honor_timestamps: false, ..JobSettings::new("j") });
    ignoring.scrape(10_000, "a 1 7000\n");
    ignoring.scrape(20_000, "");
    assert_eq!(ignoring.samples(), [r#"{__name__="a"} 10000:1 20000:end"#]);
}

#[test]
fn samples_far_ahead_of_the_clock_are_not_taken() {
    let mut bench = bench();
    let text = format!("a 1 {}\nb 1 {}\n", 10 * 60_000 + 1, 10 * 60_000);
    assert_eq!(bench.scrape(0, &text), ([2, 2, 1], None));
    assert_eq!(bench.metrics.out_of_bounds.get(), 1);
    // The time is looked at before the labels.
    assert_eq!(bench.scrape(600_001, "b 2\nc{x=\"1\",x=\"2\"} 1 99999999999999\n"), ([2, 2, 0], None));
    assert!(bench.scrape(600_002, "b 2\nc{x=\"1\",x=\"2\"} 1 600002\n").1.is_some());
}

#[test]
fn a_sample_behind_one_of_its_series_that_was_refused_is_taken() {
    let mut bench = bench();
    assert_eq!(bench.scrape(1000, "a 1 99999999999999\na 2\na 3\n").0, [3, 3, 1]);
    assert_eq!(bench.samples(), ["{__name__=\"a\"} 1000:2"]);
    // Now that the series is known, the line that is refused counts as the scrape's first one.
    assert_eq!(bench.scrape(2000, "a 1 99999999999999\na 2\n").0, [2, 2, 0]);
    assert_eq!(bench.samples(), ["{__name__=\"a\"} 1000:2"]);
}

#[test]
fn clashing_labels_are_renamed_or_honoured() {
    let text = "a{job=\"own\",instance=\"\",exported_job=\"x\"} 1\n";
    let full = |bench: &Bench| {
        let querier = bench.store.querier(TimeRange::ALL).unwrap();
        let set = querier.select(&[], &SelectHints { sorted: true, ..SelectHints::default() }).unwrap();
        set.labels(0).to_string()
    };
    let mut renaming = bench();
    renaming.scrape(1, text);
    assert_eq!(
        full(&renaming),
        r#"{__name__="a", exported_exported_job="own", exported_job="x", instance="i", job="j"}"#
    );
    let mut honouring = Bench::new(JobSettings { honor_labels: true, ..JobSettings::new("j") });
    honouring.scrape(1, text);
    assert_eq!(full(&honouring), r#"{__name__="a", exported_job="x", job="own"}"#);
}

#[test]
fn a_repeated_label_is_found_behind_all_else_that_is_wrong() {
    let error = |text: &str| bench().scrape(1000, text).1;
    let repeated = Some("label name \"x\" is not unique: invalid sample".to_owned());
    assert_eq!(error("a{x=\"1\",x=\"2\"} 3\n"), repeated);
    assert_eq!(error("a{x=\"1\",x=\"1\",job=\"1\"} 3\n"), repeated);
    assert_eq!(error("a{x=\"1\",x=\"\"} 3\n"), None);
    assert_eq!(error("{\"\",x=\"1\",x=\"2\"} 3\n").as_deref(), Some("missing metric name (__name__ label)"));
}

#[test]
fn too_many_samples_fail_the_scrape_but_are_counted() {
    let mut job = JobSettings::new("j");
    job.limits.samples = Some(2);
    job.extra_scrape_metrics = true;
    let mut bench = Bench::new(job);
    assert_eq!(bench.scrape(1, "a 1\nb 1\n"), ([2, 2, 2], None));
    let over = ([3, 3, 0], Some("sample limit exceeded".to_owned()));
    assert_eq!(bench.scrape(2, "a 1\nb 1\nc 1\n"), over);
    assert_eq!(bench.metrics.exceeded_sample_limit.get(), 1);
    assert_eq!(bench.samples(), [r#"{__name__="a"} 1:1 2:end"#, r#"{__name__="b"} 1:1 2:end"#]);
    assert_eq!(bench.series("scrape_sample_limit"), r#"{__name__="scrape_sample_limit"} 1:2 2:2"#);
    assert_eq!(bench.series("scrape_timeout_seconds"), r#"{__name__="scrape_timeout_seconds"} 1:10 2:10"#);
    assert_eq!(bench.series("scrape_body_size_bytes"), r#"{__name__="scrape_body_size_bytes"} 1:8 2:12"#);
}

#[test]
fn a_target_that_is_gone_ends_with_its_reports() {
    let mut bench = bench();
    bench.scrape(1, "a 1\n");
    bench.end(5);
    assert_eq!(bench.samples(), [r#"{__name__="a"} 1:1 5:end"#]);
    assert_eq!(bench.series("up"), r#"{__name__="up"} 1:1 5:end"#);
}

#[test]
fn series_of_before_a_reload_end_when_they_are_not_met_again() {
    let mut bench = bench();
    bench.scrape(1, "a 1\nb 2\n");
    bench.memory.forget_meanings();
    bench.scrape(2, "a 3\nc 4\n");
    assert_eq!(
        bench.samples(),
        [r#"{__name__="a"} 1:1 2:3"#, r#"{__name__="b"} 1:2 2:end"#, r#"{__name__="c"} 2:4"#]
    );
}

#[test]
fn a_type_that_changes_changes_the_labels_of_known_lines() {
    let mut bench = bench();
    bench.scrape(1, "a{le=\"1\"} 1\n");
    bench.scrape(2, "# TYPE a histogram\na{le=\"1\"} 2\n");
    assert_eq!(bench.samples(), [r#"{__name__="a", le="1"} 1:1 2:end"#, r#"{__name__="a", le="1.0"} 2:2"#]);
}

#[test]
fn failing_targets_with_ever_new_series_do_not_fill_the_memory() {
    let mut bench = bench();
    let names = AtomicU32::new(0);
    for time in 0..50 {
        let mut text = String::new();
        for _ in 0..200 {
            text.push_str(&format!("a{} 1\n", names.fetch_add(1, Ordering::Relaxed)));
        }
        bench.scrape(time, &(text + "broken\n"));
    }
    assert!(bench.memory.len() <= 1200, "{}", bench.memory.len());
    assert!(bench.metrics.cache_flushes.get() > 5);
}

#[test]
fn metadata_is_kept_for_ten_scrapes() {
    let mut bench = bench();
    bench.scrape(0, "# HELP a one\\ntwo\n# TYPE a counter\na 1\n");
    let metadata = bench.target.metadata("a").unwrap();
    assert_eq!((metadata.help.as_str(), metadata.metric_type.as_str()), ("one\ntwo", "counter"));
    for time in 1..=10 {
        bench.scrape(time, "b 1\n");
        assert!(bench.target.metadata("a").is_some(), "scrape {time}");
    }
    bench.scrape(11, "b 1\n");
    assert_eq!(bench.target.metadata("a"), None);
    assert_eq!(bench.target.metadata.lock().size(), (0, 0));
}

#[test]
fn order_and_repetition_change_nothing_but_the_work() {
    // The same lines in any order, with repetitions, give the same store as in the first order.
    let lines = ["a 1\n", "b{x=\"1\"} 2\n", "b{x=\"2\"} 3\n", "c 4\n", "d 5\n"];
    let mut state = 12345u32;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as usize % below
    };
    let (mut shuffled, mut plain) = (bench(), bench());
    for time in 0..300 {
        let chosen: Vec<usize> = (0..lines.len()).filter(|_| random(4) > 0).collect();
        let mut order: Vec<usize> = chosen.clone();
        for _ in 0..random(3) {
            if let Some(line) = chosen.get(random(lines.len())) {
                order.push(*line);
            }
        }
        for position in 0..order.len() {
            let other = random(order.len());
            order.swap(position, other);
        }
        let text = |order: &[usize]| order.iter().map(|line| lines[*line]).collect::<String>();
        shuffled.scrape(time, &text(&order));
        plain.scrape(time, &text(&chosen));
    }
    assert_eq!(shuffled.samples(), plain.samples());
    assert!(shuffled.metrics.duplicate_samples.get() > 0);
}
