//! `query`: questions to a server, answered on the command line as promtool does.

mod analyze;
pub(super) mod server;
mod show;

use std::process::ExitCode;
use std::time::Duration;

use model::duration::parse_duration;
use model::number::format_plain;
use platform::Clock;
use platform::real::RealClock;

use self::server::{Answer, HEADER, HTTP_CONFIG, NoAnswer, Server};
use self::show::Format;
use super::group::{self, Entry, one_of, refuse, require};
use crate::cli::UsageError;
use crate::cli::tool::{Tool, ToolArgument, ToolCall, ToolFlag, list, value};
use crate::{answer, complain};

const FORMAT: ToolFlag = value("format", "promql", "Output format of the query: promql or json.").or('o');
const START: ToolFlag = value("start", "", "Start time (RFC3339 or Unix timestamp).");
const END: ToolFlag = value("end", "", "End time (RFC3339 or Unix timestamp).");
const MATCH: ToolFlag = list("match", "", "Series selector. Can be specified multiple times.");
const SERVER: ToolArgument =
    ToolArgument { name: "server", required: true, help: "Prometheus server to query." };
const EXPR: ToolArgument = ToolArgument { name: "expr", required: true, help: "PromQL query expression." };

const INSTANT: Tool = Tool {
    name: "query instant",
    about: "Run instant query.",
    flags: &[
        FORMAT,
        HTTP_CONFIG,
        value("time", "", "Query evaluation time (RFC3339 or Unix timestamp)."),
        HEADER,
    ],
    arguments: &[SERVER, EXPR],
};

const RANGE: Tool = Tool {
    name: "query range",
    about: "Run range query.",
    flags: &[FORMAT, HTTP_CONFIG, HEADER, START, END, value("step", "", "Query step size (duration).")],
    arguments: &[SERVER, EXPR],
};

const SERIES: Tool = Tool {
    name: "query series",
    about: "Run series query.",
    flags: &[FORMAT, HTTP_CONFIG, HEADER, MATCH, START, END],
    arguments: &[SERVER],
};

const LABELS: Tool = Tool {
    name: "query labels",
    about: "Run labels query.",
    flags: &[FORMAT, HTTP_CONFIG, HEADER, START, END, MATCH],
    arguments: &[
        SERVER,
        ToolArgument { name: "name", required: true, help: "Label name to provide label values for." },
    ],
};

const ENTRIES: &[Entry] = &[
    (INSTANT, |program, call| finish(program, instant(call))),
    (RANGE, |program, call| finish(program, range(call))),
    (SERIES, |program, call| finish(program, series(call))),
    (LABELS, |program, call| finish(program, labels(call))),
    (analyze::TOOL, analyze::run),
];

/// How far from now series and labels are looked for where no time is given.
const AROUND_NOW: Duration = Duration::from_secs(9999 * 3600);
/// How far back a range query begins where no time is given.
const RANGE_DEFAULT: Duration = Duration::from_secs(300);
/// How many steps a range query has, about, where no step is given.
const STEPS_DEFAULT: f64 = 250.0;

/// Runs `query <what> …`.
pub(super) fn run(program: &str, arguments: &[String]) -> ExitCode {
    group::run(program, "query", ENTRIES, arguments)
}

/// Why a query command ends without an answer.
enum Failed {
    /// The command line is wrong.
    Usage(UsageError),
    /// One line for the user.
    Other(String),
}

impl From<UsageError> for Failed {
    fn from(error: UsageError) -> Self {
        Self::Usage(error)
    }
}

impl From<NoAnswer> for Failed {
    fn from(error: NoAnswer) -> Self {
        Self::Other(format!("query error: {error}"))
    }
}

/// A question's start: the way to print and the server to ask.
fn begin(url: &str, call: &ToolCall) -> Result<(Format, Server), Failed> {
    let format =
        if one_of(call, FORMAT.name, &["promql", "json"])? == "json" { Format::Json } else { Format::Promql };
    let server = Server::new(url, call).map_err(|error| Failed::Usage(UsageError::Wrong(error)))?;
    Ok((format, server))
}

/// Prints what came of a question.
fn finish(program: &str, outcome: Result<String, Failed>) -> ExitCode {
    match outcome {
        Ok(text) => answer(&text, 0),
        Err(Failed::Usage(error)) => refuse(program, error),
        Err(Failed::Other(line)) => complain(&line, 1),
    }
}

fn instant(call: &ToolCall) -> Result<String, Failed> {
    let (format, server) = begin(call.argument(0).unwrap_or(""), call)?;
    let time = moment(call.get("time"), "evaluation")?.unwrap_or_else(now);
    let query = call.argument(1).unwrap_or("").to_owned();
    let found = server.post("query", &[("query", query), ("time", format_plain(time))])?;
    show::result(&found.data, format).map_err(|text| Failed::Other(format!("query error: {text}")))
}

fn range(call: &ToolCall) -> Result<String, Failed> {
    let (format, server) = begin(call.argument(0).unwrap_or(""), call)?;
    let step = match call.get("step") {
        "" => None,
        text => Some(go_duration(text)?),
    };
    let end = moment(call.get("end"), "end")?.unwrap_or_else(now);
    let start = moment(call.get("start"), "start")?.unwrap_or(end - RANGE_DEFAULT.as_secs_f64());
    if start >= end {
        return Err(Failed::Other("start time is not before end time".to_owned()));
    }
    let step = step.unwrap_or_else(|| ((end - start) / STEPS_DEFAULT).floor().max(1.0));
    let found = server.post(
        "query_range",
        &[
            ("query", call.argument(1).unwrap_or("").to_owned()),
            ("start", format_plain(start)),
            ("end", format_plain(end)),
            ("step", format_plain(step)),
        ],
    )?;
    show::result(&found.data, format).map_err(|text| Failed::Other(format!("query error: {text}")))
}

fn series(call: &ToolCall) -> Result<String, Failed> {
    require(call, &[MATCH.name])?;
    let (format, server) = begin(call.argument(0).unwrap_or(""), call)?;
    let found = server.post("series", &around(call)?)?;
    Ok(show::series(&found.data, format))
}

fn labels(call: &ToolCall) -> Result<String, Failed> {
    let (format, server) = begin(call.argument(0).unwrap_or(""), call)?;
    let name: String = call
        .argument(1)
        .unwrap_or("")
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => (byte as char).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    let Answer { data, warnings } = server.get(&format!("label/{name}/values"), &around(call)?)?;
    for warning in warnings {
        complain(&format!("query warning: {warning}"), 0);
    }
    Ok(show::values(&data, format))
}

/// The parameters of a question for series or labels.
fn around(call: &ToolCall) -> Result<Vec<(&'static str, String)>, Failed> {
    let around = AROUND_NOW.as_secs_f64();
    let start = moment(call.get(START.name), "start")?.unwrap_or_else(|| now() - around);
    let end = moment(call.get(END.name), "end")?.unwrap_or_else(|| now() + around);
    let mut params = vec![("start", format_plain(start)), ("end", format_plain(end))];
    params.extend(call.all(MATCH.name).iter().map(|selector| ("match[]", selector.clone())));
    Ok(params)
}

/// A time of the command line in seconds, `None` where there is none.
fn moment(text: &str, what: &str) -> Result<Option<f64>, Failed> {
    if text.is_empty() {
        return Ok(None);
    }
    match api::parse_time(text) {
        Ok(ms) => Ok(Some(ms as f64 / 1000.0)),
        Err(error) => Err(Failed::Other(format!("error parsing {what} time: {error}"))),
    }
}

/// The present time in seconds.
fn now() -> f64 {
    RealClock::new().now_ms() as f64 / 1000.0
}

/// A duration of the command line, as Go reads it, in seconds.
fn go_duration(text: &str) -> Result<f64, UsageError> {
    let quoted = model::quote::quote(text);
    if let Some(duration) = config::GoDuration::parse(text) {
        return Ok(duration.0.as_secs_f64());
    }
    // Days, weeks and years too, which the original does not take here.
    if let Ok(duration) = parse_duration(text) {
        return Ok(duration.as_secs_f64());
    }
    let digits_only = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let what = if digits_only { "missing unit in duration" } else { "invalid duration" };
    Err(UsageError::Wrong(format!("time: {what} {quoted}")))
}
