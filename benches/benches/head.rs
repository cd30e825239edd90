//! What the head costs: a sample that is appended, a log that is read again, samples that become a block.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on ends")]

use benches::store::{self, Fleet, Folder, open};
use divan::Bencher;
use divan::counter::ItemsCount;
use storage::{AppendOptions, Appendable, FloatBatch};

/// Series of the store.
const SERIES: usize = 20_000;
const INTERVAL_MS: i64 = 15_000;

fn main() {
    divan::main();
}

/// Samples of known series, log and commit included: `batch` hands over columns, as receivers do, `single` sample by
/// sample, as scrapes do.
#[divan::bench(args = ["batch", "single"], sample_count = 200, sample_size = 1)]
fn append(bencher: Bencher<'_, '_>, way: &str) {
    let folder = Folder::new("append");
    let db = open(folder.path()).unwrap();
    let mut fleet = Fleet::new(&db, SERIES).unwrap();
    bencher
        .counter(ItemsCount::new(SERIES))
        .with_inputs(|| {
            let mut batch = FloatBatch::new();
            fleet.next(INTERVAL_MS, &mut batch);
            batch
        })
        .bench_local_values(|batch| {
            if way == "batch" {
                store::append(&db, &batch).unwrap();
                return;
            }
            let mut appender = db.appender(AppendOptions::default());
            for ((series, timestamp), value) in batch.series.iter().zip(&batch.timestamps).zip(&batch.values)
            {
                appender.append(*series, *timestamp, 0, *value).unwrap();
            }
            appender.commit().unwrap();
        });
}

/// The start of a store that was killed, by series and scrapes: many series of few samples ask for other things than
/// few of many.
#[divan::bench(args = [(SERIES, 60), (SERIES, 240), (200_000, 10)], sample_count = 5, sample_size = 1)]
fn replay(bencher: Bencher<'_, '_>, (series, scrapes): (usize, u64)) {
    let folder = Folder::new("replay");
    {
        let db = open(folder.path()).unwrap();
        Fleet::new(&db, series).unwrap().append(&db, scrapes, INTERVAL_MS).unwrap();
        db.sync().unwrap();
    }
    bencher
        .counter(ItemsCount::new(series as u64 * scrapes))
        .bench_local(|| assert!(open(folder.path()).unwrap().min_time().is_some()));
}

/// The start of a store that was closed: its chunk snapshot is read.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn restore(bencher: Bencher<'_, '_>) {
    const SERIES: usize = 200_000;
    let folder = Folder::new("restore");
    {
        let db = open(folder.path()).unwrap();
        Fleet::new(&db, SERIES).unwrap().append(&db, 10, INTERVAL_MS).unwrap();
        db.close().unwrap();
    }
    bencher
        .counter(ItemsCount::new(SERIES))
        .bench_local(|| assert!(open(folder.path()).unwrap().min_time().is_some()));
}

/// Two hours of the head that become a block.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn compact(bencher: Bencher<'_, '_>) {
    const SCRAPES: u64 = 190;
    let mut number = 0;
    bencher
        .counter(ItemsCount::new(SERIES as u64 * 120))
        .with_inputs(|| {
            number += 1;
            let folder = Folder::new(&format!("compact-{number}"));
            let db = open(folder.path()).unwrap();
            Fleet::new(&db, SERIES).unwrap().append(&db, SCRAPES, 60_000).unwrap();
            db.sync().unwrap();
            (folder, db)
        })
        .bench_local_refs(|(_, db)| {
            db.maintain().unwrap();
            assert_eq!(db.blocks().len(), 1);
        });
}
