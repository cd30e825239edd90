//! Elasticsearch's `_bulk`, read as VictoriaLogs reads it: lines of JSON in pairs, an action and a document.
//!
//! Source: <https://docs.victoriametrics.com/victorialogs/data-ingestion/#http-parameters>,
//! <https://www.elastic.co/guide/en/elasticsearch/reference/current/docs-bulk.html>

mod document;

use std::borrow::Cow;

use super::{Error, Grouped, Pairs, Push, Text, metadata_name, parse_rfc3339, push_pair_text};

/// What the arguments of the query say about the documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    /// Fields that may hold the line, the first that is there does (`_msg_field`).
    pub message_fields: Vec<String>,
    /// Fields that may hold the time (`_time_field`).
    pub time_fields: Vec<String>,
    /// Fields that become labels of the stream (`_stream_fields`).
    pub stream_fields: Vec<String>,
    /// Fields that are left out; a star at the end stands for anything (`ignore_fields`).
    pub ignore_fields: Vec<String>,
    /// Fields that every entry gets, in place of those of its document (`extra_fields`).
    pub extra_fields: Vec<(String, String)>,
}

impl Default for Arguments {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            message_fields: names(&["_msg", "message", "msg", "log"]),
            time_fields: names(&["_time", "@timestamp"]),
            stream_fields: Vec::new(),
            ignore_fields: Vec::new(),
            extra_fields: Vec::new(),
        }
    }
}

impl Arguments {
    /// Reads arguments by name; lists are separated by commas. Headers in VictoriaLogs's spelling (`VL-Msg-Field`)
    /// may be given under the names of the arguments they stand for.
    ///
    /// # Errors
    /// A malformed `extra_fields`.
    pub fn read(argument: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let list = |name: &str| -> Vec<String> {
            let text = argument(name).unwrap_or_default();
            text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(ToOwned::to_owned).collect()
        };
        let mut arguments = Self::default();
        for (name, target) in
            [("_msg_field", &mut arguments.message_fields), ("_time_field", &mut arguments.time_fields)]
        {
            let given = list(name);
            if !given.is_empty() {
                *target = given;
            }
        }
        arguments.stream_fields = list("_stream_fields");
        arguments.ignore_fields = list("ignore_fields");
        for pair in list("extra_fields") {
            let Some((name, value)) = pair.split_once('=') else {
                let message =
                    format!("invalid extra_fields format: {pair:?}; must be in the form \"name=value\"");
                return Err(Error::Line { line: 0, message });
            };
            arguments.extra_fields.push((name.to_owned(), value.to_owned()));
        }
        Ok(arguments)
    }

    fn ignores(&self, name: &str) -> bool {
        self.ignore_fields.iter().any(|ignored| match ignored.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => ignored == name,
        })
    }
}

/// Reads a body; documents without a time get `now`, in nanoseconds.
///
/// # Errors
/// [`Error::Line`], [`Error::TooMany`].
pub fn bulk<'a>(body: &'a [u8], arguments: &Arguments, now: i64) -> Result<Push<'a>, Error> {
    let mut grouped = Grouped::default();
    // Written once for all documents.
    let extra = arguments.extra_fields.iter().filter(|(name, _)| !arguments.stream_fields.contains(name));
    let extra: Vec<_> =
        extra.map(|(name, value)| (grouped.push.keep(name), grouped.push.keep(value))).collect();
    let mut fields = document::Fields::default();
    let mut lines =
        body.split(|byte| *byte == b'\n').enumerate().map(|(number, line)| (number + 1, line.trim_ascii()));
    while let Some((number, action)) = lines.by_ref().find(|(_, line)| !line.is_empty()) {
        let refuse = |number: usize, message: String| Error::Line { line: number, message };
        document::check_action(action).map_err(|message| refuse(number, message))?;
        let Some((number, text)) = lines.by_ref().find(|(_, line)| !line.is_empty()) else {
            return Err(refuse(number, "missing log message after the command".to_owned()));
        };
        fields.read(text).map_err(|message| refuse(number, message))?;
        let time = fields.take_first(&arguments.time_fields);
        let timestamp = match time.as_deref() {
            None | Some("" | "0") => now,
            Some(text) => {
                parse_time(text).ok_or_else(|| refuse(number, format!("cannot parse time {text:?}")))?
            }
        };
        add_document(&mut grouped, text, &mut fields, arguments, &extra, timestamp)?;
    }
    Ok(grouped.finish())
}

fn add_document<'a>(
    grouped: &mut Grouped<'a>,
    text: &'a [u8],
    fields: &mut document::Fields<'a>,
    arguments: &Arguments,
    extra: &[(Text<'a>, Text<'a>)],
    timestamp: i64,
) -> Result<(), Error> {
    let line = match fields.take_first(&arguments.message_fields) {
        Some(message) => grouped.push.keep_cow(message),
        // A document without a message is its own line.
        None => Text::Body(text),
    };
    let metadata_start = grouped.push.metadata.len();
    let mut labels: Pairs<'_> = Vec::new();
    let document = fields.drain().filter(|(name, _)| {
        !arguments.ignores(name) && !arguments.extra_fields.iter().any(|(extra, _)| extra == name)
    });
    for (name, value) in document {
        if arguments.stream_fields.contains(&name) {
            labels.push((Cow::Owned(metadata_name(&name).into_owned()), value));
        } else if !value.is_empty() {
            let name = grouped.push.keep(&name);
            let value = grouped.push.keep_cow(value);
            grouped.push.add_metadata(name, value)?;
        }
    }
    let of_stream = arguments.extra_fields.iter().filter(|(name, _)| arguments.stream_fields.contains(name));
    labels.extend(of_stream.map(|(name, value)| (metadata_name(name), Cow::Borrowed(value.as_str()))));
    for (name, value) in extra {
        grouped.push.add_metadata(*name, *value)?;
    }
    let mut stream = String::new();
    push_pair_text(&mut stream, &mut labels);
    let stream = grouped.stream(&stream);
    grouped.add(stream, timestamp, line, metadata_start)
}

/// A time as a text of RFC 3339 or as a number of seconds, milli-, micro- or nanoseconds since the Unix epoch, told
/// apart by their size.
fn parse_time(text: &str) -> Option<i64> {
    let Ok(number) = text.parse::<i64>() else {
        if let Ok(seconds) = text.parse::<f64>() {
            return Some((seconds * 1e9) as i64);
        }
        // A date alone is its first second.
        return parse_rfc3339(text).or_else(|| parse_rfc3339(&format!("{text}T00:00:00Z")));
    };
    let scale = match number.unsigned_abs() {
        0..0x1_0000_0000 => 1_000_000_000,
        0x1_0000_0000..4_294_967_296_000 => 1_000_000,
        4_294_967_296_000..4_294_967_296_000_000 => 1_000,
        _ => 1,
    };
    number.checked_mul(scale)
}
