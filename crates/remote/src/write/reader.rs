//! Turns the records of the log into what is sent.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use model::{FloatHistogram, Histogram, SeriesRef};
use platform::{Clock, FileSystem};
use wal::record::{
    DecodeError, Exemplars, HistogramColumns, RecordType, Samples, decode_exemplars, decode_float_histograms,
    decode_histograms, decode_metadata, decode_samples, decode_series,
};
use wal::{Entry, Position, SegmentReader, last_checkpoint, segments};

use super::item::{Item, Value};
use super::position::Place;
use super::series::{Found, Table};
use super::tail::{Look, Tail};
use crate::metrics::{Kind, QueueMetrics};
use crate::{Error, Version, WriteSettings};

/// How many values are read in one go, about.
const ROUND_ITEMS: usize = 10_000;
/// How many bytes of records are read in one go, about.
const ROUND_BYTES: usize = 4 << 20;
/// Values come into the log so much later than others of the same time, at most, in milliseconds. What a
/// checkpoint holds of this time is sent once more: a store knows what it has, and a gap stays for ever.
const LATE_MAX_MS: i64 = 60_000;

/// Reads the log for one queue.
pub(super) struct Reader {
    files: Arc<dyn FileSystem>,
    clock: Arc<dyn Clock>,
    folder: std::path::PathBuf,
    settings: WriteSettings,
    metrics: QueueMetrics,
    tail: Tail,
    table: Table,
    /// The checkpoint whose series are known.
    checkpoint: Option<u32>,
    columns: Columns,
}

/// What records are decoded into.
#[derive(Default)]
struct Columns {
    samples: Samples,
    histograms: HistogramColumns<Histogram>,
    float_histograms: HistogramColumns<FloatHistogram>,
    exemplars: Exemplars,
}

/// What one go has found.
pub(super) struct Round {
    pub(super) items: Vec<Item>,
    /// Up to where the log was read.
    pub(super) end: Position,
    /// Whether there is nothing behind it yet.
    pub(super) is_at_end: bool,
}

/// What is taken from records.
#[derive(Clone, Copy)]
enum Wanted {
    /// Series and metadata alone.
    Series,
    /// Everything.
    All,
    /// Everything, of values those newer than this.
    After(i64),
}

impl Reader {
    pub(super) fn new(
        (files, clock): (Arc<dyn FileSystem>, Arc<dyn Clock>),
        folder: &Path,
        settings: WriteSettings,
        metrics: QueueMetrics,
    ) -> Self {
        let tail = Tail::new(Arc::clone(&files), folder.to_owned(), Position::default());
        let (table, columns) = (Table::default(), Columns::default());
        Self {
            files,
            clock,
            folder: folder.to_owned(),
            settings,
            metrics,
            tail,
            table,
            checkpoint: None,
            columns,
        }
    }

    /// Where the next record is read.
    pub(super) fn position(&self) -> Position {
        self.tail.position()
    }

    /// Learns the series of the log and goes to `place`. Values that stand behind it and were rewritten into a
    /// checkpoint meanwhile are returned as far as none so new was sent.
    ///
    /// # Errors
    /// The log cannot be read.
    pub(super) fn begin(&mut self, place: Place, end: Position) -> Result<Vec<Item>, Error> {
        let all = segments(self.files.as_ref(), &self.folder)?;
        let checkpoint = last_checkpoint(self.files.as_ref(), &self.folder)?;
        let mut items = Vec::new();
        // A log that ends before the place is another one.
        let start = if place.position > end { end } else { place.position };
        let covered = checkpoint.as_ref().map(|checkpoint| checkpoint.number);
        let was_rewritten = covered.is_some_and(|number| start.segment <= number);
        if let Some(checkpoint) = &checkpoint {
            let sent = place.highest_sent.saturating_sub(LATE_MAX_MS);
            let wanted = if was_rewritten { Wanted::After(sent) } else { Wanted::Series };
            for segment in segments(self.files.as_ref(), &checkpoint.path)? {
                self.walk(&segment, None, wanted, &mut items)?;
            }
        }
        self.checkpoint = covered;
        let behind = all.iter().filter(|segment| covered.is_none_or(|number| segment.number > number));
        for segment in behind.clone() {
            if segment.number < start.segment {
                self.walk(segment, None, Wanted::Series, &mut items)?;
            } else if segment.number == start.segment {
                self.walk(segment, Some(start.offset), Wanted::Series, &mut items)?;
            }
        }
        // The segment itself may be gone.
        let next = behind.map(|segment| segment.number).find(|number| *number >= start.segment);
        let moved = next.filter(|number| *number > start.segment);
        self.tail.seek(moved.map_or(start, |segment| Position { segment, offset: 0 }));
        Ok(items)
    }

    /// Reads on; `highest_sent` is the time of the newest value that was sent.
    ///
    /// # Errors
    /// The log cannot be read.
    pub(super) fn read(&mut self, highest_sent: i64) -> Result<Round, Error> {
        let mut items = Vec::new();
        let mut bytes = 0;
        let segment = self.tail.position().segment;
        let Self { tail, table, columns, settings, metrics, .. } = self;
        let mut decoder = Decoder { table, columns, settings, metrics, segment, dropped: [[0; 3]; 3] };
        let look = tail.read(|record| {
            bytes += record.len();
            decoder.take(record, Wanted::All, &mut items);
            items.len() >= ROUND_ITEMS || bytes >= ROUND_BYTES
        });
        drop(decoder);
        let look = look?;
        match look {
            Look::More | Look::End => {}
            Look::NextSegment => self.begin_segment()?,
            Look::Gone => items.extend(self.catch_up(highest_sent)?),
        }
        self.metrics.current_segment.set(f64::from(self.tail.position().segment));
        self.drop_old(&mut items);
        Ok(Round { items, end: self.tail.position(), is_at_end: matches!(look, Look::End | Look::Gone) })
    }

    /// Goes on behind the checkpoint that took the place of the segment that was read.
    fn catch_up(&mut self, highest_sent: i64) -> Result<Vec<Item>, Error> {
        let place = Place { position: self.tail.position(), highest_sent };
        let last = segments(self.files.as_ref(), &self.folder)?.pop();
        let Some(last) = last else { return Ok(Vec::new()) };
        self.begin(place, Position { segment: last.number, offset: u64::MAX })
    }

    /// Forgets series that are gone, where a new checkpoint says so.
    fn begin_segment(&mut self) -> Result<(), Error> {
        let Some(checkpoint) = last_checkpoint(self.files.as_ref(), &self.folder)? else { return Ok(()) };
        if self.checkpoint >= Some(checkpoint.number) {
            return Ok(());
        }
        let mut kept = HashSet::new();
        for segment in segments(self.files.as_ref(), &checkpoint.path)? {
            let mut reader = SegmentReader::open(self.files.as_ref(), &segment)?;
            while let Some(entry) = reader.next_entry()? {
                if let Entry::Record { bytes, .. } = entry
                    && RecordType::of(bytes) == Some(RecordType::Series)
                {
                    let _ = decode_series(bytes, |series, _| {
                        kept.insert(series);
                    });
                }
            }
        }
        self.table.forget(checkpoint.number, &kept);
        self.checkpoint = Some(checkpoint.number);
        Ok(())
    }

    /// Reads a segment up to an offset, or all of it.
    fn walk(
        &mut self,
        segment: &wal::Segment,
        end: Option<u64>,
        wanted: Wanted,
        items: &mut Vec<Item>,
    ) -> Result<(), Error> {
        let Self { table, columns, settings, metrics, .. } = self;
        let mut decoder =
            Decoder { table, columns, settings, metrics, segment: segment.number, dropped: [[0; 3]; 3] };
        let mut reader = SegmentReader::open(self.files.as_ref(), segment)?;
        while let Some(entry) = reader.next_entry()? {
            if let Entry::Record { bytes, offset } = entry {
                if end.is_some_and(|end| offset >= end) {
                    break;
                }
                decoder.take(bytes, wanted, items);
            }
        }
        Ok(())
    }

    /// Drops what is older than a sample may be.
    fn drop_old(&self, items: &mut Vec<Item>) {
        let Some(oldest) = oldest(&self.settings, self.clock.as_ref()) else { return };
        for item in items.extract_if(.., |item| item.timestamp < oldest) {
            self.metrics.dropped(item.kind(), "too_old", 1);
        }
    }
}

/// The time before which no value is sent.
pub(super) fn oldest(settings: &WriteSettings, clock: &dyn Clock) -> Option<i64> {
    let age = i64::try_from(settings.queue.sample_age_max?.as_millis()).unwrap_or(i64::MAX);
    Some(clock.now_ms().saturating_sub(age))
}

/// Takes what is wanted from records.
struct Decoder<'a> {
    table: &'a mut Table,
    columns: &'a mut Columns,
    settings: &'a WriteSettings,
    metrics: &'a QueueMetrics,
    segment: u32,
    /// How many values were dropped, by reason and kind.
    dropped: [[u64; 3]; 3],
}

/// Why values are dropped.
const REASONS: [&str; 3] = ["dropped_series", "unintentionally_dropped_series", "nhcb_in_rw1_not_supported"];
const KINDS: [Kind; 3] = [Kind::Sample, Kind::Histogram, Kind::Exemplar];

impl Drop for Decoder<'_> {
    fn drop(&mut self) {
        for (counts, reason) in self.dropped.iter().zip(REASONS) {
            for (count, kind) in counts.iter().zip(KINDS).filter(|(count, _)| **count > 0) {
                self.metrics.dropped(kind, reason, *count);
            }
        }
    }
}

impl Decoder<'_> {
    fn count_dropped(&mut self, kind: Kind, reason: usize) {
        let place = self.dropped.get_mut(reason).and_then(|counts| counts.get_mut(kind as usize));
        if let Some(count) = place {
            *count += 1;
        }
    }

    fn take(&mut self, record: &[u8], wanted: Wanted, items: &mut Vec<Item>) {
        let Some(kind) = RecordType::of(record) else { return };
        self.metrics.record_read(name(kind));
        let decoded = match (kind, wanted) {
            (RecordType::Series, _) => self.take_series(record),
            (RecordType::Metadata, _) => self.take_metadata(record),
            (_, Wanted::Series) => Ok(()),
            (RecordType::Samples | RecordType::SamplesV2, _) => self.take_samples(record, wanted, items),
            (RecordType::Exemplars, _) if self.settings.send_exemplars => {
                self.take_exemplars(record, wanted, items)
            }
            (RecordType::Histograms | RecordType::CustomHistograms | RecordType::HistogramsV2, _)
                if self.settings.send_histograms =>
            {
                self.take_histograms(record, wanted, items)
            }
            (
                RecordType::FloatHistograms
                | RecordType::CustomFloatHistograms
                | RecordType::FloatHistogramsV2,
                _,
            ) if self.settings.send_histograms => self.take_float_histograms(record, wanted, items),
            _ => Ok(()),
        };
        if let Err(error) = decoded {
            self.metrics.decode_failures.inc();
            tracing::warn!(%error, segment = self.segment, "a record of the log makes no sense and is not sent");
        }
    }

    fn take_series(&mut self, record: &[u8]) -> Result<(), DecodeError> {
        decode_series(record, |series, labels| {
            self.table.insert(series, labels, self.segment, self.settings);
        })
    }

    fn take_metadata(&mut self, record: &[u8]) -> Result<(), DecodeError> {
        if self.settings.version == Version::V1 {
            return Ok(());
        }
        let mut entries = Vec::new();
        let decoded = decode_metadata(record, &mut entries);
        for entry in entries {
            self.table.note_metadata(entry.series, entry.metadata);
        }
        decoded
    }

    fn take_samples(
        &mut self,
        record: &[u8],
        wanted: Wanted,
        items: &mut Vec<Item>,
    ) -> Result<(), DecodeError> {
        let mut samples = std::mem::take(&mut self.columns.samples);
        samples.clear();
        let decoded = decode_samples(record, &mut samples);
        let times = samples.timestamps.iter().zip(&samples.start_timestamps);
        for ((series, (timestamp, start)), value) in samples.refs.iter().zip(times).zip(&samples.values) {
            self.metrics.samples_in.inc();
            self.add(*series, (*timestamp, *start), Value::Float(*value), wanted, items);
        }
        self.columns.samples = samples;
        decoded
    }

    fn take_histograms(
        &mut self,
        record: &[u8],
        wanted: Wanted,
        items: &mut Vec<Item>,
    ) -> Result<(), DecodeError> {
        let mut columns = std::mem::take(&mut self.columns.histograms);
        columns.clear();
        let decoded = decode_histograms(record, &mut columns);
        let times = columns.timestamps.drain(..).zip(columns.start_timestamps.drain(..));
        for ((series, times), histogram) in
            columns.refs.drain(..).zip(times).zip(columns.histograms.drain(..))
        {
            self.metrics.histograms_in.inc();
            if self.can_be_sent(histogram.has_custom_buckets()) {
                self.add(series, times, Value::Histogram(Box::new(histogram)), wanted, items);
            }
        }
        self.columns.histograms = columns;
        decoded
    }

    fn take_float_histograms(
        &mut self,
        record: &[u8],
        wanted: Wanted,
        items: &mut Vec<Item>,
    ) -> Result<(), DecodeError> {
        let mut columns = std::mem::take(&mut self.columns.float_histograms);
        columns.clear();
        let decoded = decode_float_histograms(record, &mut columns);
        let times = columns.timestamps.drain(..).zip(columns.start_timestamps.drain(..));
        for ((series, times), histogram) in
            columns.refs.drain(..).zip(times).zip(columns.histograms.drain(..))
        {
            self.metrics.histograms_in.inc();
            if self.can_be_sent(histogram.has_custom_buckets()) {
                self.add(series, times, Value::FloatHistogram(Box::new(histogram)), wanted, items);
            }
        }
        self.columns.float_histograms = columns;
        decoded
    }

    fn take_exemplars(
        &mut self,
        record: &[u8],
        wanted: Wanted,
        items: &mut Vec<Item>,
    ) -> Result<(), DecodeError> {
        let mut columns = std::mem::take(&mut self.columns.exemplars);
        columns.clear();
        let decoded = decode_exemplars(record, &mut columns);
        let values = columns.values.drain(..).zip(columns.labels.drain(..));
        for ((series, timestamp), (value, labels)) in
            columns.refs.drain(..).zip(columns.timestamps.drain(..)).zip(values)
        {
            self.metrics.exemplars_in.inc();
            self.add(series, (timestamp, 0), Value::Exemplar(value, labels), wanted, items);
        }
        self.columns.exemplars = columns;
        decoded
    }

    /// Version 1.0 has no histograms with custom buckets.
    fn can_be_sent(&mut self, has_custom_buckets: bool) -> bool {
        let can = self.settings.version == Version::V2 || !has_custom_buckets;
        if !can {
            self.count_dropped(Kind::Histogram, 2);
        }
        can
    }

    fn add(
        &mut self,
        series: SeriesRef,
        (timestamp, start): (i64, i64),
        value: Value,
        wanted: Wanted,
        items: &mut Vec<Item>,
    ) {
        if matches!(wanted, Wanted::After(time) if timestamp <= time) {
            return;
        }
        let kind = match &value {
            Value::Float(_) => Kind::Sample,
            Value::Histogram(_) | Value::FloatHistogram(_) => Kind::Histogram,
            Value::Exemplar(..) => Kind::Exemplar,
        };
        match self.table.get(series) {
            Found::Series(series) => {
                items.push(Item { series: Arc::clone(series), timestamp, start, value, epoch: 0 });
            }
            Found::Dropped => self.count_dropped(kind, 0),
            Found::Unknown => self.count_dropped(kind, 1),
        }
    }
}

/// The type of a record in metrics.
fn name(kind: RecordType) -> &'static str {
    match kind {
        RecordType::Series => "series",
        RecordType::Samples => "samples",
        RecordType::SamplesV2 => "samples-v2",
        RecordType::Tombstones => "tombstones",
        RecordType::Exemplars => "exemplars",
        RecordType::MmapMarkers => "mmapmarkers",
        RecordType::Metadata => "metadata",
        RecordType::Histograms => "histogram_samples",
        RecordType::FloatHistograms => "float_histogram_samples",
        RecordType::CustomHistograms => "custom_buckets_histogram_samples",
        RecordType::CustomFloatHistograms => "custom_buckets_float_histogram_samples",
        RecordType::HistogramsV2 => "histogram_samples-v2",
        RecordType::FloatHistogramsV2 => "float_histogram_samples-v2",
    }
}
