//! The data set of the recorded answers, as the intake would store it.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;

use base64::Engine;
use logql_syntax::{Options, parse_selector};
use model::Labels;
use serde_json::Value;
use storage::logs::memory::MemoryLogs;
use storage::logs::{AppendRules, EntryAppendable, EntryRef, StreamEntries};

/// An entry with its structured metadata.
pub(crate) struct Entry {
    timestamp: i64,
    line: String,
    metadata: Vec<(String, String)>,
}

pub(crate) fn shared(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/loki").join(name)
}

/// A store with all entries; `None` where the material is not there.
pub(crate) fn load(levels: &Levels) -> Option<MemoryLogs> {
    let logs = MemoryLogs::with_block_rows(100);
    let rules = AppendRules { out_of_order_window: Some(3_600_000_000_000), ..AppendRules::default() };
    for number in 0..10 {
        for (labels, entries) in bodies(number)? {
            let labels = with_service(&labels);
            let with_levels: Vec<Vec<(String, String)>> =
                entries.iter().map(|entry| metadata(entry, &labels, levels)).collect();
            let metadata: Vec<Vec<(&str, &str)>> = with_levels
                .iter()
                .map(|pairs| pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect())
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
            logs.append("", &[StreamEntries { labels: &labels, entries: &entries, hint: None }], &rules)
                .unwrap();
        }
    }
    Some(logs)
}

/// The times and lines of all entries.
pub(crate) fn lines() -> Option<HashSet<(i64, String)>> {
    let mut lines = HashSet::new();
    for number in 0..10 {
        let entries = bodies(number)?.into_iter().flat_map(|(_, entries)| entries);
        lines.extend(entries.map(|entry| (entry.timestamp, entry.line)));
    }
    Some(lines)
}

fn bodies(number: usize) -> Option<Vec<(Labels, Vec<Entry>)>> {
    if let Ok(text) = fs::read_to_string(shared(&format!("dataset/push-{number:02}.json"))) {
        let body: Value = serde_json::from_str(&text).unwrap();
        return Some(body["streams"].as_array().unwrap().iter().map(of_json).collect());
    }
    let text = fs::read_to_string(shared(&format!("dataset/push-{number:02}.snappy.b64"))).ok()?;
    let compressed = base64::engine::general_purpose::STANDARD.decode(text.trim()).unwrap();
    let body = snap::raw::Decoder::new().decompress_vec(&compressed).unwrap();
    Some(fields(&body).into_iter().map(|(_, stream)| of_protobuf(stream)).collect())
}

fn of_json(stream: &Value) -> (Labels, Vec<Entry>) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let pairs = |value: &Value| -> Vec<(String, String)> {
        value
            .as_object()
            .map_or(Vec::new(), |map| map.iter().map(|(name, value)| (name.clone(), text(value))).collect())
    };
    let entries = stream["values"].as_array().unwrap().iter().map(|value| Entry {
        timestamp: text(&value[0]).parse().unwrap(),
        line: text(&value[1]),
        metadata: pairs(&value[2]),
    });
    (Labels::from_pairs(pairs(&stream["stream"])), entries.collect())
}

/// The fields of a message: numbers as their bytes.
fn fields(mut bytes: &[u8]) -> Vec<(u64, &[u8])> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let start = bytes;
        let length = match tag & 7 {
            2 => varint(&mut bytes) as usize,
            _ => {
                let mut rest = bytes;
                varint(&mut rest);
                bytes.len() - rest.len()
            }
        };
        assert!(start.len() >= length);
        found.push((tag >> 3, &bytes[..length]));
        bytes = &bytes[length..];
    }
    found
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        value |= u64::from(byte & 0x7F) << shift;
        shift += 7;
        if byte < 0x80 {
            return value;
        }
    }
}

fn of_protobuf(stream: &[u8]) -> (Labels, Vec<Entry>) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut labels = Labels::empty();
    let mut entries = Vec::new();
    for (number, field) in fields(stream) {
        match number {
            1 => {
                let matchers = parse_selector(&text(field), Options::default()).unwrap();
                labels = Labels::from_pairs(matchers.iter().map(|matcher| (matcher.name(), matcher.value())));
            }
            2 => {
                let mut entry = Entry { timestamp: 0, line: String::new(), metadata: Vec::new() };
                for (number, mut field) in fields(field) {
                    match number {
                        1 => {
                            for (number, mut part) in fields(field) {
                                let unit = if number == 1 { 1_000_000_000 } else { 1 };
                                entry.timestamp += varint(&mut part) as i64 * unit;
                            }
                        }
                        2 => entry.line = text(field),
                        3 => {
                            let pair = fields(field);
                            entry.metadata.push((text(pair[0].1), text(pair[1].1)));
                            field = &[];
                            assert!(field.is_empty());
                        }
                        _ => {}
                    }
                }
                entries.push(entry);
            }
            _ => {}
        }
    }
    (labels, entries)
}

fn with_service(labels: &Labels) -> Labels {
    let names =
        ["service_name", "service", "app", "application", "name", "app_kubernetes_io_name", "container"];
    let more = ["container_name", "k8s_container_name", "component", "workload", "job"];
    let value = names.iter().chain(&more).find_map(|name| labels.get(name)).unwrap_or("unknown_service");
    Labels::from_pairs(labels.iter().chain([("service_name", value)]))
}

/// What the intake finds, as far as answers tell it: by time and line, and by time where all agree.
#[derive(Default)]
pub(crate) struct Levels {
    pub(crate) of_line: HashMap<(i64, String), String>,
    pub(crate) of_time: HashMap<(i64, String), Option<String>>,
}

impl Levels {
    fn get(&self, entry: &Entry, labels: &Labels) -> String {
        let service = labels.value("service_name");
        let told = entry.metadata.iter().find(|(name, _)| name == "level").map(|(_, value)| value.as_str());
        if let Some(told) = labels.get("level").or(told) {
            return told.to_owned();
        }
        let of_time = || self.of_time.get(&(entry.timestamp, service.to_owned()))?.as_ref();
        let of_line = self.of_line.get(&(entry.timestamp, entry.line.clone()));
        of_line.or_else(of_time).cloned().unwrap_or_else(|| level_of(&entry.line))
    }
}

/// The level of a line that no answer tells of, where it says it plainly.
fn level_of(line: &str) -> String {
    let value = line.split_once("level=").map(|(_, behind)| behind.split(' ').next().unwrap_or(""));
    let plain = ["debug", "info", "warn", "error"];
    match value.and_then(|value| plain.into_iter().find(|level| *level == value)) {
        Some(level) => level.to_owned(),
        None if line.contains(" - WARNING - ") => "warn".to_owned(),
        None => "unknown".to_owned(),
    }
}

fn metadata(entry: &Entry, labels: &Labels, levels: &Levels) -> Vec<(String, String)> {
    let clean = |name: &str| name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '_', "_");
    let mut pairs: Vec<(String, String)> =
        entry.metadata.iter().map(|(name, value)| (clean(name), value.clone())).collect();
    let level = levels.get(entry, labels);
    pairs.retain(|(name, _)| name != "detected_level");
    pairs.push(("detected_level".to_owned(), level));
    pairs.sort();
    pairs
}
