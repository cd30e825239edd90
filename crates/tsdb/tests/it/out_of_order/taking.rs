//! What is taken, what is refused, and what a reader sees of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use model::{CounterResetHint, Histogram, MatchOp, Matcher, Span, stale_nan};
use platform::simulated::{Fault, FaultKind, Operation, SimulatedFileSystem};
use storage::{
    AppendOptions, Appendable, Error, HistogramSample, Queryable, SampleColumns, SelectHints, TimeRange,
};
use tsdb::{Db, Settings};

use super::{MINUTE, commit, content, fill, minutes, names, settings};
use crate::fixture::{append, labels, open, open_with, parts, samples};

#[test]
fn samples_within_the_window_are_taken_and_read_in_order() {
    let db = open_with(&SimulatedFileSystem::new(), settings());
    fill(&db, "a", [200]);
    fill(&db, "a", [150, 199, 80, 120]);
    assert_eq!(minutes(&db, "a"), [80, 120, 150, 199, 200]);
    // Of another series too, though it has no newer sample.
    fill(&db, "b", [90]);
    assert_eq!(minutes(&db, "b"), [90]);
    assert_eq!(
        commit(&db, &[("a", 80 * MINUTE - 1, 1.0), ("c", 79 * MINUTE, 1.0)]),
        [Error::TooOld, Error::TooOld]
    );
    assert_eq!(db.head_stats(1).min_time, Some(200 * MINUTE), "the head begins with what came in order");
}

#[test]
fn a_time_that_is_taken_stays_as_it_is() {
    let db = open_with(&SimulatedFileSystem::new(), settings());
    assert_eq!(append(&db, "a", &[(10 * MINUTE, 1.0), (12 * MINUTE, 3.0)]), [None, None]);
    assert_eq!(
        append(&db, "a", &[(12 * MINUTE, 3.0), (12 * MINUTE, 4.0)]),
        [None, Some(Error::DuplicateSample)]
    );
    // The original says nothing of older ones either.
    assert_eq!(append(&db, "a", &[(10 * MINUTE, 9.0), (11 * MINUTE, 2.0)]), [None, None]);
    assert_eq!(append(&db, "a", &[(11 * MINUTE, 7.0), (11 * MINUTE, 2.0)]), [None, None]);
    assert_eq!(samples(&db, "a"), [(10 * MINUTE, 1.0), (11 * MINUTE, 2.0), (12 * MINUTE, 3.0)]);
}

#[test]
fn a_writer_may_want_none_of_them() {
    let db = open_with(&SimulatedFileSystem::new(), settings());
    fill(&db, "a", [200]);
    let mut appender = db.appender(AppendOptions { discard_out_of_order: true });
    let series = appender.series(&labels(&[("__name__", "a")])).unwrap();
    assert_eq!(appender.append(series, 150 * MINUTE, 0, 1.0), Err(Error::OutOfOrder));
    assert_eq!(appender.append(series, 10 * MINUTE, 0, 1.0), Err(Error::TooOld));
    appender.append(series, 201 * MINUTE, 0, 1.0).unwrap();
    appender.commit().unwrap();
    assert_eq!(minutes(&db, "a"), [200, 201]);
}

#[test]
fn a_batch_may_go_back_in_time() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    // None of them is late when it comes.
    let batch = [("a", 50, 1.0), ("a", 40, 2.0), ("a", 45, 3.0), ("a", 50, 4.0), ("a", 40, 5.0)];
    let batch = batch.map(|(name, minute, value)| (name, minute * MINUTE, value));
    assert_eq!(commit(&db, &batch), []);
    let expected = [(40 * MINUTE, 2.0), (45 * MINUTE, 3.0), (50 * MINUTE, 1.0)];
    assert_eq!(samples(&db, "a"), expected);
    assert_eq!(samples(&open_with(&disk.process_image(), settings()), "a"), expected);
    let db = open(&SimulatedFileSystem::new());
    assert_eq!(commit(&db, &batch), []);
    assert_eq!(samples(&db, "a"), [(50 * MINUTE, 1.0)]);
}

#[test]
fn the_window_is_changed_while_the_store_runs() {
    let disk = SimulatedFileSystem::new();
    let closed = Settings { out_of_order_window: None, ..settings() };
    let db = open_with(&disk, closed.clone());
    fill(&db, "a", [200]);
    assert_eq!(commit(&db, &[("a", 199 * MINUTE, 1.0)]), [Error::OutOfOrder]);
    assert_eq!(names(&disk, "wbl"), Vec::<String>::new());
    db.apply(Settings { out_of_order_window: Some(Duration::from_mins(20)), ..closed.clone() }).unwrap();
    assert_eq!(names(&disk, "wbl"), ["00000000"]);
    fill(&db, "a", [199, 180]);
    assert_eq!(commit(&db, &[("a", 179 * MINUTE, 1.0)]), [Error::TooOld]);
    db.apply(closed.clone()).unwrap();
    assert_eq!(commit(&db, &[("a", 190 * MINUTE, 1.0)]), [Error::OutOfBounds]);
    assert_eq!(minutes(&db, "a"), [180, 199, 200]);
    // What was taken is there after a start without a window too.
    let again = open_with(&disk.process_image(), closed);
    assert_eq!(minutes(&again, "a"), [180, 199, 200]);
}

#[test]
fn without_a_log_nothing_is_taken() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    fill(&db, "a", [200]);
    for on in ["/wbl/", "/wal/"] {
        disk.inject(Fault::nth(Operation::Append, 0, FaultKind::NoSpace).on(on));
        let mut appender = db.appender(AppendOptions::default());
        let series = appender.series(&labels(&[("__name__", "a")])).unwrap();
        appender.append(series, 201 * MINUTE, 0, 1.0).unwrap();
        appender.append(series, 100 * MINUTE, 0, 1.0).unwrap();
        let error = appender.commit().unwrap_err();
        let log = if on == "/wbl/" { "WBL" } else { "WAL" };
        let text = format!("write to {log}: ");
        assert!(matches!(&error, Error::Unavailable(reason) if reason.starts_with(&text)), "{error}");
        assert_eq!(minutes(&db, "a"), [200]);
    }
    fill(&db, "a", [100, 201]);
    assert_eq!(minutes(&db, "a"), [100, 200, 201]);
}

/// A commit gives all series the same value, half of them late; whoever reads sees equally many samples everywhere.
#[test]
fn a_reader_never_sees_half_of_a_commit() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    let names: Vec<String> = (0..60).map(|number| format!("s{number}")).collect();
    let late: Vec<String> = (0..60).map(|number| format!("l{number}")).collect();
    commit(&db, &[("newest", 10_000 * MINUTE, 1.0)]);
    let write = |value: i64| {
        let mut appender = db.appender(AppendOptions::default());
        let in_order = names.iter().map(|name| (name, 10_000 * MINUTE + value));
        for (name, time) in in_order.chain(late.iter().map(|name| (name, 9_999 * MINUTE - value))) {
            let series = appender.series(&labels(&[("__name__", name)])).unwrap();
            appender.append(series, time, 0, value as f64).unwrap();
        }
        appender.commit().unwrap();
    };
    write(0);
    let stop = Arc::new(AtomicBool::new(false));
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let any = [Matcher::new("__name__", MatchOp::Regex, "[sl].*").unwrap()];
            let mut rounds = 0;
            while !stop.load(Ordering::Relaxed) || rounds < 3 {
                let querier = db.querier(TimeRange::ALL).unwrap();
                let set = querier.select(&any, &SelectHints::default()).unwrap();
                let mut seen = Vec::new();
                for position in 0..set.len() {
                    let mut columns = SampleColumns::new();
                    set.read(position, TimeRange::ALL, &mut columns).unwrap();
                    seen.push(columns.timestamps.len());
                }
                assert_eq!(seen.len(), 120);
                assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
                rounds += 1;
            }
        });
        for value in 1..200 {
            write(value);
            if value % 30 == 0 {
                db.sync().unwrap();
            }
        }
        stop.store(true, Ordering::Relaxed);
        reader.join().unwrap();
    });
}

#[test]
fn a_reader_keeps_its_view_while_others_come() {
    let db = open_with(&SimulatedFileSystem::new(), settings());
    fill(&db, "a", [100, 90]);
    let querier = db.querier(TimeRange::ALL).unwrap();
    let set = querier.select(&[Matcher::equal("__name__", "a")], &SelectHints::default()).unwrap();
    // More than are encoded at once, in one commit and in many.
    fill(&db, "a", (0..40).map(|number| 89 - number));
    commit(&db, &(0..40).map(|number| ("a", 40 * MINUTE + number, 1.0)).collect::<Vec<_>>());
    db.sync().unwrap();
    let mut columns = SampleColumns::new();
    set.read(0, TimeRange::ALL, &mut columns).unwrap();
    assert_eq!(columns.timestamps, [90 * MINUTE, 100 * MINUTE]);
    drop((set, querier));
    assert_eq!(minutes(&db, "a").len(), 82);
}

fn histogram(count: u64, hint: CounterResetHint) -> Histogram {
    Histogram {
        counter_reset_hint: hint,
        schema: 1,
        zero_threshold: 0.001,
        count,
        sum: count as f64,
        positive_spans: vec![Span { offset: 0, length: 1 }],
        positive_buckets: vec![count as i64],
        ..Histogram::default()
    }
}

fn histograms(db: &Db) -> Vec<(i64, f64, CounterResetHint)> {
    let querier = db.querier(TimeRange::ALL).unwrap();
    let set = querier.select(&[Matcher::equal("__name__", "h")], &SelectHints::default()).unwrap();
    let mut columns = SampleColumns::new();
    set.read(0, TimeRange::ALL, &mut columns).unwrap();
    let column = columns.histograms;
    let values = column.values.iter().map(|histogram| (histogram.count, histogram.counter_reset_hint));
    let times = column.timestamps.iter().map(|time| time / MINUTE);
    times.zip(values).map(|(time, (count, hint))| (time, count, hint)).collect()
}

#[test]
fn histograms_come_out_of_order_too_and_know_nothing_of_resets_between() {
    use CounterResetHint::{NotReset, Unknown};
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    let append = |minute: i64, sample: HistogramSample<'_>| {
        let mut appender = db.appender(AppendOptions::default());
        let series = appender.series(&labels(&[("__name__", "h")])).unwrap();
        appender.append_histogram(series, minute * MINUTE, 0, sample).unwrap();
        appender.commit().unwrap();
    };
    for minute in [50, 52, 53] {
        append(minute, HistogramSample::Int(&histogram(minute as u64, Unknown)));
    }
    append(51, HistogramSample::Int(&histogram(51, NotReset)));
    append(49, HistogramSample::Float(&histogram(49, Unknown).to_float()));
    append(48, HistogramSample::Int(&histogram(48, NotReset)));
    let expected = [
        (48, 48.0, Unknown),
        (49, 49.0, Unknown),
        (50, 50.0, Unknown),
        (51, 51.0, Unknown),
        (52, 52.0, Unknown),
        (53, 53.0, NotReset),
    ];
    assert_eq!(histograms(&db), expected);
    assert_eq!(histograms(&open_with(&disk.process_image(), settings())), expected);
    // The end of a series of histograms is one.
    let mut appender = db.appender(AppendOptions::default());
    let series = appender.series(&labels(&[("__name__", "h")])).unwrap();
    appender.append(series, 47 * MINUTE, 0, stale_nan()).unwrap();
    appender.commit().unwrap();
    assert!(histograms(&db)[0].1 == 0.0 && content(&db).is_empty());
}

#[test]
fn what_is_deleted_is_gone_and_may_come_anew() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    fill(&db, "a", [200]);
    // Some in files, some in memory, some as they came.
    fill(&db, "a", (100..140).rev());
    db.sync().unwrap();
    fill(&db, "a", (140..180).rev());
    let range = TimeRange::new(110 * MINUTE, 170 * MINUTE);
    db.delete(range, &[Matcher::equal("__name__", "a")]).unwrap();
    let mut expected: Vec<i64> = (100..110).chain(171..180).chain([200]).collect();
    assert_eq!(minutes(&db, "a"), expected);
    assert_eq!(minutes(&open_with(&disk.process_image(), settings()), "a"), expected);
    db.sync().unwrap();
    fill(&db, "a", [150]);
    expected.insert(10, 150);
    assert_eq!(minutes(&db, "a"), expected);
    db.sync().unwrap();
    let image = disk.process_image();
    let again = open_with(&image, settings());
    assert_eq!(minutes(&again, "a"), expected);
    again.delete(TimeRange::ALL, &[Matcher::equal("__name__", "a")]).unwrap();
    assert_eq!(minutes(&open_with(&image.process_image(), settings()), "a"), Vec::<i64>::new());
}

#[test]
fn metrics_count_what_comes_out_of_order() {
    let disk = SimulatedFileSystem::new();
    let parts = parts(&disk);
    let db = Db::open(parts.clone(), std::path::Path::new(crate::fixture::PATH), settings()).unwrap();
    fill(&db, "a", [200, 199, 198]);
    commit(
        &db,
        &[
            ("a", 199 * MINUTE, 1.0),
            ("a", 10 * MINUTE, 1.0),
            ("b", 150 * MINUTE, 1.0),
            ("b", 149 * MINUTE, 1.0),
        ],
    );
    let families = parts.registry.gather();
    let value = |name: &str| {
        let family = families.iter().find(|family| family.name == name).unwrap();
        format!("{:?}", family.metrics.iter().map(|metric| &metric.value).collect::<Vec<_>>())
    };
    // As the original counts: late samples are appended samples too, what is there already is none.
    assert_eq!(value("prometheus_tsdb_head_samples_appended_total"), "[Counter(5.0)]");
    assert_eq!(value("prometheus_tsdb_head_out_of_order_samples_appended_total"), "[Counter(4.0)]");
    assert_eq!(value("prometheus_tsdb_too_old_samples_total"), "[Counter(1.0)]");
    assert!(value("prometheus_tsdb_out_of_order_wbl_record_part_writes_total") != "[Counter(0.0)]");
    assert!(
        value("prometheus_tsdb_sample_ooo_delta").contains("count: 6"),
        "{}",
        value("prometheus_tsdb_sample_ooo_delta")
    );
}
