//! `silence query|add|expire|import|update`.

use std::io::Read;
use std::process::ExitCode;
use std::time::Duration;

use alerting::matchers::{Syntax, parse_matcher};
use alerting::{MatchOp, Matcher};
use jiff::Timestamp;
use platform::FileSystem;
use platform::real::RealFileSystem;
use serde_json::{Value, json};

use super::failed;
use super::flags::{DATE_FORMAT, OUTPUT, flags};
use super::server::Alertmanager;
use super::table::{Table, time_shown};
use crate::answer;
use crate::cli::tool::{Tool, ToolArgument, ToolCall, ToolFlag, list, switch, value};

const EXPIRED: ToolFlag = switch("expired", "Show expired silences instead of active.");
const QUIET: ToolFlag = switch("quiet", "Only show silence ids.").or('q');
const CREATED_BY: ToolFlag = value("created-by", "", "Show silences that belong to this creator.");
const ID: ToolFlag = value("id", "", "Get a single silence by its ID.");
const WITHIN: ToolFlag =
    value("within", "", "Show silences that will expire or have expired within a duration.");
const AUTHOR: ToolFlag = value("author", "", "Username for CreatedBy field.").or('a');
const DURATION: ToolFlag = value("duration", "", "Duration of silence, 1h unless given.").or('d');
const START: ToolFlag = value("start", "", "Set when the silence should start. RFC3339.");
const END: ToolFlag = value("end", "", "Set when the silence should end (overwrites duration). RFC3339.");
const COMMENT: ToolFlag = value("comment", "", "A comment to help describe the silence.").or('c');
const ANNOTATION: ToolFlag = list("annotation", "", "Set an annotation to be included with the silence.");
const REQUIRE_COMMENT: ToolFlag = value("require-comment", "true", "Require comment to be set.");
const FORCE: ToolFlag = switch("force", "Force adding new silences even if it already exists.").or('f');
const WORKERS: ToolFlag = value("worker", "8", "Number of concurrent workers; one is used.").or('w');

const MATCHERS: &[ToolArgument] =
    &[ToolArgument { name: "matcher-groups...", required: false, help: "Query filter." }];
const IDS: &[ToolArgument] =
    &[ToolArgument { name: "silence-ids...", required: false, help: "Ids of silences." }];

pub(super) const QUERY: Tool = Tool {
    name: "silence query",
    about: "Query Alertmanager silences.",
    flags: flags!(EXPIRED, QUIET, CREATED_BY, ID, WITHIN),
    arguments: MATCHERS,
};
pub(super) const ADD: Tool = Tool {
    name: "silence add",
    about: "Add a new alertmanager silence.",
    flags: flags!(AUTHOR, REQUIRE_COMMENT, DURATION, START, END, COMMENT, ANNOTATION),
    arguments: MATCHERS,
};
pub(super) const EXPIRE: Tool = Tool {
    name: "silence expire",
    about: "Expire an alertmanager silence.",
    flags: flags!(),
    arguments: IDS,
};
pub(super) const IMPORT: Tool = Tool {
    name: "silence import",
    about: "Import alertmanager silences from JSON file or stdin.",
    flags: flags!(FORCE, WORKERS),
    arguments: &[ToolArgument { name: "input-file", required: false, help: "JSON file with silences." }],
};
pub(super) const UPDATE: Tool = Tool {
    name: "silence update",
    about: "Update silences.",
    flags: flags!(QUIET, DURATION, START, END, COMMENT),
    arguments: IDS,
};

/// The largest file of silences that is read.
const FILE_BYTES_MAX: u64 = 64 << 20;

fn finish(program: &str, outcome: Result<String, String>) -> ExitCode {
    match outcome {
        Ok(text) => answer(&text, 0),
        Err(error) => failed(program, error),
    }
}

pub(super) fn query(program: &str, call: &ToolCall) -> ExitCode {
    finish(program, query_text(call))
}

/// Matchers among arguments; a first one that is none is the alert's name.
pub(super) fn read_matchers(arguments: &[String]) -> Result<Vec<Matcher>, String> {
    let read = |(at, text): (usize, &String)| match parse_matcher(text, Syntax::Both) {
        Ok(parsed) => Ok(parsed.value),
        Err(_) if at == 0 => Ok(Matcher::equal("alertname", text.as_str())),
        Err(error) => Err(error.to_string()),
    };
    arguments.iter().enumerate().map(read).collect()
}

/// Matchers as a query has them.
pub(super) fn filters(matchers: &[Matcher]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for matcher in matchers {
        query.append_pair("filter", &matcher.to_string());
    }
    query.finish()
}

fn query_text(call: &ToolCall) -> Result<String, String> {
    let server = Alertmanager::new(call)?;
    let matchers = read_matchers(call.arguments())?;
    let all = match call.get(ID.name) {
        "" => server.get(&format!("silences?{}", filters(&matchers)))?,
        id => Value::from(vec![server.get(&format!("silence/{id}"))?]),
    };
    let now = Timestamp::now();
    let within = match call.get(WITHIN.name) {
        "" => None,
        text => Some(model::duration::parse_duration(text).map_err(|error| error.to_string())?),
    };
    let wants_expired = call.is_on(EXPIRED.name);
    let author = call.get(CREATED_BY.name);
    let wanted = |silence: &&Value| {
        let end = text_at(silence, "/endsAt").parse::<Timestamp>().unwrap_or(Timestamp::UNIX_EPOCH);
        let is_expired = end <= now;
        let near = within.is_none_or(|within| end.duration_since(now).unsigned_abs() <= within);
        (is_expired == wants_expired || !call.get(ID.name).is_empty())
            && near
            && (author.is_empty() || text_at(silence, "/createdBy") == author)
    };
    let found: Vec<&Value> = all.as_array().into_iter().flatten().filter(wanted).collect();
    if call.is_on(QUIET.name) {
        return Ok(found.iter().map(|silence| format!("{}\n", text_at(silence, "/id"))).collect());
    }
    Ok(match call.get(OUTPUT.name) {
        "json" => format!("{}\n", json!(found)),
        output => table(&found, output == "extended", call.get(DATE_FORMAT.name)),
    })
}

pub(super) fn text_at<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

fn table(silences: &[&Value], is_extended: bool, layout: &str) -> String {
    let mut table = Table::new(if is_extended {
        &["ID", "Matchers", "Starts At", "Ends At", "Updated At", "Created By", "Comment"]
    } else {
        &["ID", "Matchers", "Ends At", "Created By", "Comment"]
    });
    for silence in silences {
        let matchers: Vec<String> = silence
            .get("matchers")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|matcher| {
                let is = |key: &str| matcher.get(key).and_then(Value::as_bool);
                let op = match (is("isRegex") == Some(true), is("isEqual") != Some(false)) {
                    (false, true) => "=",
                    (false, false) => "!=",
                    (true, true) => "=~",
                    (true, false) => "!~",
                };
                format!(
                    "{}{op}{}",
                    text_at(matcher, "/name"),
                    model::quote::quote(text_at(matcher, "/value"))
                )
            })
            .collect();
        let time = |path: &str| time_shown(text_at(silence, path), layout);
        let matchers = match is_extended {
            true => format!("{{{}}}", matchers.join(",")),
            false => matchers.join(" "),
        };
        let mut row = vec![text_at(silence, "/id").to_owned(), matchers];
        if is_extended {
            row.extend([time("/startsAt"), time("/endsAt"), time("/updatedAt")]);
        } else {
            row.push(time("/endsAt"));
        }
        row.extend([text_at(silence, "/createdBy").to_owned(), text_at(silence, "/comment").to_owned()]);
        table.row(row);
    }
    table.text()
}

/// When a silence begins and ends by the flags.
fn times(call: &ToolCall, starts_at: Timestamp) -> Result<(Timestamp, Option<Timestamp>), String> {
    let read = |flag: ToolFlag| match call.get(flag.name) {
        "" => Ok(None),
        text => text.parse::<Timestamp>().map(Some).map_err(|error| format!("--{}: {error}", flag.name)),
    };
    let starts_at = read(START)?.unwrap_or(starts_at);
    if let Some(end) = read(END)? {
        return Ok((starts_at, Some(end)));
    }
    match call.get(DURATION.name) {
        "" => Ok((starts_at, None)),
        text => {
            let span = model::duration::parse_duration(text).map_err(|error| error.to_string())?;
            if span.is_zero() {
                return Err("silence duration must be greater than 0".into());
            }
            Ok((starts_at, Some(starts_at + span)))
        }
    }
}

pub(super) fn add(program: &str, call: &ToolCall) -> ExitCode {
    finish(program, add_text(call))
}

fn add_text(call: &ToolCall) -> Result<String, String> {
    let matchers = read_matchers(call.arguments())?;
    if matchers.is_empty() {
        return Err("no matchers specified".into());
    }
    let comment = call.get(COMMENT.name);
    if comment.is_empty() && call.get(REQUIRE_COMMENT.name) != "false" {
        return Err("comment required by config".into());
    }
    let (starts_at, ends_at) = times(call, Timestamp::now())?;
    let ends_at = ends_at.unwrap_or(starts_at + Duration::from_secs(3600));
    if ends_at < starts_at {
        return Err("silence cannot start after it ends".into());
    }
    let author = match call.get(AUTHOR.name) {
        "" => std::env::var("USER").unwrap_or_default(),
        author => author.to_owned(),
    };
    let mut annotations = serde_json::Map::new();
    for text in call.all(ANNOTATION.name).iter().filter(|text| !text.is_empty()) {
        let (name, value) = text.split_once('=').ok_or_else(|| format!("bad annotation: {text}"))?;
        annotations.insert(name.to_owned(), Value::from(value));
    }
    let matchers: Vec<Value> = matchers.iter().map(matcher_json).collect();
    let mut silence = json!({
        "matchers": matchers,
        "startsAt": starts_at.to_string(),
        "endsAt": ends_at.to_string(),
        "createdBy": author,
        "comment": comment,
    });
    if !annotations.is_empty()
        && let Some(object) = silence.as_object_mut()
    {
        object.insert("annotations".into(), Value::from(annotations));
    }
    let answer = Alertmanager::new(call)?.post("silences", &silence)?;
    Ok(format!("{}\n", text_at(&answer, "/silenceID")))
}

fn matcher_json(matcher: &Matcher) -> Value {
    json!({
        "name": matcher.name(),
        "value": matcher.value(),
        "isRegex": matches!(matcher.op(), MatchOp::Regex | MatchOp::NotRegex),
        "isEqual": !matcher.op().is_negative(),
    })
}

pub(super) fn expire(program: &str, call: &ToolCall) -> ExitCode {
    let outcome = || {
        if call.arguments().is_empty() {
            return Err("no silence IDs specified".to_owned());
        }
        let server = Alertmanager::new(call)?;
        call.arguments().iter().try_for_each(|id| server.delete(&format!("silence/{id}")))?;
        Ok(String::new())
    };
    finish(program, outcome())
}

pub(super) fn import(program: &str, call: &ToolCall) -> ExitCode {
    finish(program, import_text(call))
}

fn import_text(call: &ToolCall) -> Result<String, String> {
    let mut bytes = Vec::new();
    match call.argument(0) {
        None | Some("-") => {
            let read = std::io::stdin().take(FILE_BYTES_MAX).read_to_end(&mut bytes);
            read.map_err(|error| error.to_string())?;
        }
        Some(path) => {
            let read = RealFileSystem.read(std::path::Path::new(path), FILE_BYTES_MAX);
            bytes = read.map_err(|error| format!("open {path}: {error}"))?;
        }
    }
    let silences: Vec<Value> = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    let server = Alertmanager::new(call)?;
    let mut out = String::new();
    for mut silence in silences {
        // One of another server has no id here; with the flag all are made anew.
        let known =
            !call.is_on(FORCE.name) && server.get(&format!("silence/{}", text_at(&silence, "/id"))).is_ok();
        if let (false, Some(object)) = (known, silence.as_object_mut()) {
            object.remove("id");
        }
        let answer = server.post("silences", &silence)?;
        out.push_str(&format!("{}\n", text_at(&answer, "/silenceID")));
    }
    Ok(out)
}

pub(super) fn update(program: &str, call: &ToolCall) -> ExitCode {
    finish(program, update_text(call))
}

fn update_text(call: &ToolCall) -> Result<String, String> {
    if call.arguments().is_empty() {
        return Err("no silence IDs specified".into());
    }
    let server = Alertmanager::new(call)?;
    let mut changed = Vec::new();
    for id in call.arguments() {
        let mut silence = server.get(&format!("silence/{id}"))?;
        let began = text_at(&silence, "/startsAt").parse::<Timestamp>().map_err(|error| error.to_string())?;
        let (starts_at, ends_at) = times(call, began)?;
        if let Some(object) = silence.as_object_mut() {
            object.insert("startsAt".into(), Value::from(starts_at.to_string()));
            if let Some(ends_at) = ends_at {
                object.insert("endsAt".into(), Value::from(ends_at.to_string()));
            }
            if !call.get(COMMENT.name).is_empty() {
                object.insert("comment".into(), Value::from(call.get(COMMENT.name)));
            }
        }
        let answer = server.post("silences", &silence)?;
        changed.push(server.get(&format!("silence/{}", text_at(&answer, "/silenceID")))?);
    }
    if call.is_on(QUIET.name) {
        return Ok(changed.iter().map(|silence| format!("{}\n", text_at(silence, "/id"))).collect());
    }
    let shown: Vec<&Value> = changed.iter().collect();
    Ok(match call.get(OUTPUT.name) {
        "json" => format!("{}\n", json!(shown)),
        output => table(&shown, output == "extended", call.get(DATE_FORMAT.name)),
    })
}
