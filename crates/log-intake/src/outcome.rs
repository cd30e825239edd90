//! What the store refused, in the words of the original.

use std::fmt::Write;

use storage::logs::{AppendReport, EntryRef, RejectReason, Rejected, StreamEntries, StreamRate};
use wire::loki::{format_go, format_rfc3339};

use crate::error::{PushError, Reason};
use crate::limits::Limits;

/// Whose entries were appended, how, and what they were before.
pub(crate) struct Appended<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) limits: &'a Limits,
    pub(crate) streams: &'a [StreamEntries<'a>],
}

impl Appended<'_> {
    /// The refusals of one stream after the other, each with the entries that it is about.
    pub(crate) fn by_stream<'r>(&self, report: &'r AppendReport) -> impl Iterator<Item = &'r [Rejected]> {
        report.rejected.chunk_by(|a, b| a.stream == b.stream)
    }

    /// The answer to the refusals of one stream.
    pub(crate) fn error(&self, rejected: &[Rejected]) -> Option<PushError> {
        let last = rejected.last()?;
        let stream = self.streams.get(last.stream)?;
        if last.reason == RejectReason::StreamLimit {
            let text = format!(
                "Maximum active stream limit exceeded when trying to create stream {}, reduce the number of active streams (reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be increased, user: '{}'",
                stream.labels, self.tenant
            );
            return Some(PushError::new(429, text));
        }
        let mut text = String::new();
        let listed = match self.limits.listed_errors_max {
            0 => rejected.len(),
            max => max,
        };
        for rejected in rejected.iter().take(listed) {
            let entry = stream.entries.get(rejected.entry)?;
            let time = format_go(entry.timestamp);
            let reason = self.reason(stream, entry, &rejected.reason);
            // Writing to a String cannot fail.
            let _ = writeln!(text, "entry with timestamp {time} ignored, reason: '{reason}',");
        }
        let _ = write!(
            text,
            "user '{}', total ignored: {} out of {} for stream: {}",
            self.tenant,
            rejected.len(),
            stream.entries.len(),
            stream.labels
        );
        let status = if matches!(last.reason, RejectReason::StreamRate { .. }) { 429 } else { 400 };
        Some(PushError::new(status, text))
    }

    fn reason(&self, stream: &StreamEntries<'_>, entry: &EntryRef<'_>, reason: &RejectReason) -> String {
        match reason {
            RejectReason::TooFarBehind { oldest } => format!(
                "entry too far behind, entry timestamp is: {}, oldest acceptable timestamp is: {}",
                format_rfc3339(entry.timestamp),
                format_rfc3339(*oldest)
            ),
            RejectReason::OutOfOrder => "entry out of order".to_owned(),
            RejectReason::StreamLimit => "stream limit".to_owned(),
            RejectReason::StreamRate { .. } => {
                let bytes: usize = stream.entries.iter().map(|entry| entry.line.len()).sum();
                format!(
                    "Per stream rate limit exceeded (limit: {}/sec) while attempting to ingest for stream '{}' totaling {}, consider splitting a stream via additional labels or contact your Loki administrator to see if the limit can be increased",
                    size(self.limits.append.stream_rate.map_or(0, bytes_per_second)),
                    stream.labels,
                    size(bytes as u64)
                )
            }
        }
    }
}

fn bytes_per_second(rate: StreamRate) -> u64 {
    rate.per_second as u64
}

/// The reason under which a refusal of the store is counted.
pub(crate) fn counted_as(reason: &RejectReason) -> Reason {
    match reason {
        RejectReason::TooFarBehind { .. } => Reason::TooFarBehind,
        RejectReason::OutOfOrder => Reason::OutOfOrder,
        RejectReason::StreamLimit => Reason::StreamLimit,
        RejectReason::StreamRate { .. } => Reason::StreamRateLimit,
    }
}

/// Bytes in the largest unit that gives a whole number.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 7] = ["B", "KB", "MB", "GB", "TB", "PB", "EB"];
    let (mut number, mut unit) = (bytes, 0);
    while number > 0 && number % 1024 == 0 && unit + 1 < UNITS.len() {
        number /= 1024;
        unit += 1;
    }
    format!("{number}{}", UNITS.get(unit).copied().unwrap_or_default())
}
