//! `alert query|add`, `config show` and `cluster show`.

use std::process::ExitCode;

use serde_json::{Map, Value, json};

use super::failed;
use super::flags::{DATE_FORMAT, OUTPUT, flags};
use super::routes::parse_labels;
use super::server::Alertmanager;
use super::silences::{filters, read_matchers, text_at};
use super::table::{Table, time_shown};
use crate::answer;
use crate::cli::tool::{Tool, ToolArgument, ToolCall, ToolFlag, list, switch, value};

const ACTIVE: ToolFlag = switch("active", "Show active alerts.").or('a');
const INHIBITED: ToolFlag = switch("inhibited", "Show inhibited alerts.").or('i');
const SILENCED: ToolFlag = switch("silenced", "Show silenced alerts.").or('s');
const UNPROCESSED: ToolFlag = switch("unprocessed", "Show unprocessed alerts.").or('u');
const RECEIVER: ToolFlag =
    value("receiver", "", "Show alerts matching receiver (Supports regex syntax).").or('r');
const GENERATOR: ToolFlag = value("generator-url", "", "Set the URL of the source that generated the alert.");
const START: ToolFlag = value("start", "", "Set when the alert should start. RFC3339.");
const END: ToolFlag = value("end", "", "Set when the alert should should end. RFC3339.");
const ANNOTATION: ToolFlag = list("annotation", "", "Set an annotation to be included with the alert.");

pub(super) const QUERY: Tool = Tool {
    name: "alert query",
    about: "View and search through current alerts.",
    flags: flags!(ACTIVE, INHIBITED, SILENCED, UNPROCESSED, RECEIVER),
    arguments: &[ToolArgument { name: "matcher-groups...", required: false, help: "Query filter." }],
};
pub(super) const ADD: Tool = Tool {
    name: "alert add",
    about: "Add a new alert.",
    flags: flags!(GENERATOR, START, END, ANNOTATION),
    arguments: &[ToolArgument {
        name: "labels...",
        required: false,
        help: "List of labels to be included with the alert.",
    }],
};
pub(super) const SHOW: Tool =
    Tool { name: "config show", about: "View the running config.", flags: flags!(), arguments: &[] };
pub(super) const CLUSTER: Tool =
    Tool { name: "cluster show", about: "View cluster status and peers.", flags: flags!(), arguments: &[] };

fn finish(program: &str, outcome: Result<String, String>) -> ExitCode {
    match outcome {
        Ok(text) => answer(&text, 0),
        Err(error) => failed(program, error),
    }
}

pub(super) fn query(program: &str, call: &ToolCall) -> ExitCode {
    finish(program, query_text(call))
}

fn query_text(call: &ToolCall) -> Result<String, String> {
    let mut matchers = read_matchers(call.arguments())?;
    matchers.sort();
    let flags = [ACTIVE, INHIBITED, SILENCED, UNPROCESSED];
    // Without a wish only active ones are shown.
    let any = flags.iter().any(|flag| call.is_on(flag.name));
    let mut query = form_urlencoded::Serializer::new(filters(&matchers));
    for flag in flags {
        let on = call.is_on(flag.name) || !any && flag.name == ACTIVE.name;
        query.append_pair(flag.name, if on { "true" } else { "false" });
    }
    if !call.get(RECEIVER.name).is_empty() {
        query.append_pair("receiver", call.get(RECEIVER.name));
    }
    let alerts = Alertmanager::new(call)?.get(&format!("alerts?{}", query.finish()))?;
    let mut alerts = alerts.as_array().cloned().unwrap_or_default();
    Ok(match call.get(OUTPUT.name) {
        "json" => format!("{}\n", Value::from(alerts)),
        output => {
            alerts.sort_by_cached_key(|alert| text_at(alert, "/startsAt").parse::<jiff::Timestamp>().ok());
            table(&alerts, output == "extended", call.get(DATE_FORMAT.name))
        }
    })
}

fn table(alerts: &[Value], is_extended: bool, layout: &str) -> String {
    let mut table = Table::new(if is_extended {
        &["Labels", "Annotations", "Starts At", "Ends At", "Generator URL", "State"]
    } else {
        &["Alertname", "Starts At", "Summary", "State"]
    });
    for alert in alerts {
        let pairs = |key: &str| {
            let pairs = alert.get(key).and_then(Value::as_object).into_iter().flatten();
            let shown = pairs.map(|(name, value)| format!("{name}={value}"));
            shown.collect::<Vec<_>>().join(" ")
        };
        let time = |path: &str| time_shown(text_at(alert, path), layout);
        let state = text_at(alert, "/status/state").to_owned();
        table.row(if is_extended {
            let url = text_at(alert, "/generatorURL").to_owned();
            vec![pairs("labels"), pairs("annotations"), time("/startsAt"), time("/endsAt"), url, state]
        } else {
            let name = text_at(alert, "/labels/alertname").to_owned();
            vec![name, time("/startsAt"), text_at(alert, "/annotations/summary").to_owned(), state]
        });
    }
    table.text()
}

pub(super) fn add(program: &str, call: &ToolCall) -> ExitCode {
    finish(program, add_text(call))
}

fn add_text(call: &ToolCall) -> Result<String, String> {
    let mut arguments = call.arguments().to_vec();
    if let Some(first) = arguments.first_mut().filter(|first| !first.contains('=')) {
        *first = format!("alertname={}", model::quote::quote(first));
    }
    let texts = |arguments: &[String]| -> Result<Map<String, Value>, String> {
        let labels = parse_labels(arguments)?;
        Ok(labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect())
    };
    let given: Vec<String> =
        call.all(ANNOTATION.name).iter().filter(|text| !text.is_empty()).cloned().collect();
    let mut alert = json!({
        "labels": texts(&arguments)?,
        "annotations": texts(&given)?,
        "generatorURL": call.get(GENERATOR.name),
    });
    for (flag, key) in [(START, "startsAt"), (END, "endsAt")] {
        if let (false, Some(object)) = (call.get(flag.name).is_empty(), alert.as_object_mut()) {
            object.insert(key.into(), Value::from(call.get(flag.name)));
        }
    }
    Alertmanager::new(call)?.post("alerts", &json!([alert]))?;
    Ok(String::new())
}

pub(super) fn show(program: &str, call: &ToolCall) -> ExitCode {
    let outcome = || {
        let status = Alertmanager::new(call)?.get("status")?;
        Ok(match call.get(OUTPUT.name) {
            "json" => format!("{status}\n"),
            _ => format!("{}\n", text_at(&status, "/config/original")),
        })
    };
    finish(program, outcome())
}

pub(super) fn cluster(program: &str, call: &ToolCall) -> ExitCode {
    let outcome = || {
        let status = Alertmanager::new(call)?.get("status")?;
        let cluster = status.get("cluster").cloned().unwrap_or_default();
        Ok(match call.get(OUTPUT.name) {
            "json" => format!("{cluster}\n"),
            output => {
                let (name, status) = (text_at(&cluster, "/name"), text_at(&cluster, "/status"));
                let mut text = format!("Cluster Status:  {status}\nNode Name:       {name}\n");
                if output == "extended" {
                    let mut peers = Table::new(&["Address", "Name"]);
                    for peer in cluster.get("peers").and_then(Value::as_array).into_iter().flatten() {
                        peers.row(["/address", "/name"].map(|path| text_at(peer, path).to_owned()).into());
                    }
                    text.push_str(&format!("\n{}", peers.text()));
                }
                text
            }
        })
    };
    finish(program, outcome())
}
