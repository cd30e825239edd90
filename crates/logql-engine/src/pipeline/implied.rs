//! What a line must hold for a condition on a label behind a parser: found in a whole block at once.

use aho_corasick::AhoCorasick;
use go_regex::Folding;
use memchr::memmem;
use model::{Labels, MatchOp, Matcher};
use storage::logs::EntryColumns;

use super::label_filter::{LabelCondition, Test, Typed};
use super::line_filter::{each_hit, row_of, stays_in_line};
use super::rows::Rows;
use super::step::Step;

/// What a line must hold, since a label that only the line can have must have a value with it.
#[derive(Debug)]
pub(crate) struct Implied {
    label: String,
    what: What,
    /// Whether a line with a backslash may hold it in another form.
    has_escapes: bool,
}

/// What a line must hold.
#[derive(Debug)]
enum What {
    /// One of some texts.
    Texts(AhoCorasick),
    /// The key of the label, and behind it a value that does not fail a condition.
    Value { key: Box<memmem::Finder<'static>>, syntax: Syntax, typed: Typed },
}

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Syntax {
    Json,
    Logfmt,
    Other,
}

impl Implied {
    /// What follows from the conditions behind the first step, if that is a parser.
    pub(crate) fn of(steps: &[Step]) -> Vec<Self> {
        let syntax = match steps.first() {
            Some(Step::Json(_)) => Syntax::Json,
            Some(Step::Logfmt(_)) => Syntax::Logfmt,
            Some(Step::Pattern(_)) => Syntax::Other,
            _ => return Vec::new(),
        };
        let mut implied = Vec::new();
        let mut may_break = false;
        for step in steps.iter().skip(1) {
            match step {
                Step::Labels(condition) => add(condition, syntax, &mut may_break, &mut implied),
                Step::Line(_) => {}
                _ => break,
            }
        }
        implied
    }

    /// Whether the label can come from the line alone.
    pub(crate) fn applies(&self, stream: &Labels, columns: &EntryColumns) -> bool {
        stream.get(&self.label).is_none()
            && !columns.metadata.iter().any(|column| *column.name == *self.label)
    }

    /// Keeps the rows whose lines hold it. `found` is memory.
    pub(crate) fn search(&self, columns: &EntryColumns, rows: &mut Rows, found: &mut Rows) {
        found.clear(columns.rows);
        match &self.what {
            What::Texts(texts) => each_hit(columns, found, |text| texts.find(text).map(|hit| hit.start())),
            What::Value { key, syntax, typed } => search_values(columns, found, key, (*syntax, typed)),
        }
        if self.has_escapes {
            each_hit(columns, found, |text| memchr::memchr(b'\\', text));
        }
        rows.retain_in(found);
    }
}

/// Adds the rows that have a key with a value behind it that does not fail a condition.
fn search_values(
    columns: &EntryColumns,
    found: &mut Rows,
    key: &memmem::Finder<'_>,
    (syntax, typed): (Syntax, &Typed),
) {
    let (mut row, mut from) = (0, 0);
    while let Some(hit) = columns.text.get(from..).and_then(|text| key.find(text)) {
        let place = from + hit;
        from = place + key.needle().len();
        let behind = columns.text.get(from..).unwrap_or_default();
        let may_hold = match syntax {
            Syntax::Json => json_value(behind).is_some_and(|value| may_hold(value, typed)),
            Syntax::Logfmt | Syntax::Other => may_hold(logfmt_value(behind), typed),
        };
        if may_hold {
            (row, from) = row_of(columns, row, place);
            if row >= columns.rows {
                return;
            }
            found.insert(row);
            row += 1;
        }
    }
}

/// Whether a value may fulfil a condition; nothing is known of one that is not plain.
fn may_hold(value: Option<&[u8]>, typed: &Typed) -> bool {
    let text = value.and_then(|value| std::str::from_utf8(value).ok());
    text.is_none_or(|text| typed.test(text) != Test::Fails)
}

/// What follows the key of an object: `None` where it is no key, else the number or plain text that is its value.
fn json_value(behind: &[u8]) -> Option<Option<&[u8]>> {
    let value = behind.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    Some(match value.first() {
        Some(b'"') => {
            let inside = value.get(1..).unwrap_or_default();
            memchr::memchr2(b'"', b'\\', inside)
                .and_then(|end| (inside.get(end) == Some(&b'"')).then(|| inside.get(..end))?)
        }
        Some(b'-' | b'0'..=b'9') => {
            let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
            value.get(..value.iter().position(ends)?)
        }
        _ => None,
    })
}

/// What stands behind the sign of equality, unless it is quoted.
fn logfmt_value(behind: &[u8]) -> Option<&[u8]> {
    let end = behind.iter().position(|byte| *byte <= b' ' || matches!(byte, b'=' | b'"'))?;
    behind.get(..end).filter(|_| behind.get(end).is_some_and(|byte| *byte <= b' '))
}

/// Adds what follows from a condition; nothing of one on what a value stands for where another one may have found its value
/// broken, since all of them hold then.
fn add(condition: &LabelCondition, syntax: Syntax, may_break: &mut bool, implied: &mut Vec<Implied>) {
    let has_escapes = syntax != Syntax::Other;
    let is_certain = !*may_break;
    match condition {
        LabelCondition::And(left, right) => {
            add(left, syntax, may_break, implied);
            add(right, syntax, may_break, implied);
        }
        LabelCondition::Matcher(matcher) => {
            let Some((texts, any_case)) = texts(matcher) else { return };
            let usable =
                |text: &String| stays_in_line(text.as_bytes()) && !text.contains(char::REPLACEMENT_CHARACTER);
            if matcher.name().starts_with("__error") || texts.is_empty() || !texts.iter().all(usable) {
                return;
            }
            let texts = AhoCorasick::builder().ascii_case_insensitive(any_case).build(texts);
            implied.extend(texts.ok().map(|texts| Implied {
                label: matcher.name().to_owned(),
                what: What::Texts(texts),
                has_escapes,
            }));
        }
        // A name with an underscore may be that of a key in an object, or of one that is no name as it stands.
        LabelCondition::Typed(label, typed) if is_certain && !label.contains('_') => {
            *may_break = true;
            let key = match syntax {
                Syntax::Json => format!("\"{label}\""),
                Syntax::Logfmt => format!("{label}="),
                Syntax::Other => return,
            };
            let key = Box::new(memmem::Finder::new(&key).into_owned());
            let what = What::Value { key, syntax, typed: typed.clone() };
            implied.push(Implied { label: label.clone(), what, has_escapes });
        }
        LabelCondition::Or(..) | LabelCondition::Typed(..) => *may_break |= condition.may_break(),
    }
}

/// Texts of which every value that fulfils a matcher has one, and whether in any case.
fn texts(matcher: &Matcher) -> Option<(Vec<String>, bool)> {
    match (matcher.op(), matcher.regex()) {
        (MatchOp::Equal, _) if !matcher.value().is_empty() => Some((vec![matcher.value().to_owned()], false)),
        (MatchOp::Regex, Some(regex)) if !regex.matches_empty() => {
            if let Some(set) = regex.set_matches() {
                return Some((set.to_vec(), false));
            }
            let shortest = |texts: &[String]| texts.iter().map(String::len).min();
            let best = regex.required_literals().iter().max_by_key(|group| shortest(&group.any_of))?;
            Some((best.any_of.clone(), best.folding == Folding::Ascii))
        }
        _ => None,
    }
}
