//! What is done at once: samples, queries of them, lines, queries of those, alerts.

use std::time::Duration;

use platform::Clock;

use super::load::Load;
use crate::alerts::Storm;
use crate::flags::Given;
use crate::http::Url;
use crate::logs::{self, Form, PushSettings};
use crate::meter::{ALERTS, LINES, LOG_QUERIES, QUERIES, SAMPLES};
use crate::push::{self, Sender, Version};
use crate::queries::{ALL_STREAMS, Client, LOG_SET, Language, NODE_SET, Query, parse_set};
use crate::{Error, fleet};

/// A minute between two posts of the same alerts.
const ALERTS_EVERY: Duration = Duration::from_secs(60);
/// Agents send what they have once a second.
const LINES_EVERY: Duration = Duration::from_secs(1);
/// Bytes of lines in a request at most: agents' own bound.
const LINES_REQUEST_BYTES: usize = 1 << 20;
/// Entries of an answer at most.
const LOG_QUERY_LIMIT: u64 = 1000;

/// Everything that the flags ask for.
pub(super) fn all<'a>(given: &Given, clock: &'a dyn Clock) -> Result<Vec<Load<'a>>, Error> {
    let mut loads = samples(given, clock)?;
    let asked = Asked { language: Language::Metrics, name: QUERIES.count, flag: "readers", set: NODE_SET };
    loads.extend(readers(&asked, given, clock)?);
    if given.number::<u64>("log-bytes")? > 0 {
        loads.push(lines(given, clock)?);
        let set = LOG_SET.replace("$SELECTOR", ALL_STREAMS);
        let asked =
            Asked { language: Language::Logs, name: LOG_QUERIES.count, flag: "log-readers", set: &set };
        loads.extend(readers(&asked, given, clock)?);
    }
    if !given.text("alerts-url").is_empty() {
        loads.push(alerts(given, clock)?);
    }
    Ok(loads)
}

/// A fleet's samples over remote write, every series once in an interval.
fn samples<'a>(given: &Given, clock: &dyn Clock) -> Result<Vec<Load<'a>>, Error> {
    let interval = Duration::from_secs(given.number::<u64>("interval")?.max(1));
    let settings = push::Settings {
        url: Url::of(given.required("url")?)?.join("/api/v1/write").to_string(),
        fleet: fleet::Settings::of(given)?,
        scrapes: 0,
        interval_ms: interval.as_millis() as i64,
        end_ms: None,
        connections: given.number("connections")?,
        batch: given.number("batch")?,
        version: Version::V1,
    };
    let senders = Sender::all(&settings, &Url::of(&settings.url)?, clock.now_ms())?;
    let load = |mut sender: Sender| {
        let series = sender.series() as u64;
        Load::new(SAMPLES.count, interval, move |turn| sender.push(turn).map(|()| series))
    };
    Ok(senders.into_iter().map(load).collect())
}

/// Lines of the last second, every second.
fn lines<'a>(given: &Given, clock: &'a dyn Clock) -> Result<Load<'a>, Error> {
    let mut corpus = logs::Settings {
        bytes: given.number("log-bytes")?,
        streams: given.number("streams")?,
        seed: given.number("seed")?,
        end_ms: 0,
        span: LINES_EVERY,
    };
    let mut sender = logs::Sender::open(&PushSettings {
        url: Url::of(given.required("url")?)?.join("/loki/api/v1/push").to_string(),
        corpus,
        form: Form::Protobuf,
        connections: 1,
        batch_bytes: LINES_REQUEST_BYTES,
        tenant: None,
    })?;
    Ok(Load::new(LINES.count, LINES_EVERY, move |_| {
        // Other lines in each turn.
        corpus.seed += 1;
        corpus.end_ms = clock.now_ms();
        sender.push(corpus)
    }))
}

/// Whose queries are asked, and how many readers ask them.
struct Asked<'s> {
    language: Language,
    name: &'static str,
    flag: &'static str,
    set: &'s str,
}

/// Readers that ask one query after the other of the last hour.
fn readers<'a>(asked: &Asked<'_>, given: &Given, clock: &'a dyn Clock) -> Result<Vec<Load<'a>>, Error> {
    let queries: Vec<Query> = parse_set(asked.set)?;
    let pause = Duration::from_millis(given.number("pause-ms")?);
    let limit = if asked.language == Language::Logs { LOG_QUERY_LIMIT } else { 0 };
    let reader = |reader: u64| {
        let mut client = Client::new(given.required("url")?, asked.language, 0, limit)?;
        let queries = queries.clone();
        Ok(Load::new(asked.name, pause, move |turn| {
            client.set_end(clock.now_ms());
            // Readers do not all ask the same at the same time.
            let at = (turn + reader * 7) as usize % queries.len().max(1);
            queries.get(at).map_or(Ok(0), |query| client.ask(query).map(|_| 1))
        }))
    };
    (0..given.number::<u64>(asked.flag)?).map(reader).collect()
}

/// A storm that is posted again each minute.
fn alerts<'a>(given: &Given, clock: &'a dyn Clock) -> Result<Load<'a>, Error> {
    let of = (given.number("alerts")?, given.number::<usize>("groups")?.max(1));
    let mut storm = Storm::new(given.text("alerts-url"), of, 256, clock)?;
    Ok(Load::new(ALERTS.count, ALERTS_EVERY, move |_| storm.post(clock).map(|_| storm.len() as u64)))
}
