//! Records of the journal: those of silences and of the notification log are Alertmanager's own messages.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use alerting::log::{LogEntry, LogKey, ReceiverData};
use alerting::silence::Silence;
use alerting::{Alert, Annotations, MatchOp, Matcher};
use model::Labels;
use prost::Message;

#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct Time {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct MeshSilence {
    #[prost(message, optional, tag = "1")]
    silence: Option<SilenceRecord>,
    #[prost(message, optional, tag = "2")]
    expires_at: Option<Time>,
}

#[derive(Clone, PartialEq, Message)]
struct SilenceRecord {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(message, repeated, tag = "2")]
    matchers: Vec<MatcherRecord>,
    #[prost(message, optional, tag = "3")]
    starts_at: Option<Time>,
    #[prost(message, optional, tag = "4")]
    ends_at: Option<Time>,
    #[prost(message, optional, tag = "5")]
    updated_at: Option<Time>,
    #[prost(message, repeated, tag = "7")]
    comments: Vec<CommentRecord>,
    #[prost(string, tag = "8")]
    created_by: String,
    #[prost(string, tag = "9")]
    comment: String,
    #[prost(map = "string, string", tag = "10")]
    annotations: HashMap<String, String>,
    #[prost(message, repeated, tag = "11")]
    matcher_sets: Vec<MatcherSet>,
}

#[derive(Clone, PartialEq, Message)]
struct MatcherSet {
    #[prost(message, repeated, tag = "1")]
    matchers: Vec<MatcherRecord>,
}

#[derive(Clone, PartialEq, Message)]
struct MatcherRecord {
    #[prost(int32, tag = "1")]
    kind: i32,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(string, tag = "3")]
    pattern: String,
}

#[derive(Clone, PartialEq, Message)]
struct CommentRecord {
    #[prost(string, tag = "1")]
    author: String,
    #[prost(string, tag = "2")]
    comment: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct MeshEntry {
    #[prost(message, optional, tag = "1")]
    entry: Option<EntryRecord>,
    #[prost(message, optional, tag = "2")]
    expires_at: Option<Time>,
}

#[derive(Clone, PartialEq, Message)]
struct EntryRecord {
    #[prost(bytes = "vec", tag = "1")]
    group_key: Vec<u8>,
    #[prost(message, optional, tag = "2")]
    receiver: Option<ReceiverRecord>,
    #[prost(message, optional, tag = "5")]
    timestamp: Option<Time>,
    #[prost(uint64, repeated, tag = "6")]
    firing: Vec<u64>,
    #[prost(uint64, repeated, tag = "7")]
    resolved: Vec<u64>,
    #[prost(map = "string, message", tag = "8")]
    data: HashMap<String, DataRecord>,
}

#[derive(Clone, PartialEq, Message)]
struct ReceiverRecord {
    #[prost(string, tag = "1")]
    group_name: String,
    #[prost(string, tag = "2")]
    integration: String,
    #[prost(uint32, tag = "3")]
    idx: u32,
}

#[derive(Clone, PartialEq, Message)]
struct DataRecord {
    #[prost(oneof = "DataValue", tags = "1, 2, 3")]
    value: Option<DataValue>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum DataValue {
    #[prost(string, tag = "1")]
    Text(String),
    #[prost(int64, tag = "2")]
    Int(i64),
    #[prost(double, tag = "3")]
    Float(f64),
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct AlertRecord {
    #[prost(btree_map = "string, string", tag = "1")]
    labels: BTreeMap<String, String>,
    #[prost(btree_map = "string, string", tag = "2")]
    annotations: BTreeMap<String, String>,
    #[prost(sfixed64, tag = "3")]
    starts_at: i64,
    #[prost(sfixed64, tag = "4")]
    ends_at: i64,
    #[prost(sfixed64, tag = "5")]
    updated_at: i64,
    #[prost(bool, tag = "6")]
    ends_by_timeout: bool,
    #[prost(string, tag = "7")]
    generator_url: String,
}

const SECOND: i64 = 1_000_000_000;

impl Time {
    fn of(nanos: i64) -> Option<Time> {
        Some(Time { seconds: nanos.div_euclid(SECOND), nanos: nanos.rem_euclid(SECOND) as i32 })
    }

    fn nanos(time: Option<Time>) -> i64 {
        time.map_or(0, |time| time.seconds.saturating_mul(SECOND).saturating_add(i64::from(time.nanos)))
    }
}

impl MatcherRecord {
    fn of(matcher: &Matcher) -> MatcherRecord {
        let kind = match matcher.op() {
            MatchOp::Equal => 0,
            MatchOp::Regex => 1,
            MatchOp::NotEqual => 2,
            MatchOp::NotRegex => 3,
        };
        MatcherRecord { kind, name: matcher.name().to_owned(), pattern: matcher.value().to_owned() }
    }

    fn matcher(&self) -> Option<Matcher> {
        let op = match self.kind {
            0 => MatchOp::Equal,
            1 => MatchOp::Regex,
            2 => MatchOp::NotEqual,
            3 => MatchOp::NotRegex,
            _ => return None,
        };
        Matcher::new(self.name.as_str(), op, self.pattern.as_str()).ok()
    }
}

impl MeshSilence {
    pub(super) fn of(silence: &Silence) -> MeshSilence {
        let set = |set: &Vec<Matcher>| MatcherSet { matchers: set.iter().map(MatcherRecord::of).collect() };
        let sets: Vec<MatcherSet> = silence.matcher_sets.iter().map(set).collect();
        MeshSilence {
            silence: Some(SilenceRecord {
                id: silence.id.clone(),
                // Older readers know the first set alone.
                matchers: sets.first().map(|set| set.matchers.clone()).unwrap_or_default(),
                starts_at: Time::of(silence.starts_at),
                ends_at: Time::of(silence.ends_at),
                updated_at: Time::of(silence.updated_at),
                comments: Vec::new(),
                created_by: silence.created_by.clone(),
                comment: silence.comment.clone(),
                annotations: silence.annotations.clone().into_iter().collect(),
                matcher_sets: sets,
            }),
            expires_at: Time::of(silence.ends_at),
        }
    }

    /// The silence; none where its conditions are none.
    pub(super) fn silence(self) -> Option<Silence> {
        let record = self.silence?;
        let sets = if record.matcher_sets.is_empty() {
            vec![MatcherSet { matchers: record.matchers }]
        } else {
            record.matcher_sets
        };
        let matcher_sets: Option<Vec<Vec<Matcher>>> =
            sets.iter().map(|set| set.matchers.iter().map(MatcherRecord::matcher).collect()).collect();
        let old = record.comments.into_iter().next().unwrap_or_default();
        let first = |new: String, old: String| if new.is_empty() { old } else { new };
        Some(Silence {
            id: record.id,
            matcher_sets: matcher_sets?,
            starts_at: Time::nanos(record.starts_at),
            ends_at: Time::nanos(record.ends_at),
            updated_at: Time::nanos(record.updated_at),
            created_by: first(record.created_by, old.author),
            comment: first(record.comment, old.comment),
            annotations: record.annotations.into_iter().collect(),
        })
    }
}

impl MeshEntry {
    pub(super) fn of(entry: &LogEntry) -> MeshEntry {
        let data = entry.data.iter().map(|(name, value)| {
            let value = match value {
                ReceiverData::Text(text) => DataValue::Text(text.clone()),
                ReceiverData::Int(value) => DataValue::Int(*value),
                ReceiverData::Float(value) => DataValue::Float(*value),
            };
            (name.clone(), DataRecord { value: Some(value) })
        });
        MeshEntry {
            entry: Some(EntryRecord {
                group_key: entry.key.group_key.clone().into_bytes(),
                receiver: Some(ReceiverRecord {
                    group_name: entry.key.receiver.clone(),
                    integration: entry.key.integration.clone(),
                    idx: entry.key.index,
                }),
                timestamp: Time::of(entry.timestamp),
                firing: entry.firing.clone(),
                resolved: entry.resolved.clone(),
                data: data.collect(),
            }),
            expires_at: Time::of(entry.expires_at),
        }
    }

    pub(super) fn entry(self) -> Option<LogEntry> {
        let record = self.entry?;
        let receiver = record.receiver.unwrap_or_default();
        let data = record.data.into_iter().filter_map(|(name, record)| {
            let value = match record.value? {
                DataValue::Text(text) => ReceiverData::Text(text),
                DataValue::Int(value) => ReceiverData::Int(value),
                DataValue::Float(value) => ReceiverData::Float(value),
            };
            Some((name, value))
        });
        Some(LogEntry {
            key: LogKey {
                group_key: String::from_utf8_lossy(&record.group_key).into_owned(),
                receiver: receiver.group_name,
                integration: receiver.integration,
                index: receiver.idx,
            },
            timestamp: Time::nanos(record.timestamp),
            firing: record.firing,
            resolved: record.resolved,
            expires_at: Time::nanos(self.expires_at),
            data: data.collect(),
        })
    }
}

impl AlertRecord {
    pub(super) fn of(alert: &Alert) -> AlertRecord {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        AlertRecord {
            labels: alert.labels.iter().map(owned).collect(),
            annotations: alert.annotations.iter().map(owned).collect(),
            starts_at: alert.starts_at,
            ends_at: alert.ends_at,
            updated_at: alert.updated_at,
            ends_by_timeout: alert.ends_by_timeout,
            generator_url: alert.generator_url.to_string(),
        }
    }

    pub(super) fn alert(self) -> Alert {
        Alert {
            labels: Labels::from_pairs(self.labels),
            annotations: Annotations::from_pairs(self.annotations),
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            updated_at: self.updated_at,
            ends_by_timeout: self.ends_by_timeout,
            generator_url: Arc::from(self.generator_url),
        }
    }
}
