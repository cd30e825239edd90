//! A job that has as many series as it may have takes no new ones, and goes on with those it has.

use std::sync::Arc;

use super::{Bench, bench};
use crate::ingest::Allowance;

/// Benches of targets of one job.
fn benches(max: Option<usize>) -> (Arc<Allowance>, [Bench; 2]) {
    let allowance = Arc::new(Allowance::new(max));
    let benches = [(); 2].map(|()| {
        let mut bench = bench();
        bench.memory.share.join(&allowance);
        bench
    });
    (allowance, benches)
}

fn refused(bench: &Bench) -> u64 {
    bench.metrics.jobs.series_refused.with(&["j"]).get()
}

#[test]
fn a_full_job_takes_no_new_series_and_goes_on_with_those_it_has() {
    let (allowance, [mut first, mut second]) = benches(Some(3));
    assert_eq!(first.scrape(1000, "a 1\nb 1\n"), ([2, 2, 2], None));
    assert_eq!(second.scrape(1000, "c 1\nd 1\ne 1\n"), ([3, 3, 1], None));
    assert_eq!((allowance.taken(), refused(&first), refused(&second)), (3, 0, 2));
    // The scrape is sound, and what is known goes on.
    assert_eq!(second.series("up"), r#"{__name__="up"} 1000:1"#);
    assert_eq!(second.scrape(2000, "c 2\nd 2\n"), ([2, 2, 0], None));
    assert_eq!(second.samples(), [r#"{__name__="c"} 1000:1 2000:2"#]);
    // A series that has ended leaves its place to another one, of whichever target.
    assert_eq!(first.scrape(2000, "a 2\n"), ([1, 1, 0], None));
    assert_eq!(second.scrape(3000, "c 3\nd 3\ne 3\n"), ([3, 3, 1], None));
    assert_eq!(second.samples(), [r#"{__name__="c"} 1000:1 2000:2 3000:3"#, r#"{__name__="d"} 3000:3"#]);
    // Nor does a scrape that fails take what is known away.
    assert!(second.scrape(4000, "c 4\n}").1.is_some());
    assert_eq!(allowance.taken(), 3);
    drop(second);
    assert_eq!(allowance.taken(), 1);
}

#[test]
fn dropped_lines_and_repetitions_do_not_count() {
    let (allowance, [mut first, _]) = benches(None);
    first.job.metric_relabel = vec![crate::target::tests::rule(
        &serde_json::json!({"source_labels": ["__name__"], "regex": "b.*", "action": "drop"}),
    )];
    assert_eq!(first.scrape(1000, "a 1\nb1 1\nb2 1\na 1\nc{x=\"1\"} 1\n").0[0], 5);
    assert_eq!(allowance.taken(), 2);
}

#[test]
fn known_series_are_taken_along_to_a_smaller_allowance() {
    let (before, [mut first, _]) = benches(Some(5));
    assert_eq!(first.scrape(1000, "a 1\nb 1\nc 1\n").0, [3, 3, 3]);
    let after = Arc::new(Allowance::new(Some(2)));
    first.memory.share.join(&after);
    assert_eq!((before.taken(), after.taken()), (0, 3));
    assert_eq!(first.scrape(2000, "a 2\nb 2\nc 2\nd 2\n"), ([4, 4, 0], None));
    assert_eq!(refused(&first), 1);
    assert_eq!(first.samples().len(), 3);
    first.memory.forget_meanings();
    assert_eq!(after.taken(), 0);
}

#[test]
fn series_that_the_store_has_forgotten_keep_their_places() {
    let (allowance, [mut first, _]) = benches(Some(2));
    first.scrape(1000, "a 1\nb 1\n");
    first.store = storage::memory::MemoryStore::new();
    assert_eq!(first.scrape(2000, "a 2\nb 2\n"), ([2, 2, 0], None));
    assert_eq!(first.samples(), [r#"{__name__="a"} 2000:2"#, r#"{__name__="b"} 2000:2"#]);
    assert_eq!((allowance.taken(), refused(&first)), (2, 0));
}

#[test]
fn a_line_whose_meaning_changes_keeps_its_place() {
    let (allowance, [mut first, mut second]) = benches(Some(2));
    first.scrape(1000, "a{le=\"1\"} 1\nb 1\n");
    assert_eq!(first.scrape(2000, "# TYPE a histogram\na{le=\"1\"} 2\nb 2\n").0[0], 2);
    assert_eq!(first.series("a"), r#"{__name__="a", le="1"} 1000:1 2000:end"#);
    assert!(first.samples().contains(&r#"{__name__="a", le="1.0"} 2000:2"#.to_owned()));
    assert_eq!((allowance.taken(), refused(&first)), (2, 0));
    // The places are free again when the lines go.
    first.scrape(3000, "");
    assert_eq!(second.scrape(3000, "c 1\nd 1\ne 1\n").0, [3, 3, 2]);
    assert_eq!((allowance.taken(), refused(&second)), (2, 1));
}
