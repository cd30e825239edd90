//! The alerts, and who posts them.

use std::ops::Range;

use platform::Clock;
use serde_json::json;

use crate::Error;
use crate::flags::Given;
use crate::http::{Connection, Url};
use crate::latency::Latencies;

/// Alerts in bodies as Prometheus sends them; the ends are put in when they are posted.
pub(crate) struct Storm {
    connection: Connection,
    bodies: Vec<Body>,
    alerts: usize,
}

struct Body {
    text: Vec<u8>,
    /// Where the ends of alerts stand.
    ends: Vec<Range<usize>>,
}

/// What stands where an end is put.
const END: &str = "2000-01-01T00:00:00.000Z";
/// An alert that is not posted again is over after so long.
const LASTS_MS: i64 = 300_000;

impl Storm {
    /// The alerts that the flags say, and a connection for them.
    pub(crate) fn of(given: &Given, clock: &dyn Clock) -> Result<Self, Error> {
        let (alerts, groups): (usize, usize) = (given.number("alerts")?, given.number("groups")?);
        let batch: usize = given.number("batch")?;
        Self::new(given.required("url")?, (alerts, groups.max(1)), batch.max(1), clock)
    }

    /// So many alerts in so many groups.
    pub(crate) fn new(
        url: &str,
        (alerts, groups): (usize, usize),
        batch: usize,
        clock: &dyn Clock,
    ) -> Result<Self, Error> {
        let start = stamp(clock.now_ms());
        let made = |number: usize| {
            json!({
                "labels": {
                    "alertname": "HighLatency", "service": format!("service-{}", number % groups),
                    "instance": format!("10.0.{}.{}:9100", number / 256, number % 256), "job": "node",
                    "cluster": "eu-west-1", "severity": "warning", "n": number.to_string(),
                },
                "annotations": {
                    "summary": format!("latency of instance {number} is high"),
                    "description": "The 99th percentile of request latency has been above 500 ms for ten minutes.",
                    "runbook_url": "https://runbooks.example.com/HighLatency",
                },
                "startsAt": start, "endsAt": END,
                "generatorURL": "http://prometheus.example.com/graph?g0.expr=latency&g0.tab=1",
            })
        };
        let bodies = (0..alerts).step_by(batch).map(|first| {
            let all: Vec<_> = (first..alerts.min(first + batch)).map(made).collect();
            let text = serde_json::Value::from(all).to_string();
            let ends = text.match_indices(END).map(|(at, _)| at..at + END.len()).collect();
            Body { text: text.into_bytes(), ends }
        });
        let bodies = bodies.collect();
        Ok(Self { connection: Connection::to(&Url::of(url)?.join("/api/v2/alerts"))?, bodies, alerts })
    }

    /// The number of alerts.
    pub(crate) fn len(&self) -> usize {
        self.alerts
    }

    /// Posts all alerts; how long each request took.
    pub(crate) fn post(&mut self, clock: &dyn Clock) -> Result<Latencies, Error> {
        let end = stamp(clock.now_ms() + LASTS_MS);
        let mut took = Latencies::default();
        for body in &mut self.bodies {
            for range in &body.ends {
                if let Some(place) = body.text.get_mut(range.clone()) {
                    place.copy_from_slice(end.as_bytes());
                }
            }
            let before = clock.monotonic();
            self.connection.hand_over(&[("Content-Type", "application/json")], &body.text)?;
            took.add(clock.monotonic().saturating_sub(before));
        }
        Ok(took)
    }
}

/// Posts an alert of a new group.
pub(super) fn post_probe(url: &str, service: &str, clock: &dyn Clock) -> Result<(), Error> {
    let now = clock.now_ms();
    let labels = json!({"alertname": "Probe", "probe": "yes", "service": service});
    let body =
        json!([{"labels": labels, "startsAt": stamp(now), "endsAt": stamp(now + LASTS_MS)}]).to_string();
    let mut connection = Connection::to(&Url::of(url)?.join("/api/v2/alerts"))?;
    connection.hand_over(&[("Content-Type", "application/json")], body.as_bytes())
}

/// A time as RFC 3339 has it, always of the same length from the year 0 to 9999.
pub(super) fn stamp(ms: i64) -> String {
    let seconds = jiff::Timestamp::from_second(ms.div_euclid(1000)).unwrap_or_default();
    format!("{}.{:03}Z", seconds.strftime("%Y-%m-%dT%H:%M:%S"), ms.rem_euclid(1000))
}
