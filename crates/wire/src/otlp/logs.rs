//! Logs of OpenTelemetry, which become a [`Push`]: chosen attributes of the resource as labels of a stream, all others
//! as structured metadata of each entry.
//!
//! Source: <https://grafana.com/docs/loki/latest/send-data/otel/>,
//! <https://opentelemetry.io/docs/specs/otel/logs/data-model/>.

mod flatten;
mod record;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::Error;
use super::message::each;
use crate::loki::{Error as PushError, Grouped, Pairs, Push, Text, push_pair_text};
use crate::remote::message::Message;
use flatten::{Flat, flatten};
use record::Record;

/// Where an attribute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Of the resource.
    Resource,
    /// Of the scope.
    Scope,
    /// Of the record itself.
    Record,
}

/// What becomes of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// A label of the stream; of a scope, which has no stream, it is structured metadata.
    Label,
    /// Structured metadata of the entry.
    Metadata,
    /// Nothing.
    Drop,
}

/// Says what becomes of attributes.
pub trait Rules {
    /// The action for an attribute, by its key as it was sent.
    fn action(&self, place: Place, key: &str) -> Action;

    /// Whether the text of the severity is a label.
    fn severity_text_is_label(&self) -> bool {
        false
    }
}

/// Reads a request in protobuf; records without any time get `now`, in nanoseconds.
///
/// # Errors
/// Where the bytes are no request, or hold more than one push may.
pub fn logs<'a>(body: &'a [u8], rules: &dyn Rules, now: i64) -> Result<Push<'a>, PushError> {
    let mut grouped = Grouped::default();
    each("ExportLogsServiceRequest", body, 1, |resource_logs| {
        read_resource(resource_logs, rules, now, &mut grouped)
    })?;
    Ok(grouped.finish())
}

/// What the records of a scope have in common.
struct Shared<'a> {
    /// Labels by the attributes of the resource.
    labels: Pairs<'a>,
    /// The stream that they name.
    stream: u32,
    /// Structured metadata of resource and scope, written once for all records.
    metadata: Vec<(Text<'a>, Text<'a>)>,
}

/// Adds names and texts to those that records share.
fn keep_all<'a>(metadata: Flat<'a>, shared: &mut Vec<(Text<'a>, Text<'a>)>, push: &mut Push<'a>) {
    for (name, value) in metadata {
        shared.push((push.keep_cow(name), push.keep_cow(value)));
    }
}

fn read_resource<'a>(
    message: &'a [u8],
    rules: &dyn Rules,
    now: i64,
    grouped: &mut Grouped<'a>,
) -> Result<(), PushError> {
    let mut labels: Pairs<'a> = Vec::new();
    let mut metadata = Flat::new();
    each("ResourceLogs", message, 1, |resource| {
        let mut fields = Message::new("Resource", resource);
        while let Some((number, value)) = fields.next().map_err(Error::from)? {
            if number == 1 {
                let attribute = value.bytes_of("Attributes").map_err(Error::from)?;
                place(attribute, Place::Resource, rules, &mut labels, &mut metadata)?;
            }
        }
        Ok::<(), Error>(())
    })?;
    let mut shared = Shared { labels, stream: 0, metadata: Vec::new() };
    keep_all(metadata, &mut shared.metadata, &mut grouped.push);
    let own = shared.metadata.len();
    each("ResourceLogs", message, 2, |scope_logs| {
        shared.metadata.truncate(own);
        read_scope(scope_logs, rules, now, &mut shared, grouped)
    })
}

/// Puts an attribute where the rules want it.
fn place<'a>(
    attribute: &'a [u8],
    place: Place,
    rules: &dyn Rules,
    labels: &mut Pairs<'a>,
    metadata: &mut Flat<'a>,
) -> Result<(), Error> {
    let (key, _) = super::attributes::key_value(attribute)?;
    match rules.action(place, key) {
        Action::Drop => Ok(()),
        Action::Label if place != Place::Scope => flatten(attribute, labels),
        _ => flatten(attribute, metadata),
    }
}

fn read_scope<'a>(
    message: &'a [u8],
    rules: &dyn Rules,
    now: i64,
    shared: &mut Shared<'a>,
    grouped: &mut Grouped<'a>,
) -> Result<(), PushError> {
    let mut metadata = Flat::new();
    each("ScopeLogs", message, 1, |scope| {
        let mut fields = Message::new("InstrumentationScope", scope);
        while let Some((number, value)) = fields.next().map_err(Error::from)? {
            match number {
                1 | 2 => {
                    let text = super::message::text(value, "Scope")?;
                    if !text.is_empty() {
                        let name = if number == 1 { "scope_name" } else { "scope_version" };
                        metadata.push((Cow::Borrowed(name), Cow::Borrowed(text)));
                    }
                }
                3 => {
                    let attribute = value.bytes_of("Attributes").map_err(Error::from)?;
                    place(attribute, Place::Scope, rules, &mut Vec::new(), &mut metadata)?;
                }
                4 => {
                    let count = value.number_of("DroppedAttributesCount").map_err(Error::from)?;
                    record::push_count(&mut metadata, "scope_dropped_attributes_count", count);
                }
                _ => {}
            }
        }
        Ok::<(), Error>(())
    })?;
    keep_all(metadata, &mut shared.metadata, &mut grouped.push);
    let mut text = String::new();
    push_pair_text(&mut text, &mut shared.labels.clone());
    let mut named = false;
    each("ScopeLogs", message, 2, |bytes| {
        if !named {
            shared.stream = grouped.stream(&text);
            named = true;
        }
        add_record(bytes, rules, now, shared, grouped)
    })
}

fn add_record<'a>(
    bytes: &'a [u8],
    rules: &dyn Rules,
    now: i64,
    shared: &Shared<'a>,
    grouped: &mut Grouped<'a>,
) -> Result<(), PushError> {
    let mut labels: Pairs<'a> = Vec::new();
    let mut metadata = Flat::new();
    let record = Record::read(bytes, rules, &mut labels, &mut metadata)?;
    let metadata_start = grouped.push.metadata.len();
    for (name, value) in &shared.metadata {
        grouped.push.add_metadata(*name, *value)?;
    }
    for (name, value) in metadata {
        let name = grouped.push.keep_cow(name);
        let value = grouped.push.keep_cow(value);
        grouped.push.add_metadata(name, value)?;
    }
    let stream = if labels.is_empty() {
        shared.stream
    } else {
        let mut text = String::new();
        let mut all: Pairs<'_> = shared.labels.iter().cloned().chain(labels).collect();
        push_pair_text(&mut text, &mut all);
        grouped.stream(&text)
    };
    let line = grouped.push.keep_cow(record.line);
    grouped.add(stream, record.timestamp.unwrap_or(now), line, metadata_start)
}
