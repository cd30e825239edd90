//! Writes the seeds of the stores' targets: files of small stores, cut to what each target takes.

use std::path::Path;

use lapwing_fuzz::{DATA, join, open};
use model::{Exemplar, Labels};
use platform::FileSystem;
use platform::simulated::SimulatedFileSystem;
use storage::{AppendOptions, Appendable};
use wal::{Entry, SegmentReader, segments};

const MINUTE: i64 = 60_000;

fn main() {
    logs();
    let disk = SimulatedFileSystem::new();
    let db = open(&disk);
    for minute in 0..200 {
        let mut appender = db.appender(AppendOptions::default());
        for instance in ["a", "b"] {
            let labels = Labels::from_pairs([("__name__", "up"), ("instance", instance)]);
            let series = appender.series(&labels).unwrap();
            appender.append(series, minute * MINUTE, 0, (minute * minute % 7) as f64).unwrap();
            if minute % 50 == 49 {
                let labels = Labels::from_pairs([("trace_id", instance)]);
                let exemplar = Exemplar { labels, value: 1.5, timestamp: Some(minute * MINUTE) };
                let _ = appender.append_exemplar(series, minute * MINUTE, &exemplar);
                let _ = appender.append(series, minute * MINUTE - 30_000, 0, 0.5);
            }
        }
        appender.commit().unwrap();
    }
    let records = |folder: &Path| records(&disk, folder);
    let log = Path::new(DATA).join("wal");
    let segment = segments(&disk, &log).unwrap().remove(0);
    let bytes = disk.read(&segment.path, u64::MAX).unwrap();
    put("wal_segment", "first", &bytes[..bytes.len().min(2_000)]);
    let (in_order, late) = (records(&log), records(&Path::new(DATA).join("wbl")));
    let mut late = late.into_iter();
    let mixed: Vec<Vec<u8>> = in_order
        .chunks(3)
        .take(10)
        .flat_map(|three| three.iter().cloned().chain([late.next().unwrap_or_default()]))
        .collect();
    put("wal_records", "mixed", &join(&mixed));
    db.maintain().unwrap();
    db.maintain().unwrap();
    for block in db.blocks().iter() {
        for (target, file) in [("block_index", "index"), ("block_meta", "meta.json")] {
            put(target, "small", &disk.read(&block.folder().join(file), u64::MAX).unwrap());
        }
        let first = block.index().all_series().unwrap().into_vec().remove(0);
        let series = block.series(first).unwrap();
        for (number, meta) in series.chunks.iter().enumerate().take(2) {
            let (encoding, data) = block.chunk(meta.reference).unwrap();
            let bytes: Vec<u8> = std::iter::once(encoding.id()).chain(data.iter().copied()).collect();
            put("chunk", &format!("float-{number}"), &bytes);
        }
    }
    db.close().unwrap();
    let entries = disk.list(Path::new(DATA)).unwrap();
    let snapshot = entries.iter().find(|entry| entry.name.starts_with("chunk_snapshot.")).unwrap();
    put("chunk_snapshot", "small", &join(&records(&Path::new(DATA).join(&snapshot.name))));
}

/// The targets of logs: bodies of all forms, lines behind parsers, a small part, a small log.
fn logs() {
    for (name, form, body) in [
        ("json", 1, r#"{"streams":[{"stream":{"app":"x","n":"1"},"values":[["1700049600000000000","level=info a=b",{"t":"\u00e9"}]]}]}"#),
        ("old", 2, r#"{"streams":[{"labels":"{app=\"x\"}","entries":[{"ts":"2023-11-15T12:00:00Z","line":"a \n b"}]}]}"#),
    ] {
        put("log_push", name, &[[form].as_slice(), body.as_bytes()].concat());
    }
    let entry = [b"\x0a\x06\x08\x80\xb8\xd2\xaa\x06".as_slice(), b"\x12\x03a=b\x1a\x06\x0a\x01t\x12\x01v"].concat();
    let stream = [b"\x0a\x07{a=\"b\"}\x12".as_slice(), &[entry.len() as u8], &entry].concat();
    put("log_push", "protobuf", &[b"\x00\x0a".as_slice(), &[stream.len() as u8], &stream].concat());
    let otlp = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"x"}}]},"scopeLogs":[{"scope":{"name":"s"},"logRecords":[{"timeUnixNano":"1700049600000000000","severityNumber":9,"body":{"kvlistValue":{"values":[{"key":"a","value":{"intValue":"1"}}]}},"attributes":[{"key":"a.b","value":{"arrayValue":{"values":[{"boolValue":true}]}}}],"traceId":"0af7651916cd43dd8448eb211c80319c"}]}]}]}"#;
    put("log_otlp", "json", &[b"\x01".as_slice(), otlp.as_bytes()].concat());
    let request = wire::otlp::json::logs_to_protobuf(otlp.as_bytes()).unwrap();
    put("log_otlp", "protobuf", &[b"\x00".as_slice(), &request].concat());
    put(
        "log_bulk",
        "two",
        b"_stream_fields=app&_msg_field=msg&extra_fields=x=y&ignore_fields=z*\n{\"create\":{}}\n{\"app\":\"x\",\"msg\":\"m\",\"@timestamp\":\"2023-11-15T12:00:00Z\",\"o\":{\"p\":[1,2]}}\n{\"index\":{}}\n{\"a\":1}\n",
    );
    for (name, stages, line) in [
        ("json", "| json", r#"{"a":"b","c":{"d":[1,"\u00e9"]},"e":null}"#),
        ("logfmt", "| logfmt", r#"a=b c="d \"e\"" f= g"#),
        ("pattern", "| pattern `<a>=<b> <_>`", "x=y z"),
        ("regexp", "| regexp `(?P<a>\\w+)=(?P<b>\\d*)`", "x=12 y=3"),
        ("unpack", "| unpack", r#"{"a":"b","_entry":"line"}"#),
        ("filters", "|= `a` | logfmt | a=`b`", "a=b c=d"),
    ] {
        put("log_lines", name, &[stages.as_bytes(), b"\0", line.as_bytes(), b"\0none\0", line.as_bytes()].concat());
    }
    let disk = SimulatedFileSystem::new();
    let store = lapwing_fuzz::logs::open(&disk);
    let append = lapwing_fuzz::logs::append;
    append(&store, &[("app", "a")], &["one", "two\nlines", "three"], &[("level", "info")]);
    append(&store, &[("app", "b"), ("n", "1")], &["a needle in a line"], &[("id", "1"), ("level", "warn")]);
    let folder = Path::new(lapwing_fuzz::logs::LOGS);
    put("log_wal", "small", &join(&records(&disk, &folder.join("wal"))));
    store.flush().unwrap();
    let day = folder.join("parts/fake/2023-11-15");
    let part = disk.list(&day).unwrap().remove(0);
    let file = disk.read(&day.join(part.name), u64::MAX).unwrap();
    put("log_part", "small", &lapwing_fuzz::logs::input_of_part(&file));
}

/// The records of a log that are short enough for an input.
fn records(disk: &SimulatedFileSystem, folder: &Path) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    for segment in segments(disk, folder).unwrap() {
        let mut reader = SegmentReader::open(disk, &segment).unwrap();
        while let Some(Entry::Record { bytes, .. }) = reader.next_entry().unwrap() {
            all.push(bytes.to_vec());
        }
    }
    all.retain(|record| record.len() < 256);
    all
}

fn put(target: &str, name: &str, bytes: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), bytes).unwrap();
}
