//! What it costs to read a scrape: one whose lines are those of the scrape before, and one that nobody has seen.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on ends")]

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::time::Duration;

use benches::farm::Farm;
use benches::fleet::Settings;
use divan::Bencher;
use divan::counter::BytesCount;
use foldhash::quality::RandomState;
use model::MetricType;
use platform::real::RealClock;
use wire::exposition::{Entry, Format, Guess, KnownLines, Options, Parser, Preface};

/// Targets that are read in turn: more than the processor's caches hold.
const TARGETS: usize = 200;
/// The formats, by name.
const FORMATS: [(&str, Format); 2] = [("text", Format::Text), ("openmetrics", Format::OpenMetrics)];

fn main() {
    divan::main();
}

/// The format of a name, and the bodies of two scrapes of each target in it.
fn bodies(name: &str) -> (Format, Vec<[String; 2]>) {
    let (_, format) = FORMATS.into_iter().find(|(known, _)| *known == name).unwrap();
    let farm = Farm::new(Settings::new(TARGETS * 748, 1), Duration::from_secs(1), Arc::new(RealClock::new()));
    let body = |target, interval| {
        let mut body = farm.body(target, interval).unwrap().to_string();
        if format == Format::OpenMetrics {
            body.push_str("# EOF\n");
        }
        body
    };
    (format, (0..TARGETS).map(|target| [body(target, 0), body(target, 1)]).collect())
}

fn hash(hasher: &RandomState, bytes: &[u8]) -> u64 {
    let mut hasher = hasher.build_hasher();
    hasher.write(bytes);
    hasher.finish()
}

/// A line as a scrape remembers it: lengths and hashes of what it begins with.
#[derive(Clone, Copy, Default)]
struct Line<'a> {
    hasher: Option<&'a RandomState>,
    key: (usize, u64),
    preface: Option<(Preface, u64)>,
}

impl Guess for Line<'_> {
    fn key_len(&self) -> usize {
        self.key.0
    }

    fn is_key(&self, bytes: &[u8]) -> bool {
        self.hasher.is_some_and(|hasher| hash(hasher, bytes) == self.key.1)
    }

    fn preface(&self) -> Option<Preface> {
        self.preface.map(|(preface, _)| preface)
    }

    fn is_preface(&self, bytes: &[u8]) -> bool {
        self.hasher.zip(self.preface).is_some_and(|(hasher, (_, known))| hash(hasher, bytes) == known)
    }
}

/// The lines of a target.
#[derive(Default)]
struct Known<'a> {
    lines: Vec<Line<'a>>,
    values: Vec<f64>,
}

impl<'a> Known<'a> {
    fn learn(hasher: &'a RandomState, format: Format, body: &str) -> Self {
        let mut parser = Parser::new(body.as_bytes(), format, Options::default());
        let mut lines = Vec::new();
        while let Some(entry) = parser.next(&&b""[..]).unwrap() {
            if matches!(entry, Entry::Sample(_)) {
                let (key, before) = (parser.key(), parser.preface());
                let preface = Preface { len: before.len(), metric_type: parser.metric_type() };
                lines.push(Line {
                    hasher: Some(hasher),
                    key: (key.len(), hash(hasher, key)),
                    preface: (!before.is_empty()).then(|| (preface, hash(hasher, before))),
                });
            }
        }
        Self { lines, values: Vec::new() }
    }
}

impl<'a> KnownLines for Known<'a> {
    type Guess<'b>
        = Line<'a>
    where
        Self: 'b;

    fn guess(&self) -> Line<'a> {
        self.lines.get(self.values.len()).copied().unwrap_or_default()
    }

    fn take(&mut self, value: f64, _metric_type: MetricType, _prefaced: bool) -> bool {
        self.values.push(value);
        true
    }
}

/// Scrapes whose lines are those of the scrapes before.
#[divan::bench(args = FORMATS.map(|(name, _)| name), sample_count = 20, sample_size = 1)]
fn unchanged(bencher: Bencher<'_, '_>, name: &str) {
    let (format, bodies) = bodies(name);
    let hasher = RandomState::default();
    let mut known: Vec<Known<'_>> =
        bodies.iter().map(|[first, _]| Known::learn(&hasher, format, first)).collect();
    let bytes: usize = bodies.iter().map(|[_, second]| second.len()).sum();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        for (known, [_, second]) in known.iter_mut().zip(&bodies) {
            known.values.clear();
            let mut parser = Parser::new(second.as_bytes(), format, Options::default());
            parser.pass_known(known);
            assert_eq!(known.values.len(), known.lines.len());
        }
    });
}

/// Scrapes of which nothing is known: every series is taken apart.
#[divan::bench(args = FORMATS.map(|(name, _)| name), sample_count = 20, sample_size = 1)]
fn new(bencher: Bencher<'_, '_>, name: &str) {
    let (format, bodies) = bodies(name);
    let bytes: usize = bodies.iter().map(|[_, second]| second.len()).sum();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        let mut len = 0;
        for [_, second] in &bodies {
            let mut parser = Parser::new(second.as_bytes(), format, Options::default());
            while let Some(entry) = parser.next(&&b""[..]).unwrap() {
                if matches!(entry, Entry::Sample(_)) {
                    parser.labels(&mut |name, value| len += name.len() + value.len()).unwrap();
                }
            }
        }
        divan::black_box(len)
    });
}
