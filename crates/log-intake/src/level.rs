//! The level of an entry.
//!
//! It is looked for in this order: a label of the stream, a key of structured metadata, the number of the severity
//! that OpenTelemetry gives, a field of the line, words of the line. What a label or structured metadata say is taken
//! over as it is written; what stands in a line is one of the levels known here.

mod field;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::limits::{LEVEL_FIELDS, LevelRules, Limits};
use crate::line::{Form, form_of, json_field, logfmt_field};
pub(crate) use field::level_of;

/// The key under which the level stands in structured metadata.
pub(crate) const DETECTED_LEVEL: &str = "detected_level";
/// The level of an entry that tells none.
const UNKNOWN: &str = "unknown";
/// Bytes of a line that are searched: who writes more than this before its level has none.
const SEARCHED_BYTES_MAX: usize = 64 << 10;

/// How levels are found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Levels<'r> {
    rules: &'r LevelRules,
    /// Whether the fields are those that lines are searched for in any case.
    searches_fields: bool,
}

impl<'r> Levels<'r> {
    /// The rules of a tenant whose levels are looked for.
    pub(crate) fn of(limits: &'r Limits) -> Option<Self> {
        limits.levels.as_ref().filter(|_| limits.metadata.is_some()).map(Self::new)
    }

    pub(crate) fn new(rules: &'r LevelRules) -> Self {
        Self { rules, searches_fields: rules.fields == LEVEL_FIELDS }
    }

    /// The level of an entry whose stream tells none.
    pub(crate) fn detect<'a>(&self, metadata: &[(&str, &'a str)], line: &[u8]) -> &'a str {
        let value = |name: &str| metadata.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        let level = self.rules.fields.iter().find_map(|name| value(name));
        if let Some(level) = level.filter(|level| !level.is_empty()) {
            return level;
        }
        if let Some(number) = value("severity_number") {
            return level_of_severity(number);
        }
        self.of_line(line)
    }

    /// The level that a line tells.
    fn of_line(&self, line: &[u8]) -> &'static str {
        let (has_field, of_words) = search(line);
        let field = match form_of(line) {
            // Most lines have no such field: to know it takes less than to read them.
            _ if self.searches_fields && !has_field => None,
            Form::Json => json_field(line, &self.rules.fields, self.rules.json_depth),
            Form::Logfmt => logfmt_field(line, &self.rules.fields),
            Form::Text => None,
        };
        field.and_then(level_of).unwrap_or(of_words)
    }
}

/// The level of a number of severity.
fn level_of_severity(number: &str) -> &'static str {
    match number.parse::<i64>() {
        Ok(0) => UNKNOWN,
        Ok(1..=4) => "trace",
        Ok(5..=8) => "debug",
        Ok(9..=12) => "info",
        Ok(13..=16) => "warn",
        Ok(17..=20) => "error",
        Ok(21..=24) => "fatal",
        Ok(_) => UNKNOWN,
        Err(_) => "info",
    }
}

/// Words that tell a level, by the level that counts first. Case is as it is written: all small or all large.
const WORDS: [(&str, &[&str]); 5] = [
    ("info", &["info", "INFO"]),
    ("error", &["err:", "ERR:", "error", "ERROR"]),
    ("warn", &["warn:", "WARN:", "warning", "WARNING"]),
    ("critical", &["critical:", "CRITICAL:"]),
    ("debug", &["debug:", "DEBUG:"]),
];

/// All words and the usual fields, to be found in one pass, and for each word the position of its level.
static FINDER: LazyLock<Option<(AhoCorasick, Vec<Option<usize>>)>> = LazyLock::new(|| {
    let words = WORDS.iter().enumerate();
    let words = words.flat_map(|(rank, (_, words))| words.iter().map(move |word| (*word, Some(rank))));
    let texts = words.chain(LEVEL_FIELDS.map(|field| (field, None)));
    let (texts, ranks): (Vec<&str>, Vec<Option<usize>>) = texts.unzip();
    // Only this kind is searched with vector instructions; none of the texts begins within another.
    let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(texts).ok()?;
    Some((finder, ranks))
});

/// Whether a line has the name of a usual field somewhere, and the level that its words tell.
fn search(line: &[u8]) -> (bool, &'static str) {
    let Some((finder, ranks)) = &*FINDER else { return (true, UNKNOWN) };
    let line = line.get(..SEARCHED_BYTES_MAX).unwrap_or(line);
    let mut best = WORDS.len();
    let mut has_field = false;
    for found in finder.find_iter(line) {
        match ranks.get(found.pattern().as_usize()).copied().flatten() {
            Some(rank) => best = best.min(rank),
            None => has_field = true,
        }
    }
    (has_field, WORDS.get(best).map_or(UNKNOWN, |(level, _)| level))
}
