//! The series of the log, as they are sent.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use model::labels::LabelsBuilder;
use model::relabel::relabel;
use model::{Labels, Metadata, SeriesRef};
use parking_lot::Mutex;
use wire::remote::write::encode_labels;

use crate::{Version, WriteSettings};

/// A series that is sent.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) reference: SeriesRef,
    pub(super) labels: Labels,
    /// The labels as version 1.0 carries them; empty in version 2.0.
    pub(super) encoded: Box<[u8]>,
    pub(super) metadata: Mutex<Option<Arc<Metadata>>>,
}

/// What the log says of its series.
#[derive(Debug, Default)]
pub(super) struct Table {
    by_ref: HashMap<SeriesRef, Entry>,
}

#[derive(Debug)]
struct Entry {
    /// `None`: the rules drop it.
    series: Option<Arc<Series>>,
    /// The last segment that names it.
    segment: u32,
}

/// What became of a reference.
pub(super) enum Found<'a> {
    Series(&'a Arc<Series>),
    /// The rules drop it.
    Dropped,
    /// The log has not said what it stands for.
    Unknown,
}

impl Table {
    /// Notes what a reference stands for.
    pub(super) fn insert(
        &mut self,
        series: SeriesRef,
        labels: &[(&str, &str)],
        segment: u32,
        settings: &WriteSettings,
    ) {
        let sent = prepared(series, labels, settings);
        self.by_ref.insert(series, Entry { series: sent.map(Arc::new), segment });
    }

    pub(super) fn note_metadata(&mut self, series: SeriesRef, metadata: Metadata) {
        if let Some(series) = self.by_ref.get(&series).and_then(|entry| entry.series.as_ref()) {
            *series.metadata.lock() = Some(Arc::new(metadata));
        }
    }

    pub(super) fn get(&self, series: SeriesRef) -> Found<'_> {
        match self.by_ref.get(&series) {
            Some(Entry { series: Some(series), .. }) => Found::Series(series),
            Some(_) => Found::Dropped,
            None => Found::Unknown,
        }
    }

    /// Forgets the series that neither a checkpoint nor a segment behind it names.
    pub(super) fn forget(&mut self, checkpoint: u32, kept: &HashSet<SeriesRef>) {
        self.by_ref.retain(|series, entry| entry.segment > checkpoint || kept.contains(series));
    }
}

/// A series with the labels that all of them get, after the rules; `None` where these drop it.
fn prepared(reference: SeriesRef, labels: &[(&str, &str)], settings: &WriteSettings) -> Option<Series> {
    let mut builder = LabelsBuilder::new(Labels::from_sorted(labels.iter().copied()));
    for (name, value) in &settings.external_labels {
        if builder.value(name).is_empty() {
            builder.set(name, value);
        }
    }
    if !relabel(&settings.relabel.0, &mut builder) {
        return None;
    }
    let labels = builder.build();
    if labels.is_empty() {
        return None;
    }
    let mut encoded = Vec::new();
    if settings.version == Version::V1 {
        encode_labels(&mut encoded, labels.iter());
    }
    Some(Series { reference, labels, encoded: encoded.into_boxed_slice(), metadata: Mutex::new(None) })
}
