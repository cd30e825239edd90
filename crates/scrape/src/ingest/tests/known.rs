//! What is known of a target is not read again, and what has changed is.

use super::bench;
use crate::JobSettings;
use model::MetricType;

const BODY: &str = "# HELP a first\n# TYPE a counter\na{x=\"1\"} 1\na{x=\"2\"} 2\n# TYPE b gauge\nb 3\n";

#[test]
fn declarations_that_are_passed_over_are_still_declared() {
    let mut bench = bench();
    for scrape in 0..25 {
        bench.scrape(1000 * scrape, BODY);
    }
    let a = bench.target.metadata("a").unwrap();
    assert_eq!((a.metric_type, a.help.as_str()), (MetricType::Counter, "first"));
    assert_eq!(bench.target.metadata("b").unwrap().metric_type, MetricType::Gauge);
    // One of them goes, and is forgotten when it was not seen for long; the other stays.
    for scrape in 25..60 {
        bench.scrape(1000 * scrape, "# HELP a first\n# TYPE a counter\na{x=\"1\"} 1\na{x=\"2\"} 2\nb 3\n");
    }
    assert!(bench.target.metadata("a").is_some());
    assert_eq!(bench.target.metadata("b"), None);
}

#[test]
fn declarations_of_another_format_are_read() {
    use super::Body;
    use wire::exposition::Format;
    let mut bench = bench();
    // A comment in the text format, and a unit in OpenMetrics.
    let body = "# TYPE a_s gauge\n# UNIT a_s s\na_s 1\n# TYPE b gauge\nb 2\n# EOF\n";
    let mut scrape = |time, format| bench.scrape_answer(time, Ok(Body { bytes: body.as_bytes(), format })).1;
    let all = [Format::Text, Format::Text, Format::OpenMetrics, Format::OpenMetrics, Format::OpenMetrics];
    for (time, format) in (1000..).zip(all) {
        assert_eq!(scrape(time, format), None);
    }
    let unit = |metric: &str| bench.target.metadata(metric).unwrap().unit;
    assert_eq!((unit("a_s"), unit("b")), ("s".to_owned(), String::new()));
    assert_eq!(bench.series("b"), r#"{__name__="b"} 1000:2 1001:2 1002:2 1003:2 1004:2"#);
}

#[test]
fn a_declaration_that_says_something_else_is_read() {
    let mut bench = bench();
    bench.scrape(1000, BODY);
    bench.scrape(2000, BODY);
    bench.scrape(3000, &BODY.replace("first", "other"));
    assert_eq!(bench.target.metadata("a").unwrap().help, "other");
    bench.scrape(4000, &BODY.replace("first", "other").replace("gauge", "counter"));
    assert_eq!(bench.target.metadata("b").unwrap().metric_type, MetricType::Counter);
    bench.scrape(5000, &BODY.replace("# TYPE b", "# HELP c more\n# TYPE b"));
    assert_eq!(bench.target.metadata("c").unwrap().help, "more");
    assert_eq!(bench.series("b"), r#"{__name__="b"} 1000:3 2000:3 3000:3 4000:3 5000:3"#);
}

#[test]
fn a_broken_declaration_is_an_error_wherever_it_stands() {
    let mut bench = bench();
    bench.scrape(1000, BODY);
    bench.scrape(2000, BODY);
    let (_, error) = bench.scrape(3000, &BODY.replace("gauge", "gouge"));
    assert_eq!(error.as_deref(), Some("invalid metric type \"gouge\""));
}

#[test]
fn series_that_the_store_has_forgotten_are_made_anew_with_their_samples() {
    let mut bench = bench();
    assert_eq!(bench.scrape(1000, BODY), ([3, 3, 3], None));
    assert_eq!(bench.scrape(2000, BODY), ([3, 3, 0], None));
    bench.store = storage::memory::MemoryStore::new();
    assert_eq!(bench.scrape(3000, BODY), ([3, 3, 0], None));
    let all =
        [r#"{__name__="a", x="1"} 3000:1"#, r#"{__name__="a", x="2"} 3000:2"#, r#"{__name__="b"} 3000:3"#];
    assert_eq!(bench.samples(), all);
}

#[test]
fn converted_histograms_that_the_store_has_forgotten_are_made_anew() {
    let mut job = JobSettings::new("j");
    job.convert_classic_histograms_to_nhcb = true;
    let mut bench = super::Bench::new(job);
    let body = "a 1\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n";
    assert_eq!(bench.scrape(1000, body).1, None);
    bench.store = storage::memory::MemoryStore::new();
    for time in [2000, 3000] {
        assert_eq!(bench.scrape(time, body).1, None);
    }
    let samples = bench.samples();
    assert_eq!(samples.len(), 2);
    assert_eq!(samples[0], r#"{__name__="a"} 2000:1 3000:1"#);
    assert!(samples[1].starts_with(r#"{__name__="h"}"#), "{samples:?}");
}

#[test]
fn declarations_that_come_and_go_take_no_more_room_each_time() {
    let mut bench = bench();
    for scrape in 0..50 {
        bench.scrape(1000 * scrape, BODY);
        let mixed =
            BODY.replace("# TYPE a", "# HELP c other\n# TYPE a").replace("# TYPE b", "# HELP d\n# TYPE b");
        bench.scrape(1000 * scrape + 500, &mixed);
    }
    assert!(bench.memory.preface_count() <= 3, "{}", bench.memory.preface_count());
}

#[test]
fn a_loop_that_goes_on_with_what_another_learnt_declares_anew() {
    let mut bench = bench();
    bench.scrape(1000, BODY);
    // Reloaded while the loop before was asking: what it declares then stands in the metadata that it was left.
    let known = std::mem::take(&mut *bench.target.metadata.lock());
    let other = format!("# TYPE z gauge\nz 1\n{}", BODY.replace("first", "second"));
    bench.scrape(2000, &other);
    *bench.target.metadata.lock() = known;
    bench.memory.go_on(true);
    for scrape in 3..30 {
        bench.scrape(1000 * scrape, &other);
    }
    assert_eq!(bench.target.metadata("a").unwrap().help, "second");
    for (metric, metric_type) in [("b", MetricType::Gauge), ("z", MetricType::Gauge)] {
        assert_eq!(bench.target.metadata(metric).unwrap().metric_type, metric_type);
    }
}

#[test]
fn a_limit_counts_known_series_too() {
    let mut job = JobSettings::new("j");
    job.limits.samples = Some(3);
    let mut bench = super::Bench::new(job);
    assert_eq!(bench.scrape(1000, BODY).1, None);
    assert_eq!(bench.scrape(2000, BODY).1, None);
    let (counts, error) = bench.scrape(3000, &format!("{BODY}c 4\nd 5\n"));
    assert_eq!((counts, error.as_deref()), ([5, 5, 0], Some("sample limit exceeded")));
}
