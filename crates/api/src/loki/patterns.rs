//! `/patterns`: what the lines of streams look like, once what differs between them is left out.
//!
//! Lines are cut into words, lines of JSON by what stands in the field with their message; lines of equally many words
//! that have most of them in common are one pattern, whose other words are `<_>`. The newest lines of the span are looked at when somebody asks, so nothing is kept between.

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::Loki;
use super::answer::json as answer_json;
use super::asked::Asked;
use super::entries::{self, Entry, Kind, Looking, Selection};
use super::refusal::Refusal;
use super::times::{self, Span};

/// The newest lines that are looked at.
const LINES_MAX: usize = 20_000;
/// The shortest step, in seconds.
const STEP_MIN: i64 = 10;
/// The most patterns of an answer.
const PATTERNS_MAX: usize = 300;
/// The most patterns that are told apart for lines of one level and length.
const ALIKE_MAX: usize = 100;
/// Longer lines are not looked at.
const LINE_BYTES_MAX: usize = 3000;
/// Lines of fewer or more words are not looked at.
const WORDS: std::ops::RangeInclusive<usize> = 4..=80;
/// Of a hundred words, so many must be equal in lines of one pattern.
const EQUAL_PERCENT_MIN: usize = 50;
/// What stands for a word that differs.
const ANY: &str = "<_>";

/// `/patterns`
pub(super) fn patterns(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    if !loki.settings().patterns_enabled {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "not found\n"));
    }
    let span = Span::forward(asked.params(), asked.now)?;
    let step = times::step(asked.params(), span)?.max(STEP_MIN * 1_000_000_000);
    let matchers = asked.selector(asked.params().get("query"))?;
    let log = logql_syntax::LogExpr { matchers, stages: Vec::new() };
    let selection = Selection { limit: LINES_MAX, forward: false };
    let looking = Looking::new(loki, &asked.limits);
    let lines = entries::select(asked.view(loki, span)?.as_ref(), &log, selection, &looking)?;
    let mut mined = mine(&lines, step, &asked.limits.pattern_fields);
    mined.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.words.cmp(&b.words)));
    mined.truncate(PATTERNS_MAX);
    let data: Vec<Value> = mined.iter().map(Pattern::shown).collect();
    answer_json(&json!({ "status": "success", "data": data }))
}

/// A pattern with how often it was seen.
#[derive(Debug)]
struct Pattern {
    words: Vec<String>,
    level: String,
    count: u64,
    /// Lines by the start of their step, in seconds.
    samples: BTreeMap<i64, u64>,
}

impl Pattern {
    fn shown(&self) -> Value {
        let samples: Vec<Value> = self.samples.iter().map(|(time, count)| json!([time, count])).collect();
        json!({ "pattern": self.text(), "level": self.level, "samples": samples })
    }

    /// The words, several unknown ones in a row as one.
    fn text(&self) -> String {
        let mut words: Vec<&str> = Vec::with_capacity(self.words.len());
        for word in &self.words {
            if word != ANY || words.last() != Some(&ANY) {
                words.push(word);
            }
        }
        words.join(" ")
    }

    /// How many words are equal.
    fn equal_words(&self, words: &[String]) -> usize {
        self.words.iter().zip(words).filter(|(own, word)| own == word && *own != ANY).count()
    }

    fn add(&mut self, words: &[String], time: i64) {
        for (own, word) in self.words.iter_mut().zip(words) {
            if own != word {
                ANY.clone_into(own);
            }
        }
        self.count += 1;
        *self.samples.entry(time).or_default() += 1;
    }
}

/// The patterns of lines.
fn mine(lines: &[Entry], step: i64, fields: &[String]) -> Vec<Pattern> {
    let mut alike: BTreeMap<(String, usize), Vec<Pattern>> = BTreeMap::new();
    for entry in lines.iter().filter(|entry| entry.line.len() <= LINE_BYTES_MAX) {
        let Some(text) = message(&entry.line, fields) else { continue };
        let words = words(&text);
        if !WORDS.contains(&words.len()) {
            continue;
        }
        let level = entry
            .labels
            .iter()
            .find(|(name, _, kind)| name == "detected_level" && *kind == Kind::Metadata)
            .map_or("unknown", |(_, level, _)| level);
        let time = entry.timestamp.div_euclid(step) * step / 1_000_000_000;
        let patterns = alike.entry((level.to_owned(), words.len())).or_default();
        let best = patterns
            .iter_mut()
            .map(|pattern| (pattern.equal_words(&words), pattern))
            .max_by_key(|(equal, _)| *equal)
            .filter(|(equal, _)| equal * 100 >= words.len() * EQUAL_PERCENT_MIN);
        if let Some((_, pattern)) = best {
            pattern.add(&words, time);
        } else if patterns.len() < ALIKE_MAX {
            let samples = BTreeMap::from([(time, 1)]);
            patterns.push(Pattern { words, level: level.to_owned(), count: 1, samples });
        }
    }
    alike.into_values().flatten().collect()
}

/// What a line says: of one of JSON the first of the fields that it has, none where it has none of them.
fn message<'l>(line: &'l [u8], fields: &[String]) -> Option<Cow<'l, str>> {
    let trimmed = line.trim_ascii();
    if !(trimmed.starts_with(b"{") && trimmed.ends_with(b"}")) {
        return Some(String::from_utf8_lossy(line));
    }
    let Ok(Value::Object(mut object)) = serde_json::from_slice(trimmed) else {
        return Some(String::from_utf8_lossy(line));
    };
    fields.iter().find_map(|field| match object.remove(field) {
        Some(Value::String(text)) => Some(Cow::Owned(text)),
        _ => None,
    })
}

/// The words of a line; one with a digit differs from line to line, so only what stands before `=` or `:` in it stays.
fn words(line: &str) -> Vec<String> {
    line.split_ascii_whitespace()
        .map(|word| {
            if !word.bytes().any(|byte| byte.is_ascii_digit()) {
                return word.to_owned();
            }
            match word.split_once('=') {
                Some((key, _)) if !key.bytes().any(|byte| byte.is_ascii_digit()) => format!("{key}={ANY}"),
                _ => ANY.to_owned(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_json_are_what_their_message_says() {
        let fields = ["log", "msg"].map(str::to_owned);
        for (line, expected) in [
            (r#"{"level":"info","msg":"user 1 is here","ts":1}"#, Some("user 1 is here")),
            (r#" {"msg":"second","log":"first"} "#, Some("first")),
            (r#"{"log":5,"msg":"text"}"#, Some("text")),
            (r#"{"level":"info"}"#, None),
            (r#"{not json}"#, Some(r#"{not json}"#)),
            ("plain text", Some("plain text")),
        ] {
            assert_eq!(message(line.as_bytes(), &fields).as_deref(), expected, "{line}");
        }
    }
}
