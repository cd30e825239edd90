//! What a line must hold for a condition on a label behind a parser: found in a whole block at once.

use aho_corasick::AhoCorasick;
use go_regex::Folding;
use model::{Labels, MatchOp, Matcher};
use storage::logs::EntryColumns;

use super::label_filter::LabelCondition;
use super::line_filter::{each_hit, stays_in_line};
use super::rows::Rows;
use super::step::Step;

/// Texts of which a line must hold one, since a label that only the line can have must have a value with it.
#[derive(Debug)]
pub(crate) struct Implied {
    label: String,
    texts: AhoCorasick,
    /// Whether a line with a backslash may hold it in another form.
    has_escapes: bool,
}

impl Implied {
    /// What follows from the conditions behind the first step, if that is a parser.
    pub(crate) fn of(steps: &[Step]) -> Vec<Self> {
        let has_escapes = match steps.first() {
            Some(Step::Json(_) | Step::Logfmt(_)) => true,
            Some(Step::Pattern(_)) => false,
            _ => return Vec::new(),
        };
        let mut implied = Vec::new();
        for step in steps.iter().skip(1) {
            match step {
                Step::Labels(condition) => add(condition, has_escapes, &mut implied),
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

    /// Keeps the rows whose lines hold one of the texts. `found` is memory.
    pub(crate) fn search(&self, columns: &EntryColumns, rows: &mut Rows, found: &mut Rows) {
        found.clear(columns.rows);
        each_hit(columns, found, |text| self.texts.find(text).map(|hit| hit.start()));
        if self.has_escapes {
            each_hit(columns, found, |text| memchr::memchr(b'\\', text));
        }
        rows.retain_in(found);
    }
}

fn add(condition: &LabelCondition, has_escapes: bool, implied: &mut Vec<Implied>) {
    match condition {
        LabelCondition::And(left, right) => {
            add(left, has_escapes, implied);
            add(right, has_escapes, implied);
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
                texts,
                has_escapes,
            }));
        }
        LabelCondition::Or(..) | LabelCondition::Typed(..) => {}
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
