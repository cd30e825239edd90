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

use crate::limits::LevelRules;
use crate::line::{Form, form_of, json_field, logfmt_field};
pub(crate) use field::level_of;

/// The key under which the level stands in structured metadata.
pub(crate) const DETECTED_LEVEL: &str = "detected_level";
/// The level of an entry that tells none.
const UNKNOWN: &str = "unknown";
/// Bytes of a line that are searched: who writes more than this before its level has none.
const SEARCHED_BYTES_MAX: usize = 64 << 10;

/// The level of an entry whose stream tells none.
pub(crate) fn detect<'a>(rules: &LevelRules, metadata: &[(&str, &'a str)], line: &[u8]) -> &'a str {
    let value = |name: &str| metadata.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
    if let Some(level) = rules.fields.iter().find_map(|name| value(name)).filter(|level| !level.is_empty()) {
        return level;
    }
    if let Some(number) = value("severity_number") {
        return level_of_severity(number);
    }
    of_line(rules, line)
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

/// The level that a line tells.
fn of_line(rules: &LevelRules, line: &[u8]) -> &'static str {
    let field = match form_of(line) {
        Form::Json => json_field(line, &rules.fields, rules.json_depth),
        Form::Logfmt => logfmt_field(line, &rules.fields),
        Form::Text => None,
    };
    match field.and_then(level_of) {
        Some(level) => level,
        None => of_words(line),
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

/// All words, to be found in one pass, and for each the position of its level.
static FINDER: LazyLock<Option<(AhoCorasick, Vec<usize>)>> = LazyLock::new(|| {
    let words = || {
        WORDS.iter().enumerate().flat_map(|(rank, (_, words))| words.iter().map(move |word| (rank, *word)))
    };
    // Only this kind is searched with vector instructions; no word begins within another.
    let mut builder = AhoCorasick::builder();
    let finder = builder.match_kind(MatchKind::LeftmostFirst).build(words().map(|(_, word)| word)).ok()?;
    Some((finder, words().map(|(rank, _)| rank).collect()))
});

fn of_words(line: &[u8]) -> &'static str {
    let Some((finder, ranks)) = &*FINDER else { return UNKNOWN };
    let line = line.get(..SEARCHED_BYTES_MAX).unwrap_or(line);
    let mut best = WORDS.len();
    for found in finder.find_iter(line) {
        best = best.min(ranks.get(found.pattern().as_usize()).copied().unwrap_or(best));
        if best == 0 {
            break;
        }
    }
    WORDS.get(best).map_or(UNKNOWN, |(level, _)| level)
}
