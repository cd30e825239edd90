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
fn a_limit_counts_known_series_too() {
    let mut job = JobSettings::new("j");
    job.limits.samples = Some(3);
    let mut bench = super::Bench::new(job);
    assert_eq!(bench.scrape(1000, BODY).1, None);
    assert_eq!(bench.scrape(2000, BODY).1, None);
    let (counts, error) = bench.scrape(3000, &format!("{BODY}c 4\nd 5\n"));
    assert_eq!((counts, error.as_deref()), ([5, 5, 0], Some("sample limit exceeded")));
}
