//! Entries: checked one by one, and written as the store takes them.

use std::borrow::Cow;
use std::collections::HashMap;

use storage::logs::EntryRef;
use wire::loki::{format_rfc3339, metadata_name};

use crate::error::{Reason, Refusal};
use crate::generic;
use crate::level::{DETECTED_LEVEL, Levels};
use crate::limits::{Limits, LineLimits};
use crate::stream::Known;

/// A stream of a push on its way in.
pub(crate) struct Incoming<'p> {
    pub(crate) known: &'p Known,
    /// Its entries as they came; their metadata in any order.
    pub(crate) entries: &'p [EntryRef<'p>],
}

/// Texts of a push that had to be written anew. They are all made before any entry is, so that entries may point at
/// them.
#[derive(Debug, Default)]
pub(crate) struct Rewritten {
    /// Names of structured metadata that are valid, by those that are not.
    names: HashMap<String, String>,
    /// Lines that were cut, by stream and entry.
    lines: HashMap<(usize, usize), Vec<u8>>,
    /// Metadata that was discovered, by stream and entry.
    generic: HashMap<(usize, usize), Vec<(String, String)>>,
}

impl Rewritten {
    pub(crate) fn of(incoming: &[Incoming<'_>], limits: &Limits) -> Self {
        let mut rewritten = Self::default();
        for (place, stream) in incoming.iter().enumerate() {
            for (number, entry) in stream.entries.iter().enumerate() {
                for (name, _) in entry.metadata {
                    if let Cow::Owned(valid) = metadata_name(name) {
                        rewritten.names.insert((*name).to_owned(), valid);
                    }
                }
                if let Some(line) = cut(entry.line, &limits.lines) {
                    rewritten.lines.insert((place, number), line);
                }
                if !limits.generic_fields.is_empty() {
                    let labels = &stream.known.labels;
                    let found = generic::discover(&limits.generic_fields, labels, entry.metadata, entry.line);
                    rewritten.generic.insert((place, number), found);
                }
            }
        }
        rewritten
    }

    fn name<'r>(&'r self, name: &'r str) -> &'r str {
        if self.names.is_empty() { name } else { self.names.get(name).map_or(name, String::as_str) }
    }

    /// Lines that were cut, and the bytes that they lost.
    pub(crate) fn cut(&self, incoming: &[Incoming<'_>]) -> (usize, usize) {
        let lost = |(place, number): &(usize, usize), line: &Vec<u8>| {
            let entry = incoming.get(*place).and_then(|stream| stream.entries.get(*number));
            entry.map_or(0, |entry| entry.line.len().saturating_sub(line.len()))
        };
        (self.lines.len(), self.lines.iter().map(|(place, line)| lost(place, line)).sum())
    }
}

/// A line that is too long, cut to its limit at a character, its mark included.
fn cut(line: &[u8], limits: &LineLimits) -> Option<Vec<u8>> {
    let (max, mark) = (limits.bytes_max?, limits.cut_mark.as_ref()?);
    if line.len() <= max {
        return None;
    }
    let mut end = max.saturating_sub(mark.len());
    // Bytes 10xxxxxx go on with a character.
    while end > 0 && line.get(end).is_some_and(|byte| byte & 0xC0 == 0x80) {
        end -= 1;
    }
    let mut cut = line.get(..end).unwrap_or_default().to_vec();
    cut.extend_from_slice(mark.as_bytes().get(..mark.len().min(max)).unwrap_or_default());
    Some(cut)
}

/// The times between which entries may lie, in nanoseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    oldest: Option<i64>,
    newest: i64,
}

impl Window {
    pub(crate) fn at(now_ns: i64, limits: &Limits) -> Self {
        let nanoseconds =
            |duration: std::time::Duration| i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
        Self {
            oldest: limits.times.age_max.map(|age| now_ns.saturating_sub(nanoseconds(age))),
            newest: now_ns.saturating_add(nanoseconds(limits.times.grace)),
        }
    }
}

/// Bytes of names and values.
pub(crate) fn metadata_bytes(metadata: &[(&str, &str)]) -> usize {
    metadata.iter().map(|(name, value)| name.len() + value.len()).sum()
}

/// What speaks against an entry, if anything does.
fn refusal(
    stream: &Known,
    entry: &EntryRef<'_>,
    line: &[u8],
    window: Window,
    limits: &Limits,
) -> Option<Refusal> {
    let name = &stream.text;
    let time = entry.timestamp;
    if let Some(oldest) = window.oldest.filter(|oldest| time < *oldest) {
        let (time, oldest) = (format_rfc3339(time), format_rfc3339(oldest));
        let text = format!(
            "entry for stream '{name}' has timestamp too old: {time}, oldest acceptable timestamp is: {oldest}"
        );
        return Some(Refusal::new(Reason::TooOld, text));
    }
    if time > window.newest {
        let text = format!("entry for stream '{name}' has timestamp too new: {}", format_rfc3339(time));
        return Some(Refusal::new(Reason::TooNew, text));
    }
    if let Some(max) = limits.lines.bytes_max.filter(|max| line.len() > *max) {
        let text = format!(
            "Max entry size '{max}' bytes exceeded for stream '{name}' while adding an entry with length '{}' bytes",
            line.len()
        );
        return Some(Refusal::new(Reason::LineTooLong, text));
    }
    if entry.metadata.is_empty() { None } else { metadata_refusal(name, entry.metadata, limits) }
}

fn metadata_refusal(stream: &str, metadata: &[(&str, &str)], limits: &Limits) -> Option<Refusal> {
    const CONTACT: &str = "or contact your Loki administrator to";
    let Some(of_metadata) = &limits.metadata else {
        let text = format!(
            "stream '{stream}' includes structured metadata, but this feature is disallowed. Please see `limits_config.allow_structured_metadata` {CONTACT} enable it."
        );
        return Some(Refusal::new(Reason::MetadataDisallowed, text));
    };
    let bytes = metadata_bytes(metadata);
    if let Some(max) = of_metadata.bytes_max.filter(|max| bytes > *max) {
        let text = format!(
            "stream '{stream}' has structured metadata too large: '{bytes}' bytes, limit: '{max}' bytes. Please see `limits_config.max_structured_metadata_size` {CONTACT} increase it."
        );
        return Some(Refusal::new(Reason::MetadataTooLarge, text));
    }
    let count = metadata.len();
    if let Some(max) = of_metadata.count_max.filter(|max| count > *max) {
        let text = format!(
            "stream '{stream}' has too many structured metadata labels: '{count}', limit: '{max}'. Please see `limits_config.max_structured_metadata_entries_count` {CONTACT} increase it."
        );
        return Some(Refusal::new(Reason::MetadataTooMany, text));
    }
    None
}

/// Entries of one push that are in order; their metadata lie in one list.
#[derive(Debug, Default)]
pub(crate) struct Checked<'p> {
    pub(crate) entries: Vec<CheckedEntry<'p>>,
    pub(crate) metadata: Vec<(&'p str, &'p str)>,
}

/// An entry that is in order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CheckedEntry<'p> {
    pub(crate) timestamp: i64,
    pub(crate) line: &'p [u8],
    metadata_start: usize,
    metadata_end: usize,
    /// Bytes of the metadata that came with it.
    pub(crate) sent_metadata_bytes: usize,
}

impl<'p> Checked<'p> {
    /// Checks the entries of a stream and adds those that are in order; calls `refused` with the others.
    pub(crate) fn add_stream(
        &mut self,
        place: usize,
        stream: &Incoming<'p>,
        rewritten: &'p Rewritten,
        (window, levels): (Window, Option<Levels<'_>>),
        limits: &'p Limits,
        mut refused: impl FnMut(Refusal, &EntryRef<'_>),
    ) {
        let mut previous: Option<(i64, &[u8])> = None;
        for (number, entry) in stream.entries.iter().enumerate() {
            let line = match rewritten.lines.is_empty() {
                true => entry.line,
                false => rewritten.lines.get(&(place, number)).map_or(entry.line, Vec::as_slice),
            };
            if let Some(refusal) = refusal(stream.known, entry, line, window, limits) {
                refused(refusal, entry);
                continue;
            }
            let mut timestamp = entry.timestamp;
            if limits.increment_duplicates
                && previous.is_some_and(|(before, same)| before == timestamp && same != line)
            {
                timestamp = timestamp.saturating_add(1);
            }
            previous = Some((timestamp, line));
            let metadata_start = self.metadata.len();
            self.add_metadata(stream.known, entry, line, rewritten, levels);
            if let Some(found) = rewritten.generic.get(&(place, number)) {
                self.metadata.extend(found.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            }
            self.order_metadata(metadata_start);
            self.entries.push(CheckedEntry {
                timestamp,
                line,
                metadata_start,
                metadata_end: self.metadata.len(),
                sent_metadata_bytes: metadata_bytes(entry.metadata),
            });
        }
    }

    fn add_metadata(
        &mut self,
        stream: &'p Known,
        entry: &EntryRef<'p>,
        line: &[u8],
        rewritten: &'p Rewritten,
        levels: Option<Levels<'_>>,
    ) {
        let start = self.metadata.len();
        self.metadata.extend(entry.metadata.iter().map(|(name, value)| (rewritten.name(name), *value)));
        let Some(rules) = levels else { return };
        let level = match stream.level.as_deref() {
            Some(level) => level,
            None => rules.detect(self.metadata.get(start..).unwrap_or_default(), line),
        };
        self.metadata.push((DETECTED_LEVEL, level));
    }

    /// Sorts the metadata from a place on; of equal names the last one stays.
    fn order_metadata(&mut self, start: usize) {
        let Some(own) = self.metadata.get_mut(start..).filter(|own| own.len() > 1) else { return };
        own.sort_by(|a, b| a.0.cmp(b.0));
        // From the end, the last one of equal names comes first and stays.
        own.reverse();
        let mut kept = start;
        for next in start..self.metadata.len() {
            let Some(pair) = self.metadata.get(next).copied() else { break };
            let doubled = kept > start && self.metadata.get(kept - 1).is_some_and(|last| last.0 == pair.0);
            if !doubled && let Some(place) = self.metadata.get_mut(kept) {
                *place = pair;
                kept += 1;
            }
        }
        self.metadata.truncate(kept);
        if let Some(own) = self.metadata.get_mut(start..) {
            own.reverse();
        }
    }

    /// The entries as the store takes them.
    pub(crate) fn entry_refs(&self) -> Vec<EntryRef<'_>> {
        let entry = |entry: &CheckedEntry<'p>| EntryRef {
            timestamp: entry.timestamp,
            line: entry.line,
            metadata: self.metadata.get(entry.metadata_start..entry.metadata_end).unwrap_or_default(),
        };
        self.entries.iter().map(entry).collect()
    }
}
