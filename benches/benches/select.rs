//! How long it takes to find series among a million, by the kind of the matcher.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on ends")]

use std::sync::OnceLock;

use benches::store::{Fleet, Folder, START_MS, open};
use divan::{Bencher, black_box};
use model::{MatchOp, Matcher};
use storage::{Queryable, SelectHints, TimeRange};
use tsdb::Db;

const SERIES: usize = 1_000_000;

fn main() {
    divan::main();
}

/// The one store of all benchmarks, and its folder.
fn db() -> &'static Db {
    static STORE: OnceLock<Db> = OnceLock::new();
    STORE.get_or_init(|| {
        let folder = Folder::new("select");
        let db = open(folder.path()).unwrap();
        Fleet::new(&db, SERIES).unwrap().append(&db, 1, 15_000).unwrap();
        db
    })
}

/// A matcher's label, operator and value.
type Parts = (&'static str, MatchOp, &'static str);

/// Selectors by the question that they put to the index.
const SELECTORS: &[(&str, &[Parts])] = &[
    ("one series", &[("__name__", MatchOp::Equal, "node_load1"), ("instance", MatchOp::Equal, NODE)]),
    ("a metric of all machines", &[("__name__", MatchOp::Equal, "node_load1")]),
    ("all of one machine", &[("instance", MatchOp::Equal, NODE)]),
    ("a name that is not there", &[("__name__", MatchOp::Equal, "absent")]),
    ("alternatives", &[("__name__", MatchOp::Regex, "node_load1|node_load5|node_load15")]),
    ("a prefix", &[("__name__", MatchOp::Equal, "node_load1"), ("instance", MatchOp::Regex, "node-0000.*")]),
    ("a suffix", &[("__name__", MatchOp::Regex, ".*_load1")]),
    ("a regular expression", &[("instance", MatchOp::Regex, "node-0[0-9]{3}7\\.example\\.org:9100")]),
    (
        "not this value",
        &[("__name__", MatchOp::Equal, "node_load1"), ("cluster", MatchOp::NotEqual, "prod-1")],
    ),
    ("no such label", &[("__name__", MatchOp::Regex, "node_load.+"), ("device", MatchOp::Equal, "")]),
    ("everything", &[("job", MatchOp::Equal, "node")]),
];
const NODE: &str = "node-00042.example.org:9100";

#[divan::bench(args = SELECTORS.iter().map(|(name, _)| *name), max_time = 2.0)]
fn select(bencher: Bencher<'_, '_>, name: &str) {
    let matchers: Vec<Matcher> = SELECTORS
        .iter()
        .filter(|(selector, _)| *selector == name)
        .flat_map(|(_, matchers)| *matchers)
        .map(|(name, op, value)| Matcher::new(*name, *op, *value).unwrap())
        .collect();
    let range = TimeRange::new(START_MS - 60_000, START_MS + 60_000);
    let hints = SelectHints::default();
    // Made before the clock runs.
    let db = db();
    bencher.bench_local(|| {
        let querier = db.querier(range).unwrap();
        black_box(querier.select(black_box(&matchers), &hints).unwrap().len())
    });
}
