//! Sets of queries.

use platform::FileSystem;
use platform::real::RealFileSystem;

use super::Language;
use crate::Error;
use crate::flags::Given;

/// What dashboards and rules ask of the fleet that `metrics-push` and `scrape` make.
pub(crate) const NODE_SET: &str = include_str!("node.queries");
/// What is asked of logs; `$SELECTOR` stands for the streams.
pub(crate) const LOG_SET: &str = include_str!("logs.queries");

/// More is no file of queries.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// A query, and the times that it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// The times that a query is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    /// The end alone.
    Instant,
    /// So many seconds up to the end, in steps of so many.
    Range(u64, u64),
}

impl Query {
    /// The number of times.
    pub(crate) fn steps(&self) -> u64 {
        match self.span {
            Span::Instant => 1,
            Span::Range(range, step) => range / step.max(1) + 1,
        }
    }

    /// The query with its span, as it stands in a set.
    pub(crate) fn line(&self) -> String {
        match self.span {
            Span::Instant => format!("instant {}", self.text),
            Span::Range(range, step) => format!("{}/{} {}", shown(range), shown(step), self.text),
        }
    }
}

/// The queries that the flags say.
pub(super) fn of(language: Language, given: &Given) -> Result<Vec<Query>, Error> {
    let text = match (given.list("query"), given.text("set"), language) {
        ([], "", Language::Metrics) => NODE_SET.to_owned(),
        ([], "", Language::Logs) => LOG_SET.to_owned(),
        ([], file, _) => {
            let bytes = RealFileSystem.read(file.as_ref(), FILE_BYTES_MAX).map_err(Error::io(file))?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        (lines, ..) => lines.join("\n"),
    };
    let text =
        if language == Language::Logs { text.replace("$SELECTOR", given.text("selector")) } else { text };
    parse_set(&text)
}

/// Reads a set: a query on each line, empty ones and comments aside.
pub(crate) fn parse_set(text: &str) -> Result<Vec<Query>, Error> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let queries: Result<Vec<Query>, Error> = lines
        .map(|line| {
            parse(line)
                .ok_or_else(|| Error::Usage(format!("{line}: expected `instant` or RANGE/STEP, and a query")))
        })
        .collect();
    queries.and_then(|all| {
        if all.is_empty() { Err(Error::Usage("no query in the set".to_owned())) } else { Ok(all) }
    })
}

fn parse(line: &str) -> Option<Query> {
    let (span, text) = line.split_once(char::is_whitespace)?;
    let span = match span.split_once('/') {
        None if span == "instant" => Span::Instant,
        None => return None,
        Some((range, step)) => Span::Range(seconds(range)?, seconds(step).filter(|step| *step > 0)?),
    };
    Some(Query { text: text.trim().to_owned(), span })
}

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];

fn seconds(text: &str) -> Option<u64> {
    UNITS
        .iter()
        .find_map(|(unit, seconds)| text.strip_suffix(*unit)?.parse::<u64>().ok()?.checked_mul(*seconds))
}

fn shown(seconds: u64) -> String {
    let unit = UNITS.iter().find(|(_, of)| seconds.is_multiple_of(*of));
    unit.map_or_else(String::new, |(unit, of)| format!("{}{unit}", seconds / of))
}
