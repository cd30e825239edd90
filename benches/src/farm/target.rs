//! A machine that is scraped.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::fleet::{self, Values};

/// A machine that is scraped.
pub(super) struct Target {
    place: usize,
    /// How many machines stood in its place before it, and how many places there are.
    before: usize,
    places: usize,
    fleet: fleet::Settings,
    /// The text in front of each value: comments where a metric begins, name and labels.
    heads: Vec<String>,
    values: Vec<Values>,
    scrapes: u64,
    /// What it said last, and when.
    body: Arc<str>,
    tick: Option<u64>,
}

/// What whoever scrapes adds of itself.
pub(super) const NOT_EXPOSED: [&str; 4] = ["__name__", "cluster", "instance", "job"];

impl Target {
    pub(super) fn new(place: usize, series: &[fleet::Series], fleet: fleet::Settings) -> Self {
        let mut target = Self {
            place,
            before: 0,
            places: 1,
            fleet,
            heads: Vec::new(),
            values: Vec::new(),
            scrapes: 0,
            body: Arc::from(""),
            tick: None,
        };
        target.fill(series);
        target
    }

    /// The target as one of so many.
    pub(super) fn of(self, places: usize) -> Self {
        Self { places, ..self }
    }

    fn fill(&mut self, series: &[fleet::Series]) {
        self.heads.clear();
        self.values.clear();
        let mut last = "";
        // The series of a metric stand together.
        let mut named: Vec<(&str, &fleet::Series)> =
            series.iter().map(|series| (name_of(series), series)).collect();
        named.sort_by_key(|(name, _)| *name);
        for (name, series) in named {
            if name == "up" || name.starts_with("scrape_") {
                continue;
            }
            let mut head = String::new();
            if name != last {
                let is_counter =
                    ["_total", "_bucket", "_sum", "_count"].iter().any(|end| name.ends_with(end));
                let kind = if is_counter { "counter" } else { "gauge" };
                head = format!("# HELP {name} What the machine says of it.\n# TYPE {name} {kind}\n");
                last = name;
            }
            head.push_str(name);
            let exposed = series.labels.iter().filter(|(name, _)| !NOT_EXPOSED.contains(name));
            let labels: Vec<String> = exposed.map(|(name, value)| format!("{name}={value:?}")).collect();
            if labels.is_empty() {
                head.push(' ');
            } else {
                head.push_str(&format!("{{{}}} ", labels.join(",")));
            }
            self.heads.push(head);
            self.values.push(series.values());
        }
    }

    /// What it says at a tick of the clock, and how many samples that is; the same at the same tick.
    pub(super) fn at(&mut self, tick: u64) -> (Arc<str>, u64) {
        if self.tick != Some(tick) {
            self.tick = Some(tick);
            self.next();
        }
        (Arc::clone(&self.body), self.values.len() as u64)
    }

    fn next(&mut self) {
        if self.fleet.churn.replaces(self.place, self.scrapes, self.fleet.seed) {
            self.before += 1;
            let other = self.fleet.machine(self.place + self.before * self.places);
            self.fill(&other);
        }
        let mut body = String::with_capacity(self.body.len());
        for (head, values) in self.heads.iter().zip(&mut self.values) {
            body.push_str(head);
            // Text takes everything.
            let _ = writeln!(body, "{}", values.next(self.scrapes));
        }
        self.body = body.into();
        self.scrapes += 1;
    }
}

fn name_of(series: &fleet::Series) -> &str {
    let name = series.labels.iter().find(|(name, _)| *name == "__name__");
    name.map_or("", |(_, value)| value.as_str())
}
