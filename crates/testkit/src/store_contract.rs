//! What every store of samples must do, as tests: [`store_contract!`](crate::store_contract!) puts a store through
//! them.
#![expect(clippy::unwrap_used, reason = "what stands here is called by tests, which end where a call fails")]

mod histograms;
mod listing;
mod samples;
mod selection;

use model::{Labels, Matcher, SeriesRef};
use storage::{
    AppendOptions, Appendable, Appender, Queryable, SampleColumns, SelectHints, SeriesSet, TimeRange,
};

pub use histograms::*;
pub use listing::*;
pub use samples::*;
pub use selection::*;

/// A store that can be written and read.
pub trait Store: Appendable + Queryable {}

impl<T: Appendable + Queryable + ?Sized> Store for T {}

/// Makes a test of each part of the contract; the argument is a function that makes an empty store, as a box or
/// whatever else derefs to a [`Store`].
#[macro_export]
macro_rules! store_contract {
    ($make:expr) => {
        $crate::store_contract!(@tests $make;
            committed_samples_are_read_back_bit_for_bit
            rolled_back_samples_are_never_seen
            dropped_batches_are_rolled_back
            a_batch_is_seen_only_after_its_commit
            later_commits_extend_a_series
            a_series_has_one_reference
            unknown_references_are_refused
            empty_label_sets_are_refused
            an_error_leaves_the_rest_of_the_batch
            ranges_include_both_ends
            long_series_come_out_whole
            start_times_come_back_or_are_left_out
            columns_are_appended_to
            matchers_select_series
            series_without_samples_in_the_range_are_left_out_or_empty
            sorted_series_are_sorted
            limits_cut_the_number_of_series
            positions_can_be_read_by_many_threads
            names_and_values_are_listed
            histograms_are_read_back
            histograms_come_back_with_what_is_known_of_resets
            floats_and_histograms_share_a_series
            stale_histograms_are_marked
            histograms_that_contradict_themselves_are_refused
            growing_histograms_keep_their_buckets
        );
    };
    (@tests $make:expr; $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                let store = $make();
                $crate::store_contract::$name(&*store);
            }
        )*
    };
}

/// Labels of a series with this name and these further labels.
fn named(name: &str, others: &[(&str, &str)]) -> Labels {
    Labels::from_pairs([("__name__", name)].iter().chain(others).copied())
}

/// Appends in a batch of its own.
#[track_caller]
fn commit(store: &dyn Store, append: impl FnOnce(&mut dyn Appender)) {
    let mut batch = store.appender(AppendOptions::default());
    append(batch.as_mut());
    batch.commit().unwrap();
}

/// Appends floats to one series in a batch of its own.
#[track_caller]
fn commit_floats(store: &dyn Store, labels: &Labels, samples: &[(i64, f64)]) {
    commit(store, |batch| {
        let series = batch.series(labels).unwrap();
        append_floats(batch, series, samples);
    });
}

#[track_caller]
fn append_floats(batch: &mut dyn Appender, series: SeriesRef, samples: &[(i64, f64)]) {
    for (timestamp, value) in samples {
        batch.append(series, *timestamp, 0, *value).unwrap();
    }
}

#[track_caller]
fn select(store: &dyn Store, range: TimeRange, matchers: &[Matcher]) -> Box<dyn SeriesSet> {
    let hints = SelectHints { sorted: true, ..SelectHints::default() };
    store.querier(range).unwrap().select(matchers, &hints).unwrap()
}

#[track_caller]
fn read(set: &dyn SeriesSet, position: usize, range: TimeRange) -> SampleColumns {
    let mut columns = SampleColumns::new();
    set.read(position, range, &mut columns).unwrap();
    columns
}

/// The samples of the one series with this name, wherever they are in the range.
#[track_caller]
fn read_named(store: &dyn Store, name: &str, range: TimeRange) -> SampleColumns {
    let set = select(store, range, &[Matcher::equal("__name__", name)]);
    assert!(set.len() <= 1, "{} series named {name}", set.len());
    if set.is_empty() { SampleColumns::new() } else { read(set.as_ref(), 0, range) }
}

/// The float samples of the one series with this name.
#[track_caller]
fn floats_named(store: &dyn Store, name: &str, range: TimeRange) -> Vec<(i64, f64)> {
    let columns = read_named(store, name, range);
    columns.timestamps.into_iter().zip(columns.values).collect()
}
