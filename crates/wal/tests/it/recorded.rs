//! Logs that the original wrote are read to the last byte.

use std::path::Path;

use platform::FileSystem;
use platform::real::RealFileSystem;
use platform::simulated::SimulatedFileSystem;
use wal::record::{
    Exemplars, HistogramColumns, RecordType, Samples, decode_exemplars, decode_float_histograms,
    decode_histograms, decode_metadata, decode_mmap_markers, decode_samples, decode_series,
    decode_tombstones, encode_exemplars, encode_histograms, encode_samples,
};
use wal::{Compression, DamageReason, last_checkpoint, repair, segments};

use crate::{count, read_all, recorded_data};

/// Everything that the records of a log say.
#[derive(Default)]
struct Content {
    series: Vec<(u64, String)>,
    samples: Samples,
    histograms: HistogramColumns<model::Histogram>,
    float_histograms: HistogramColumns<model::FloatHistogram>,
    exemplars: Exemplars,
    metadata: Vec<wal::record::MetadataEntry>,
    tombstones: Vec<wal::record::Tombstone>,
    markers: Vec<wal::record::MmapMarker>,
}

fn decode(records: &[Vec<u8>]) -> Content {
    let mut content = Content::default();
    for record in records {
        match RecordType::of(record).expect("a known type") {
            RecordType::Series => decode_series(record, |series, labels| {
                assert!(labels.is_sorted());
                let name = labels.iter().find(|(name, _)| *name == "__name__").map_or("", |(_, value)| value);
                content.series.push((series.0, name.to_owned()));
            }),
            RecordType::Samples | RecordType::SamplesV2 => decode_samples(record, &mut content.samples),
            RecordType::Histograms | RecordType::CustomHistograms | RecordType::HistogramsV2 => {
                decode_histograms(record, &mut content.histograms)
            }
            RecordType::FloatHistograms
            | RecordType::CustomFloatHistograms
            | RecordType::FloatHistogramsV2 => decode_float_histograms(record, &mut content.float_histograms),
            RecordType::Exemplars => decode_exemplars(record, &mut content.exemplars),
            RecordType::Metadata => decode_metadata(record, &mut content.metadata),
            RecordType::Tombstones => decode_tombstones(record, &mut content.tombstones),
            RecordType::MmapMarkers => decode_mmap_markers(record, &mut content.markers),
        }
        .expect("a sound record");
    }
    content
}

fn sound(folder: &Path) -> Vec<Vec<u8>> {
    let (records, damages) = read_all(&RealFileSystem, folder);
    assert_eq!(damages, []);
    assert!(!records.is_empty());
    records
}

/// The recordings were made around the end of 2026; a wrongly decoded time would lie anywhere.
fn plausible(timestamps: &[i64]) -> bool {
    timestamps.iter().all(|timestamp| (1_700_000_000_000..1_900_000_000_000).contains(timestamp))
}

#[test]
fn a_scraped_log_with_all_kinds_of_samples_is_read() {
    let Some(data) = recorded_data("live") else { return };
    let content = decode(&sound(&data.join("wal")));
    assert!(content.series.iter().any(|(_, name)| name == "jobs_total"));
    assert!(content.samples.len() > 1000 && plausible(&content.samples.timestamps));
    assert!(!content.histograms.is_empty() && plausible(&content.histograms.timestamps));
    assert!(!content.exemplars.is_empty() && !content.metadata.is_empty());
    assert!(!content.tombstones.is_empty());
    let known: std::collections::HashSet<u64> = content.series.iter().map(|(series, _)| *series).collect();
    assert!(content.samples.refs.iter().all(|series| known.contains(&series.0)));
    let behind = decode(&sound(&data.join("wbl")));
    assert!(!behind.samples.is_empty());
}

#[test]
fn start_timestamps_are_read() {
    let Some(data) = recorded_data("start-timestamps") else { return };
    let records = sound(&data.join("wal"));
    assert!(count(&records, RecordType::SamplesV2) > 0);
    let content = decode(&records);
    assert!(plausible(&content.samples.timestamps));
    let starts = &content.samples.start_timestamps;
    assert!(starts.contains(&0) && starts.iter().any(|start| *start > 1_700_000_000_000));
    assert!(content.histograms.start_timestamps.iter().any(|start| *start > 1_700_000_000_000));
}

#[test]
fn a_checkpoint_and_what_follows_is_read() {
    let Some(data) = recorded_data("checkpoint") else { return };
    let folder = data.join("wal");
    let checkpoint = last_checkpoint(&RealFileSystem, &folder).unwrap().expect("a checkpoint");
    assert_eq!(checkpoint.number, 1);
    let numbers: Vec<u32> =
        segments(&RealFileSystem, &folder).unwrap().iter().map(|segment| segment.number).collect();
    assert_eq!(numbers, [2, 3, 4]);
    assert!(!decode(&sound(&checkpoint.path)).series.is_empty());
    decode(&sound(&folder));
}

#[test]
fn zstd_records_are_read() {
    let Some(data) = recorded_data("zstd") else { return };
    assert!(!decode(&sound(&data.join("wal"))).samples.is_empty());
}

#[test]
fn encoding_what_the_original_wrote_gives_the_same_bytes() {
    let mut compared = 0;
    for (name, log) in [("live", "wal"), ("live", "wbl"), ("zstd", "wal"), ("start-timestamps", "wal")] {
        let Some(data) = recorded_data(name) else { return };
        for record in sound(&data.join(log)) {
            let content = decode(std::slice::from_ref(&record));
            let mut starts =
                content.samples.start_timestamps.iter().chain(&content.histograms.start_timestamps);
            if RecordType::of(&record) >= Some(RecordType::SamplesV2) && starts.all(|start| *start == 0) {
                // The second version without any start timestamp: the first is written instead.
                continue;
            }
            let mut again = Vec::new();
            encode_samples(&content.samples, &mut again);
            let mut push = |record: &[u8]| {
                again.extend_from_slice(record);
                Ok::<(), ()>(())
            };
            encode_histograms(&content.histograms, 0..content.histograms.len(), &mut push).unwrap();
            let floats = &content.float_histograms;
            encode_histograms(floats, 0..floats.len(), &mut push).unwrap();
            encode_exemplars(&content.exemplars, &mut again);
            wal::record::encode_tombstones(&content.tombstones, &mut again);
            wal::record::encode_mmap_markers(&content.markers, &mut again);
            let metadata = content.metadata.iter().map(|entry| (entry.series, &entry.metadata));
            wal::record::encode_metadata(metadata, &mut again);
            let mut series = wal::record::SeriesEncoder::default();
            decode_series(&record, |reference, labels| series.push(reference, labels.iter().copied())).ok();
            again.extend_from_slice(series.bytes());
            assert_eq!(again, record, "{name}/{log} {:?}", RecordType::of(&record));
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn a_torn_end_costs_the_torn_record_and_is_cut_by_a_repair() {
    let Some(data) = recorded_data("torn") else { return };
    let disk = SimulatedFileSystem::new();
    let folder = Path::new("/wal");
    disk.create_dir_all(folder).unwrap();
    let bytes = RealFileSystem.read(&data.join("wal/00000000"), 1 << 30).unwrap();
    disk.write_atomic(&folder.join("00000000"), &bytes).unwrap();
    let (records, damages) = read_all(&disk, folder);
    assert!(!decode(&records).samples.is_empty());
    let [damage] = &damages[..] else { panic!("{damages:?}") };
    assert_eq!((damage.segment, &damage.reason), (0, &DamageReason::Torn));

    let fs: std::sync::Arc<dyn FileSystem> = std::sync::Arc::new(disk.clone());
    repair(&fs, &segments(&disk, folder).unwrap()[0], &damages, Compression::Snappy).unwrap();
    assert_eq!(read_all(&disk, folder), (records, vec![]));
    assert_eq!(disk.metadata(&folder.join("00000000")).unwrap().len, damage.offset);
}
