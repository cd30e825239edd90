//! The recorded data set, stored as a server stores it that takes pushes: with a service's name and a level.

#![expect(clippy::disallowed_methods, reason = "a test reads what was recorded")]

use std::path::PathBuf;

use base64::Engine;
use model::Labels;
use serde_json::Value;
use storage::logs::memory::MemoryLogs;
use storage::logs::{AppendRules, EntryAppendable, EntryRef, StreamEntries};

/// The tenant that everything belongs to.
pub(super) const TENANT: &str = "fake";

/// The recorded answers of the original, where they are at hand.
pub(super) fn folder() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/loki");
    let near = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/conformance/loki");
    [root, near].into_iter().find(|folder| folder.join("dataset").is_dir())
}

/// A recorded file of queries.
pub(super) fn queries(file: &str) -> String {
    std::fs::read_to_string(folder().unwrap().join(format!("queries/{file}.jsonl"))).unwrap()
}

/// One entry of a push.
struct Pushed {
    timestamp: i64,
    line: String,
    metadata: Vec<(String, String)>,
}

/// Labels of a stream and its entries.
type Stream = (Vec<(String, String)>, Vec<Pushed>);

/// Stores the whole data set in blocks of at most so many rows.
pub(super) fn load(block_rows: usize) -> Option<MemoryLogs> {
    let folder = folder()?.join("dataset");
    let logs = MemoryLogs::with_block_rows(block_rows);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let streams = match file.extension().and_then(|extension| extension.to_str()) {
            Some("json") => from_json(&text),
            Some("b64") => from_protobuf(&text),
            _ => continue,
        };
        for (labels, entries) in streams {
            store(&logs, labels, entries);
        }
    }
    Some(logs)
}

fn from_json(text: &str) -> Vec<Stream> {
    let pairs = |value: &Value| -> Vec<(String, String)> {
        let object = value.as_object().unwrap();
        object.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
    };
    let push: Value = serde_json::from_str(text).unwrap();
    let entry = |value: &Value| Pushed {
        timestamp: value[0].as_str().unwrap().parse().unwrap(),
        line: value[1].as_str().unwrap().to_owned(),
        metadata: value.get(2).map(pairs).unwrap_or_default(),
    };
    let stream = |stream: &Value| {
        (pairs(&stream["stream"]), stream["values"].as_array().unwrap().iter().map(entry).collect())
    };
    push["streams"].as_array().unwrap().iter().map(stream).collect()
}

fn from_protobuf(text: &str) -> Vec<Stream> {
    let packed = base64::engine::general_purpose::STANDARD.decode(text.trim()).unwrap();
    let bytes = snap::raw::Decoder::new().decompress_vec(&packed).unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let pair = |bytes: &[u8]| {
        let (mut name, mut value) = (String::new(), String::new());
        for (number, field) in fields(bytes) {
            match (number, field) {
                (1, Field::Bytes(bytes)) => name = text(bytes),
                (2, Field::Bytes(bytes)) => value = text(bytes),
                _ => {}
            }
        }
        (name, value)
    };
    let entry = |bytes: &[u8]| {
        let mut entry = Pushed { timestamp: 0, line: String::new(), metadata: Vec::new() };
        for (number, field) in fields(bytes) {
            match (number, field) {
                (1, Field::Bytes(time)) => {
                    for (number, field) in fields(time) {
                        if let Field::Number(value) = field {
                            entry.timestamp += value as i64 * if number == 1 { 1_000_000_000 } else { 1 };
                        }
                    }
                }
                (2, Field::Bytes(line)) => entry.line = text(line),
                (3, Field::Bytes(bytes)) => entry.metadata.push(pair(bytes)),
                _ => {}
            }
        }
        entry
    };
    let mut streams = Vec::new();
    for (_, stream) in fields(&bytes) {
        let Field::Bytes(stream) = stream else { continue };
        let (mut labels, mut entries) = (Vec::new(), Vec::new());
        for (number, field) in fields(stream) {
            match (number, field) {
                (1, Field::Bytes(bytes)) => {
                    let matchers =
                        logql_syntax::parse_selector(&text(bytes), logql_syntax::Options::default());
                    let matchers = matchers.unwrap();
                    labels = matchers
                        .iter()
                        .map(|matcher| (matcher.name().to_owned(), matcher.value().to_owned()))
                        .collect();
                }
                (2, Field::Bytes(bytes)) => entries.push(entry(bytes)),
                _ => {}
            }
        }
        streams.push((labels, entries));
    }
    streams
}

/// A field of a protobuf message.
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    fn varint(bytes: &mut &[u8]) -> u64 {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = bytes.split_first().unwrap();
            *bytes = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        value
    }
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let field = match key & 7 {
            0 => Field::Number(varint(&mut bytes)),
            1 => {
                let (number, rest) = bytes.split_at(8);
                bytes = rest;
                Field::Number(u64::from_le_bytes(number.try_into().unwrap()))
            }
            _ => {
                let length = varint(&mut bytes) as usize;
                let (field, rest) = bytes.split_at(length);
                bytes = rest;
                Field::Bytes(field)
            }
        };
        fields.push((key >> 3, field));
    }
    fields
}

const SERVICES: [&str; 8] =
    ["service", "app", "application", "name", "app_kubernetes_io_name", "container", "component", "workload"];

fn store(logs: &MemoryLogs, mut labels: Vec<(String, String)>, entries: Vec<Pushed>) {
    if !labels.iter().any(|(name, _)| name == "service_name") {
        let of = |name: &&str| labels.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone());
        let service = SERVICES.iter().chain(&["job"]).find_map(of);
        labels.push(("service_name".to_owned(), service.unwrap_or_else(|| "unknown_service".to_owned())));
    }
    let own_level = labels.iter().find(|(name, _)| name == "level").map(|(_, value)| value.clone());
    let entries: Vec<Pushed> = entries
        .into_iter()
        .map(|mut entry| {
            entry.metadata.retain(|(name, value)| !value.is_empty() && name != "detected_level");
            for (name, _) in &mut entry.metadata {
                *name = name.replace(['.', '-'], "_");
            }
            let given =
                entry.metadata.iter().find(|(name, _)| name == "level").map(|(_, level)| level.clone());
            let level = own_level.clone().or(given).unwrap_or_else(|| level_of(&entry.line));
            entry.metadata.push(("detected_level".to_owned(), level));
            entry.metadata.sort();
            entry
        })
        .collect();
    let labels = Labels::from_pairs(labels);
    let metadata: Vec<Vec<(&str, &str)>> = entries
        .iter()
        .map(|entry| entry.metadata.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect())
        .collect();
    let entries: Vec<EntryRef<'_>> = entries
        .iter()
        .zip(&metadata)
        .map(|(entry, metadata)| EntryRef {
            timestamp: entry.timestamp,
            line: entry.line.as_bytes(),
            metadata,
        })
        .collect();
    let push = [StreamEntries { labels: &labels, entries: &entries, hint: None }];
    logs.append(TENANT, &push, &AppendRules::default()).unwrap();
}

/// The level that a line tells, as far as the data set needs it.
fn level_of(line: &str) -> String {
    let names = ["level", "LEVEL", "Level", "log.level", "severity", "SEVERITY", "Severity", "lvl", "LVL"];
    let json: Option<Value> = serde_json::from_str(line).ok();
    let field = match &json {
        Some(Value::Object(object)) => {
            names.iter().find_map(|name| object.get(*name)?.as_str().map(ToOwned::to_owned))
        }
        _ => {
            let mut pairs = line.split(' ').filter_map(|pair| pair.split_once('='));
            pairs.find(|(name, _)| names.contains(name)).map(|(_, value)| value.trim_matches('"').to_owned())
        }
    };
    let known = match field.unwrap_or_default().to_ascii_lowercase().as_str() {
        "trace" | "trc" => "trace",
        "debug" | "dbg" => "debug",
        "info" | "inf" => "info",
        "warn" | "wrn" | "warning" => "warn",
        "error" | "err" => "error",
        "critical" => "critical",
        "fatal" => "fatal",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
    let level = if has(&["info", "INFO"]) {
        "info"
    } else if has(&["err:", "ERR:", "error", "ERROR"]) {
        "error"
    } else if has(&["warn:", "WARN:", "warning", "WARNING"]) {
        "warn"
    } else if has(&["critical:", "CRITICAL:"]) {
        "critical"
    } else if has(&["debug:", "DEBUG:"]) {
        "debug"
    } else {
        "unknown"
    };
    level.to_owned()
}
