//! Batches and float samples.

use model::{Labels, SeriesRef, stale_nan};
use storage::{AppendOptions, Error, SampleColumns, TimeRange};

use super::{Store, append_floats, commit, commit_floats, floats_named, named, read, read_named, select};

/// Values come back with all their bits, NaN and the staleness marker included.
pub fn committed_samples_are_read_back_bit_for_bit(store: &dyn Store) {
    let nan_with_payload = f64::from_bits(0x7ff8_0000_0000_0123);
    let values =
        [0.0, -0.0, 1.5, f64::MAX, f64::MIN_POSITIVE, 5e-324, f64::INFINITY, nan_with_payload, stale_nan()];
    let samples: Vec<(i64, f64)> = (1i64..).map(|step| step * 1000).zip(values).collect();
    commit_floats(store, &named("a", &[]), &samples);
    let bits = |samples: Vec<(i64, f64)>| -> Vec<(i64, u64)> {
        samples.into_iter().map(|(timestamp, value)| (timestamp, value.to_bits())).collect()
    };
    assert_eq!(bits(floats_named(store, "a", TimeRange::ALL)), bits(samples));
}

/// What was given up leaves no sample.
pub fn rolled_back_samples_are_never_seen(store: &dyn Store) {
    let mut batch = store.appender(AppendOptions::default());
    let series = batch.series(&named("a", &[])).unwrap();
    append_floats(batch.as_mut(), series, &[(1000, 1.0)]);
    batch.rollback().unwrap();
    assert_eq!(floats_named(store, "a", TimeRange::ALL), []);
    commit_floats(store, &named("a", &[]), &[(1000, 2.0)]);
    assert_eq!(floats_named(store, "a", TimeRange::ALL), [(1000, 2.0)]);
}

/// A batch that goes out of scope was given up.
pub fn dropped_batches_are_rolled_back(store: &dyn Store) {
    let mut batch = store.appender(AppendOptions::default());
    let series = batch.series(&named("a", &[])).unwrap();
    append_floats(batch.as_mut(), series, &[(1000, 1.0)]);
    drop(batch);
    assert_eq!(floats_named(store, "a", TimeRange::ALL), []);
    commit_floats(store, &named("a", &[]), &[(1000, 2.0)]);
    assert_eq!(floats_named(store, "a", TimeRange::ALL), [(1000, 2.0)]);
}

/// Readers see all of a batch or nothing.
pub fn a_batch_is_seen_only_after_its_commit(store: &dyn Store) {
    let mut batch = store.appender(AppendOptions::default());
    for name in ["a", "b"] {
        let series = batch.series(&named(name, &[])).unwrap();
        append_floats(batch.as_mut(), series, &[(1000, 1.0)]);
    }
    assert_eq!(floats_named(store, "a", TimeRange::ALL), []);
    batch.commit().unwrap();
    for name in ["a", "b"] {
        assert_eq!(floats_named(store, name, TimeRange::ALL), [(1000, 1.0)]);
    }
}

/// A series goes on over batches.
pub fn later_commits_extend_a_series(store: &dyn Store) {
    commit_floats(store, &named("a", &[]), &[(1000, 1.0)]);
    commit_floats(store, &named("b", &[]), &[(1000, 5.0)]);
    commit_floats(store, &named("a", &[]), &[(2000, 2.0), (2001, 3.0)]);
    assert_eq!(floats_named(store, "a", TimeRange::ALL), [(1000, 1.0), (2000, 2.0), (2001, 3.0)]);
    assert_eq!(floats_named(store, "b", TimeRange::ALL), [(1000, 5.0)]);
}

/// The same labels are the same series, in one batch and in the next.
pub fn a_series_has_one_reference(store: &dyn Store) {
    let mut first = SeriesRef::default();
    commit(store, |batch| {
        first = batch.series(&named("a", &[("x", "1")])).unwrap();
        assert_eq!(batch.series(&named("a", &[("x", "1")])).unwrap(), first);
        let other = batch.series(&named("a", &[("x", "2")])).unwrap();
        assert_ne!(other, first);
        append_floats(batch, first, &[(1000, 1.0)]);
        append_floats(batch, other, &[(1000, 1.0)]);
    });
    commit(store, |batch| {
        append_floats(batch, first, &[(2000, 2.0)]);
        assert_eq!(batch.series(&named("a", &[("x", "1")])).unwrap(), first);
    });
}

/// A reference that was never given out is not accepted.
pub fn unknown_references_are_refused(store: &dyn Store) {
    let mut batch = store.appender(AppendOptions::default());
    let unknown = SeriesRef(7_777_777);
    assert_eq!(batch.append(unknown, 1000, 0, 1.0), Err(Error::UnknownSeries(unknown.0)));
    batch.commit().unwrap();
}

/// A series has labels.
pub fn empty_label_sets_are_refused(store: &dyn Store) {
    let mut batch = store.appender(AppendOptions::default());
    assert!(matches!(batch.series(&Labels::empty()), Err(Error::InvalidLabels(_))));
    batch.rollback().unwrap();
}

/// One bad sample costs nothing but itself.
pub fn an_error_leaves_the_rest_of_the_batch(store: &dyn Store) {
    commit(store, |batch| {
        let series = batch.series(&named("a", &[])).unwrap();
        append_floats(batch, series, &[(1000, 1.0)]);
        assert!(batch.append(SeriesRef(7_777_777), 1500, 0, 7.0).is_err());
        assert!(batch.series(&Labels::empty()).is_err());
        append_floats(batch, series, &[(2000, 2.0)]);
    });
    assert_eq!(floats_named(store, "a", TimeRange::ALL), [(1000, 1.0), (2000, 2.0)]);
}

/// The first and the last millisecond of a range belong to it, of the querier's as of the reader's.
pub fn ranges_include_both_ends(store: &dyn Store) {
    let samples: Vec<(i64, f64)> = (1i64..=6).map(|step| (step * 1000, step as f64)).collect();
    commit_floats(store, &named("a", &[]), &samples);
    assert_eq!(floats_named(store, "a", TimeRange::new(2000, 4000)), samples[1..4]);
    assert_eq!(floats_named(store, "a", TimeRange::new(2001, 3999)), samples[2..3]);
    assert_eq!(floats_named(store, "a", TimeRange::new(7000, 9000)), []);
    let set = select(store, TimeRange::ALL, &[]);
    let columns = read(set.as_ref(), 0, TimeRange::new(3000, 3000));
    assert_eq!(columns.timestamps, [3000]);
}

/// More samples than any chunk holds, over more time than any chunk covers, with uneven distances.
pub fn long_series_come_out_whole(store: &dyn Store) {
    let samples: Vec<(i64, f64)> = (1i64..=2500)
        .map(|step| {
            (step * 15_000 + step % 7, if step % 11 == 0 { f64::NAN } else { (step * step) as f64 * 0.1 })
        })
        .collect();
    for part in samples.chunks(100) {
        commit_floats(store, &named("a", &[]), part);
    }
    let columns = read_named(store, "a", TimeRange::ALL);
    assert_eq!(columns.timestamps, samples.iter().map(|sample| sample.0).collect::<Vec<_>>());
    let same = columns.values.iter().zip(&samples).all(|(got, (_, value))| got.to_bits() == value.to_bits());
    assert!(same, "values differ");
    let (from, to) = (samples[777], samples[1999]);
    let part = floats_named(store, "a", TimeRange::new(from.0, to.0));
    assert_eq!(part.len(), 1999 - 777 + 1);
    assert_eq!((part[0].0, part[part.len() - 1].0), (from.0, to.0));
}

/// A store keeps all start times of a series or none of them.
pub fn start_times_come_back_or_are_left_out(store: &dyn Store) {
    commit(store, |batch| {
        let series = batch.series(&named("a", &[])).unwrap();
        for (timestamp, start, value) in [(1000, 0, 1.0), (2000, 500, 2.0), (3000, 2500, 1.0)] {
            batch.append(series, timestamp, start, value).unwrap();
        }
    });
    let columns = read_named(store, "a", TimeRange::ALL);
    assert_eq!(columns.values, [1.0, 2.0, 1.0]);
    assert!(
        columns.start_timestamps.is_empty() || columns.start_timestamps == [0, 500, 2500],
        "{:?}",
        columns.start_timestamps
    );
}

/// Readers put samples behind those that are there.
pub fn columns_are_appended_to(store: &dyn Store) {
    commit_floats(store, &named("a", &[]), &[(1000, 1.0), (2000, 2.0)]);
    let set = select(store, TimeRange::ALL, &[]);
    let mut columns = SampleColumns::new();
    set.read(0, TimeRange::new(0, 1000), &mut columns).unwrap();
    set.read(0, TimeRange::new(1001, 5000), &mut columns).unwrap();
    assert_eq!(columns.timestamps, [1000, 2000]);
    assert_eq!(columns.values, [1.0, 2.0]);
}
