//! `delete create`, `delete list`, `delete cancel`.

use http::Method;
use serde_json::Value;

use super::ask::{Loki, span};
use super::flags::{self, flags};
use crate::answer;
use crate::cli::tool::{Tool, ToolArgument, ToolCall, switch, value};

const SECOND: i64 = 1_000_000_000;
const PATH: &str = "delete";

pub(super) const CREATE: Tool = Tool {
    name: "delete create",
    about: "Delete the entries of a LogQL query in a span of time.",
    flags: flags![
        flags::SINCE,
        flags::FROM,
        flags::TO,
        value(
            "max-interval",
            "",
            "The longest span that is worked on at once, for queries with line filters."
        ),
    ],
    arguments: &[ToolArgument { name: "query", required: true, help: "The query." }],
};

pub(super) const LIST: Tool =
    Tool { name: "delete list", about: "List delete requests.", flags: flags![], arguments: &[] };

pub(super) const CANCEL: Tool = Tool {
    name: "delete cancel",
    about: "Take a delete request back.",
    flags: flags![
        value("request-id", "", "The request."),
        switch("force", "Also where a part of it is done already."),
    ],
    arguments: &[],
};

/// Sends a request; unlike other times, those of one have whole seconds.
pub(super) fn create(call: &ToolCall) -> Result<(), String> {
    let (start, end) = span(call)?;
    let mut params = vec![
        ("query", call.argument(0).unwrap_or_default().to_owned()),
        ("start", start.div_euclid(SECOND).to_string()),
        ("end", end.div_euclid(SECOND).to_string()),
    ];
    if !call.get("max-interval").is_empty() {
        params.push(("max_interval", call.get("max-interval").to_owned()));
    }
    Loki::new(call)?.send(Method::POST, PATH, &params)?;
    answer("Delete request created successfully\n", 0);
    Ok(())
}

pub(super) fn list(call: &ToolCall) -> Result<(), String> {
    let found = Loki::new(call)?.get(PATH, &[])?;
    match found.as_array().map(Vec::as_slice) {
        None | Some([]) => answer("No delete requests found\n", 0),
        Some(requests) if call.get(flags::OUTPUT.name) == "jsonl" => {
            answer(&requests.iter().map(|request| format!("{request}\n")).collect::<String>(), 0)
        }
        Some(requests) => answer(&requests.iter().map(shown).collect::<String>(), 0),
    };
    Ok(())
}

/// A request on a line: its name, how far it has come, its span, its query.
fn shown(request: &Value) -> String {
    let text = |key: &str| request[key].as_str().unwrap_or_default().to_owned();
    let time = |key: &str| {
        let ms = (request[key].as_f64().unwrap_or_default() * 1000.0).round() as i64;
        jiff::Timestamp::from_millisecond(ms).map(|time| time.to_string()).unwrap_or_default()
    };
    format!(
        "{}\t{}\t{} - {}\t{}\n",
        text("request_id"),
        text("status"),
        time("start_time"),
        time("end_time"),
        text("query")
    )
}

pub(super) fn cancel(call: &ToolCall) -> Result<(), String> {
    let id = call.get("request-id");
    if id.is_empty() {
        return Err("required flag --request-id not provided".to_owned());
    }
    let params = [("request_id", id.to_owned()), ("force", call.is_on("force").to_string())];
    Loki::new(call)?.send(Method::DELETE, PATH, &params)?;
    answer("Delete request canceled successfully\n", 0);
    Ok(())
}
