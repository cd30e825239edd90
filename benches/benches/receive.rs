//! What it costs to take requests of remote write apart and to store what they carry: samples of known series, on one
//! core, without connections.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on ends")]

use std::collections::HashMap;

use benches::fleet;
use benches::store::{Folder, START_MS, open};
use divan::Bencher;
use divan::counter::ItemsCount;
use model::{Labels, SeriesRef};
use storage::{AppendOptions, Appendable, FloatBatch, NO_SERIES, RawHasher, RawKey};
use tsdb::Db;
use wire::remote::write::{encode_labels, put_series_v1, put_series_v2, put_symbol_v2};
use wire::remote::{Decompressor, compress, v1, v2};

/// Series of the store.
const SERIES: usize = 100_000;
/// Samples in a request.
const BATCH: usize = 2000;
const INTERVAL_MS: i64 = 15_000;
const BODY_BYTES_MAX: usize = 32 << 20;
const VERSIONS: [&str; 2] = ["1.0", "2.0"];

fn main() {
    divan::main();
}

/// What sends.
struct Sender {
    version: &'static str,
    series: Vec<(fleet::Series, fleet::Values)>,
    scrape: u64,
}

impl Sender {
    fn new(version: &'static str) -> Self {
        let machines = (0..).flat_map(|number| fleet::machine(number, 1));
        let with_values = |series: fleet::Series| {
            let values = series.values();
            (series, values)
        };
        Self { version, series: machines.take(SERIES).map(with_values).collect(), scrape: 0 }
    }

    /// The compressed requests of a scrape.
    fn scrape(&mut self) -> Vec<Vec<u8>> {
        let (scrape, timestamp) = (self.scrape, START_MS + INTERVAL_MS * self.scrape as i64);
        self.scrape += 1;
        let batches = self.series.chunks_mut(BATCH);
        let bodies = batches.map(|batch| match self.version {
            "1.0" => first_version(batch, scrape, timestamp),
            _ => second_version(batch, scrape, timestamp),
        });
        bodies.map(|body| compress(&body)).collect()
    }
}

fn first_version(batch: &mut [(fleet::Series, fleet::Values)], scrape: u64, timestamp: i64) -> Vec<u8> {
    let (mut body, mut labels) = (Vec::new(), Vec::new());
    for (series, values) in batch {
        labels.clear();
        encode_labels(&mut labels, series.labels.iter().map(|(name, value)| (*name, value.as_str())));
        put_series_v1(&mut body, &labels, timestamp, values.next(scrape));
    }
    body
}

fn second_version(batch: &mut [(fleet::Series, fleet::Values)], scrape: u64, timestamp: i64) -> Vec<u8> {
    let (mut body, mut rows) = (Vec::new(), Vec::new());
    let mut lines: HashMap<&str, u32> = HashMap::new();
    put_symbol_v2(&mut body, "");
    for (series, values) in batch {
        let mut refs = Vec::new();
        for text in series.labels.iter().flat_map(|(name, value)| [*name, value.as_str()]) {
            let next = lines.len() as u32 + 1;
            refs.push(*lines.entry(text).or_insert_with(|| {
                put_symbol_v2(&mut body, text);
                next
            }));
        }
        rows.push((refs, values.next(scrape)));
    }
    for (refs, value) in rows {
        put_series_v2(&mut body, &refs, (timestamp, 0, value));
    }
    body
}

/// What receives, with memory that is used again.
#[derive(Default)]
struct Receiver {
    hasher: RawHasher,
    decompressor: Decompressor,
    keys: Vec<RawKey>,
    batch: FloatBatch,
}

impl Receiver {
    /// Takes a request apart.
    fn walk(&mut self, version: &str, compressed: &[u8]) {
        let body = self.decompressor.decompress(compressed, BODY_BYTES_MAX).unwrap();
        self.keys.clear();
        self.batch.clear();
        if version == "1.0" {
            let mut request = v1::Request::new(body);
            while let Some(series) = request.next_series().unwrap() {
                let plain = series.plain().unwrap();
                self.keys.push(self.hasher.key(plain.labels));
                self.batch.push(NO_SERIES, plain.sample.timestamp, 0, plain.sample.value);
            }
            return;
        }
        let mut symbols = Vec::new();
        let mut request = v2::Request::new(body, &mut symbols).unwrap();
        let symbol_keys: Vec<RawKey> = symbols.iter().map(|symbol| self.hasher.key(symbol)).collect();
        while let Some(series) = request.next_series().unwrap() {
            let plain = series.plain().unwrap();
            let mut key = self.hasher.pairs();
            let add =
                |name: u32, value: u32| key.add(symbol_keys[name as usize], symbol_keys[value as usize]);
            assert!(v2::each_packed_pair(plain.labels, add).unwrap());
            self.keys.push(key.finish());
            self.batch.push(NO_SERIES, plain.sample.timestamp, 0, plain.sample.value);
        }
    }

    /// Stores what was taken apart.
    fn store(&mut self, db: &Db) {
        let mut appender = db.appender(AppendOptions::default());
        self.batch.series.clear();
        appender.recall(&self.keys, &mut self.batch.series);
        let mut refused = 0;
        appender.append_floats(&self.batch, &mut |_, _| refused += 1);
        assert_eq!(refused, 0);
        appender.commit().unwrap();
    }
}

/// Makes the series of a sender and notes how it writes them.
fn learn(db: &Db, sender: &mut Sender, receiver: &mut Receiver) {
    let mut keys = Vec::new();
    for request in sender.scrape() {
        receiver.walk(sender.version, &request);
        keys.append(&mut receiver.keys);
    }
    let mut appender = db.appender(AppendOptions::default());
    let known: Vec<(RawKey, SeriesRef)> = keys
        .into_iter()
        .zip(&sender.series)
        .map(|(key, (series, _))| {
            let labels = series.labels.iter().map(|(name, value)| (*name, value.as_str()));
            (key, appender.series(&Labels::from_pairs(labels)).unwrap())
        })
        .collect();
    appender.remember(&known);
    appender.commit().unwrap();
}

/// Requests are taken apart: decompressed, walked, and each series has its key.
#[divan::bench(args = VERSIONS, sample_count = 20, sample_size = 1)]
fn walk(bencher: Bencher<'_, '_>, version: &'static str) {
    let (mut sender, mut receiver) = (Sender::new(version), Receiver::default());
    let requests = sender.scrape();
    bencher
        .counter(ItemsCount::new(SERIES))
        .bench_local(|| requests.iter().for_each(|request| receiver.walk(version, request)));
}

/// The same, and their samples are stored, log and commit included.
#[divan::bench(args = VERSIONS, sample_count = 40, sample_size = 1)]
fn receive(bencher: Bencher<'_, '_>, version: &'static str) {
    let folder = Folder::new(&format!("receive-{version}"));
    let db = open(folder.path()).unwrap();
    let (mut sender, mut receiver) = (Sender::new(version), Receiver::default());
    learn(&db, &mut sender, &mut receiver);
    bencher.counter(ItemsCount::new(SERIES)).with_inputs(|| sender.scrape()).bench_local_values(|requests| {
        for request in requests {
            receiver.walk(version, &request);
            receiver.store(&db);
        }
    });
}
