//! `/detected_fields` and `/detected_field/{name}/values`: which fields the lines of a query have.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use axum::response::Response;
use logql_engine::pipeline::{CompileOptions, LabelKind, Pipeline, Runner};
use logql_syntax::{LogExpr, Options, quantity};
use serde_json::{Map, Value, json};
use storage::logs::EntryColumns;

use super::Loki;
use super::answer::json as answer_json;
use super::asked::Asked;
use super::entries::{self, Entry, Kind, Looking, Selection};
use super::refusal::Refusal;
use super::times::{self, Span};

/// Lines that are looked at where nothing else is asked.
const LINES: usize = 100;
/// Fields or values that are told where nothing else is asked.
const FIELDS: usize = 1000;

/// A field of the lines.
struct Field {
    name: String,
    kind: &'static str,
    values: BTreeSet<String>,
    parsers: Vec<&'static str>,
    is_metadata: bool,
}

/// `/detected_fields`: the fields, with their kinds and how many values they have.
pub(super) fn fields(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    let limit = field_limit(asked)?;
    let found = lines(loki, asked)?;
    let readers = Readers::new()?;
    let mut fields: Vec<Field> = Vec::new();
    for entry in &found {
        for (name, value) in of_kind(entry, Kind::Metadata) {
            note(&mut fields, limit, name, value, None);
        }
        let read = readers.read(entry);
        for (name, value) in &read.fields {
            note(&mut fields, limit, name, value, Some(read.parser));
        }
    }
    let listed: Vec<Value> = fields.iter().map(shown).collect();
    let mut answer = Map::new();
    if !listed.is_empty() {
        answer.insert("fields".to_owned(), Value::Array(listed));
        answer.insert("limit".to_owned(), Value::from(limit));
    }
    answer_json(&answer)
}

fn shown(field: &Field) -> Value {
    let parsers = if field.is_metadata && field.parsers.is_empty() {
        Value::Null
    } else {
        Value::from(field.parsers.clone())
    };
    json!({
        "label": field.name, "type": field.kind, "cardinality": field.values.len(), "parsers": parsers,
    })
}

/// `/detected_field/{name}/values`: the values of a field.
pub(super) fn values(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    let limit = field_limit(asked)?;
    let found = lines(loki, asked)?;
    let readers = Readers::new()?;
    let name = asked.call.segment.as_str();
    let mut values: Vec<String> = Vec::new();
    let mut known = BTreeSet::new();
    for entry in &found {
        let of_metadata = of_kind(entry, Kind::Metadata).find(|(one, _)| *one == name);
        let value = of_metadata.map(|(_, value)| value.to_owned()).or_else(|| {
            let read = readers.read(entry).fields;
            read.into_iter().find(|(one, _)| one == name).map(|(_, value)| value)
        });
        if let Some(value) = value
            && values.len() < limit
            && known.insert(value.clone())
        {
            values.push(value);
        }
    }
    let mut answer = Map::new();
    if !values.is_empty() {
        answer.insert("values".to_owned(), Value::from(values));
        answer.insert("limit".to_owned(), Value::from(limit));
    }
    answer_json(&answer)
}

/// How many fields or values are told: `limit`, or as newer clients call it, `field_limit`.
fn field_limit(asked: &Asked) -> Result<usize, Refusal> {
    match asked.params().get("field_limit") {
        "" => times::count(asked.params(), "limit", FIELDS),
        _ => times::count(asked.params(), "field_limit", FIELDS),
    }
}

/// The newest lines of the query.
fn lines(loki: &Loki, asked: &Asked) -> Result<Vec<Entry>, Refusal> {
    let span = Span::forward(asked.params(), asked.now)?;
    let limit = times::count(asked.params(), "line_limit", LINES)?;
    let log = logql_syntax::parse_log(asked.params().get("query"), asked.limits.syntax())?;
    let selection = Selection { limit, forward: false };
    let looking = Looking::new(loki, &asked.limits);
    entries::select(asked.view(loki, span)?.as_ref(), &log, selection, &looking)
}

fn of_kind(entry: &Entry, kind: Kind) -> impl Iterator<Item = (&str, &str)> {
    entry
        .labels
        .iter()
        .filter(move |(name, _, own)| *own == kind && !name.starts_with("__error"))
        .map(|(name, value, _)| (name.as_str(), value.as_str()))
}

/// Notes a value of a field; the kind of the last value stays.
fn note(fields: &mut Vec<Field>, limit: usize, name: &str, value: &str, parser: Option<&'static str>) {
    let position = match fields.iter().position(|field| field.name == name) {
        Some(position) => position,
        None if fields.len() < limit => {
            fields.push(Field {
                name: name.to_owned(),
                kind: "string",
                values: BTreeSet::new(),
                parsers: Vec::new(),
                is_metadata: parser.is_none(),
            });
            fields.len() - 1
        }
        None => return,
    };
    let Some(field) = fields.get_mut(position) else { return };
    if let Some(parser) = parser.filter(|parser| !parser.is_empty() && !field.parsers.contains(parser)) {
        field.parsers.push(parser);
    }
    field.kind = kind_of(value);
    field.values.insert(value.to_owned());
}

/// What a value looks like.
fn kind_of(value: &str) -> &'static str {
    const SWITCHES: [&str; 10] = ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "false"];
    if value.parse::<i64>().is_ok() {
        "int"
    } else if model::number::parse_float(value).is_some() {
        "float"
    } else if SWITCHES.contains(&value) || ["FALSE", "False"].contains(&value) {
        "boolean"
    } else if quantity::parse_go_duration(value).is_some() {
        "duration"
    } else if quantity::parse_bytes(value).is_some() {
        "bytes"
    } else {
        "string"
    }
}

/// Reads lines as JSON, else as logfmt.
struct Readers {
    json: Pipeline,
    logfmt: Pipeline,
}

/// What a line holds, and how it was read.
struct Read {
    parser: &'static str,
    fields: Vec<(String, String)>,
}

impl Readers {
    fn new() -> Result<Self, Refusal> {
        let compiled = |stage: &str| -> Result<Pipeline, Refusal> {
            let LogExpr { stages, .. } =
                logql_syntax::parse_log(&format!("{{a=\"b\"}} | {stage}"), Options::default())?;
            Pipeline::compile(&stages, &CompileOptions::ALL).map_err(Refusal::internal)
        };
        Ok(Self { json: compiled("json")?, logfmt: compiled("logfmt")? })
    }

    /// The fields of an entry's line, or what the query itself has read of it.
    fn read(&self, entry: &Entry) -> Read {
        let as_json = run(&self.json, entry);
        let parser = if as_json.is_some() { "json" } else { "logfmt" };
        let own: Vec<(String, String)> =
            of_kind(entry, Kind::Parsed).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let fields = if own.is_empty() {
            as_json.or_else(|| run(&self.logfmt, entry)).unwrap_or_default()
        } else {
            own
        };
        Read { parser, fields }
    }
}

/// What a stage finds in a line; `None` where the line is not of its form.
fn run(pipeline: &Pipeline, entry: &Entry) -> Option<Vec<(String, String)>> {
    let mut columns = EntryColumns { rows: 1, timestamps: vec![entry.timestamp], ..EntryColumns::default() };
    columns.push_line(&entry.line);
    let mut found = None;
    let _ = Runner::new(pipeline).run(&entry.stream, &columns, &mut |row| {
        if !row.labels.has_error() {
            let parsed = row.labels.iter().filter(|label| label.kind == LabelKind::Parsed);
            found = Some(parsed.map(|label| (label.name.to_owned(), label.value.to_owned())).collect());
        }
        ControlFlow::Break(())
    });
    found
}
