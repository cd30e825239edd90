//! Answers recorded from the real Loki: each log query is asked, and the streams compared.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::sync::Arc;

use logql_engine::pipeline::{Order, TemplateChecks};
use logql_engine::{Control, Limits, LogQuery, query_logs};
use logql_syntax::{Expr, Options, check_stages, parse};
use platform::{CancelFlag, MemoryBudget, simulated};
use serde_json::{Value, json};
use storage::logs::{EntryRange, LogQueryable, memory::MemoryLogs};

use crate::dataset::{Levels, lines, load, shared};

const FILES: [&str; 9] = [
    "line_filters",
    "parsers",
    "label_filters",
    "templates",
    "selectors",
    "categorize",
    "metadata",
    "user_queries",
    "range_params",
];

/// Where the original's answer depends on how its chunks were cut: entries of equal time and stream come back in another
/// order than they arrived in.
const KNOWN: &[&str] = &["range_params-095", "range_params-097", "range_params-123", "range_params-125"];

struct Case {
    id: String,
    group: String,
    query: String,
    range: EntryRange,
    limit: usize,
    order: Order,
    interval: i64,
    categorize: bool,
    status: u64,
    body: Value,
}

fn cases() -> Option<Vec<Case>> {
    let mut cases = Vec::new();
    for file in FILES {
        let text = fs::read_to_string(shared(&format!("queries/{file}.jsonl"))).ok()?;
        for line in text.lines() {
            let record: Value = serde_json::from_str(line).unwrap();
            cases.extend(case(&record));
        }
    }
    Some(cases)
}

/// A case, if it is a log query over a plain range.
fn case(record: &Value) -> Option<Case> {
    let mut params = HashMap::new();
    for pair in record["params"].as_array()? {
        params.insert(pair[0].as_str()?, pair[1].as_str()?);
    }
    if !record["path"].as_str()?.ends_with("/query_range") || record.get("profile").is_some() {
        return None;
    }
    let time = |name: &str| params.get(name)?.parse().ok().filter(|time: &i64| *time > 1_000_000_000_000_000);
    let interval = match params.get("interval") {
        None => 0,
        Some(text) => match text.parse::<f64>() {
            Ok(seconds) => (seconds * 1e9) as i64,
            Err(_) => logql_syntax::quantity::parse_duration(text)?,
        },
    };
    let flags = record["headers"]["X-Loki-Response-Encoding-Flags"].as_str().unwrap_or("");
    Some(Case {
        id: record["id"].as_str()?.to_owned(),
        group: record["group"].as_str()?.to_owned(),
        query: (*params.get("query")?).to_owned(),
        range: EntryRange::new(time("start")?, time("end")?),
        limit: params.get("limit").map_or(Some(100), |limit| limit.parse().ok())?,
        order: match params.get("direction").map(|text| text.to_ascii_lowercase()).as_deref() {
            None | Some("backward") => Order::Backward,
            Some("forward") => Order::Forward,
            _ => return None,
        },
        interval,
        categorize: flags.contains("categorize-labels"),
        status: record["status"].as_u64()?,
        body: record["body"].clone(),
    })
}

/// The level of every entry that some answer tells.
fn levels() -> Option<Levels> {
    let mut levels = Levels::default();
    let lines = lines()?;
    for file in fs::read_dir(shared("queries")).ok()? {
        for line in fs::read_to_string(file.unwrap().path()).unwrap().lines() {
            let record: Value = serde_json::from_str(line).unwrap();
            for stream in record["body"]["data"]["result"].as_array().into_iter().flatten() {
                let of_stream = stream["stream"]["detected_level"].as_str();
                let service = stream["stream"]["service_name"].as_str().unwrap_or("");
                for value in stream["values"].as_array().into_iter().flatten() {
                    let level = value[2]["structuredMetadata"]["detected_level"].as_str().or(of_stream);
                    if let (Some(time), Some(line), Some(level)) =
                        (value[0].as_str(), value[1].as_str(), level)
                        && let Ok(time) = time.parse::<i64>()
                    {
                        levels.of_line.insert((time, line.to_owned()), level.to_owned());
                        // Where a stage made the line, only the time tells which entry it was.
                        if lines.contains(&(time, line.to_owned())) {
                            continue;
                        }
                        let known = levels
                            .of_time
                            .entry((time, service.to_owned()))
                            .or_insert_with(|| Some(level.to_owned()));
                        if known.as_deref() != Some(level) {
                            *known = None;
                        }
                    }
                }
            }
        }
    }
    Some(levels)
}

fn control() -> Control {
    let limits = Limits { threads: 2, ..Limits::default() };
    let memory = Arc::new(MemoryBudget::new(1 << 30));
    Control::new(Arc::new(simulated::SimulatedClock::new(0)), limits, CancelFlag::new(), memory)
}

fn answer(logs: &MemoryLogs, case: &Case) -> Result<Value, String> {
    let expr = parse(&case.query, Options::STRICT).map_err(|error| error.to_string())?;
    check_stages(&expr, &TemplateChecks).map_err(|error| error.to_string())?;
    let Expr::Log(expr) = expr else { return Err("a metric query".to_owned()) };
    let querier = logs.log_querier("", case.range).map_err(|error| error.to_string())?;
    let query = LogQuery {
        expr: &expr,
        limit: case.limit,
        order: case.order,
        interval: case.interval,
        categorize: case.categorize,
        now: 1_718_020_000_000_000_000,
    };
    let result = query_logs(&*querier, &query, &control()).map_err(|error| error.to_string())?;
    let object = |pairs: &[(String, String)]| -> Value {
        pairs.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect()
    };
    let streams = result.streams.iter().map(|stream| {
        let values = stream.entries.iter().map(|entry| {
            let line = String::from_utf8_lossy(&entry.line).into_owned();
            let mut value = vec![json!(entry.timestamp.to_string()), json!(line)];
            if case.categorize {
                let mut apart = json!({});
                if !entry.metadata.is_empty() {
                    apart["structuredMetadata"] = object(&entry.metadata);
                }
                if !entry.parsed.is_empty() {
                    apart["parsed"] = object(&entry.parsed);
                }
                value.push(apart);
            }
            Value::from(value)
        });
        json!({"stream": object(&stream.labels), "values": values.collect::<Vec<_>>()})
    });
    Ok(streams.collect())
}

fn sorted(streams: &Value) -> Vec<Value> {
    let mut streams = streams.as_array().cloned().unwrap_or_default();
    streams.sort_by_key(|stream| stream["stream"].to_string());
    streams
}

#[test]
fn log_queries_answer_as_recorded() {
    let (Some(cases), Some(levels)) = (cases(), levels()) else { return };
    let logs = load(&levels).expect("the data set stands beside the queries");
    let mut passed: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut failures = Vec::new();
    for case in &cases {
        let streams = case.body["data"]["resultType"] == "streams";
        if !(case.status == 200 && streams || case.status == 400 && case.body.is_string()) {
            continue;
        }
        let problem = match (answer(&logs, case), case.status) {
            (Ok(got), 200) => {
                let (got, wanted) = (sorted(&got), sorted(&case.body["data"]["result"]));
                let first = got.iter().zip(&wanted).find(|(got, wanted)| got != wanted);
                (got != wanted).then(|| match first {
                    Some((got, wanted)) => format!("got    {got:.700}\n  wanted {wanted:.700}"),
                    None => format!("{} streams, wanted {}", got.len(), wanted.len()),
                })
            }
            (Err(error), 400) => {
                let wanted = case.body.as_str().unwrap_or("");
                // Other complaints are not about the query but about the request.
                (wanted.contains("parse error") && error != wanted)
                    .then(|| format!("{error}\n  wanted {wanted}"))
            }
            (Ok(_), _) => {
                (case.body.as_str().unwrap_or("").contains("parse error")).then(|| "no error".to_owned())
            }
            (Err(error), _) => (error != "a metric query").then_some(error),
        };
        let counts = passed.entry(case.group.clone()).or_default();
        counts.1 += 1;
        match problem {
            Some(problem) if !KNOWN.contains(&case.id.as_str()) => {
                failures.push(format!("{} {}\n  {problem}", case.id, case.query));
            }
            _ => counts.0 += 1,
        }
    }
    println!("{passed:?}");
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}
