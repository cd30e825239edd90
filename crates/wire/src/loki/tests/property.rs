//! What prost writes is read here as prost reads it, and any bytes end in a push or in an error.

use proptest::prelude::*;
use prost::Message;

use super::bodies::{Read, read};
use super::*;

#[derive(Clone, PartialEq, Message)]
struct SentPush {
    #[prost(message, repeated, tag = "1")]
    streams: Vec<SentStream>,
    #[prost(string, tag = "2")]
    format: String,
}

#[derive(Clone, PartialEq, Message)]
struct SentStream {
    #[prost(string, tag = "1")]
    labels: String,
    #[prost(message, repeated, tag = "2")]
    entries: Vec<SentEntry>,
    #[prost(uint64, tag = "3")]
    hash: u64,
}

#[derive(Clone, PartialEq, Message)]
struct SentEntry {
    #[prost(message, optional, tag = "1")]
    timestamp: Option<SentTime>,
    #[prost(string, tag = "2")]
    line: String,
    #[prost(message, repeated, tag = "3")]
    metadata: Vec<SentPair>,
    #[prost(message, repeated, tag = "4")]
    parsed: Vec<SentPair>,
}

#[derive(Clone, PartialEq, Message)]
struct SentTime {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

#[derive(Clone, PartialEq, Message)]
struct SentPair {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
}

prop_compose! {
    fn any_pair()(name in "\\PC{0,6}", value in "\\PC{0,6}") -> SentPair {
        SentPair { name, value }
    }
}

prop_compose! {
    fn any_entry()(
        time in proptest::option::of((-9_000_000_000i64..9_000_000_000, 0i32..1_000_000_000)),
        line in "\\PC{0,40}",
        metadata in proptest::collection::vec(any_pair(), 0..3),
        parsed in proptest::collection::vec(any_pair(), 0..2),
    ) -> SentEntry {
        let timestamp = time.map(|(seconds, nanos)| SentTime { seconds, nanos });
        SentEntry { timestamp, line, metadata, parsed }
    }
}

prop_compose! {
    fn any_push()(
        streams in proptest::collection::vec(
            ("\\PC{0,12}", proptest::collection::vec(any_entry(), 0..4), any::<u64>()), 0..4),
        format in "[a-z]{0,3}",
    ) -> SentPush {
        let streams = streams.into_iter().map(|(labels, entries, hash)| SentStream { labels, entries, hash });
        SentPush { streams: streams.collect(), format }
    }
}

/// The entries as prost has them.
fn expected(sent: &SentPush) -> Read {
    let entry = |entry: &SentEntry| {
        let time = entry.timestamp.as_ref();
        let time = time.map_or(ZERO_TIME, |time| {
            time.seconds.saturating_mul(1_000_000_000).saturating_add(i64::from(time.nanos))
        });
        let pairs = entry.metadata.iter().map(|pair| (pair.name.clone(), pair.value.clone())).collect();
        (time, entry.line.clone(), pairs)
    };
    let stream = |stream: &SentStream| (stream.labels.clone(), stream.entries.iter().map(entry).collect());
    sent.streams.iter().map(stream).collect()
}

proptest! {
    #[test]
    fn a_push_is_read_as_it_was_sent(sent in any_push()) {
        let body = sent.encode_to_vec();
        prop_assert_eq!(read(&protobuf(&body).unwrap()), expected(&sent));
    }

    #[test]
    fn any_bytes_end_in_a_push_or_an_error(sent in any_push(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut body = sent.encode_to_vec();
        if !body.is_empty() {
            let at = at.index(body.len());
            body[at] = byte;
        }
        if let (Ok(found), Ok(sent)) = (protobuf(&body), SentPush::decode(body.as_slice())) {
            prop_assert_eq!(read(&found), expected(&sent));
        }
        let _ = protobuf(&body);
        let _ = json(&body);
    }

    #[test]
    fn any_text_ends_in_a_push_or_an_error(text in "[\\[\\]{}\":,a-z0-9\\\\ \n]{0,80}") {
        let _ = json(text.as_bytes());
        let _ = legacy_json(text.as_bytes());
        let _ = bulk::bulk(text.as_bytes(), &bulk::Arguments::default(), 0);
    }
}
