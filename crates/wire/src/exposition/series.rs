//! Where the parts of a series stand in the body.

use model::MetricType;
use model::labels::{BUCKET_BOUND, METRIC_NAME};

use super::error::{LabelsError, ParseError};
use super::float::normal_bound;
use super::lex::{Cursor, Token, unescape};

/// A piece of the body.
#[derive(Debug, Clone, Copy, Default)]
struct Span {
    start: usize,
    end: usize,
    /// Whether there are escapes in it.
    escaped: bool,
}

/// The parts of the last series, kept from line to line so that its memory is used again.
#[derive(Debug, Default)]
pub(super) struct Series {
    key: (usize, usize),
    name: Option<Span>,
    labels: Vec<(Span, Span)>,
}

/// What the text formats do differently within the braces.
#[derive(Debug, Clone, Copy)]
pub(super) struct BraceRules {
    /// Blanks may stand between the tokens, the comma between labels may be missing, and values may hold line
    /// breaks.
    pub(super) relaxed: bool,
    /// The metric's name may stand among the labels.
    pub(super) names: bool,
}

impl Series {
    /// Starts a series at `start`, without a name yet.
    pub(super) fn begin(&mut self, start: usize) {
        self.key = (start, start);
        self.name = None;
        self.labels.clear();
    }

    /// Sets the name that stands before the braces.
    pub(super) fn set_plain_name(&mut self, start: usize, end: usize) {
        self.name = Some(Span { start, end, escaped: false });
        self.key.1 = end;
    }

    /// Takes the key as it was guessed; the parts are looked for when they are asked for.
    pub(super) fn set_key(&mut self, start: usize, end: usize) {
        self.key = (start, end);
    }

    /// Whether the name is known.
    pub(super) fn has_name(&self) -> bool {
        self.name.is_some()
    }

    /// The bytes from the name to the closing brace.
    pub(super) fn key<'a>(&self, cursor: &Cursor<'a>) -> &'a [u8] {
        cursor.slice(self.key.0, self.key.1)
    }

    /// Reads the labels, the cursor standing behind the opening brace.
    pub(super) fn read_braces(
        &mut self,
        cursor: &mut Cursor<'_>,
        rules: BraceRules,
    ) -> Result<(), ParseError> {
        cursor.look_for_text(self.key.0);
        if self.read_plain_labels(cursor) {
            self.key.1 = cursor.at;
            return Ok(());
        }
        let mut token = next_in_braces(cursor, rules);
        loop {
            let (start, escaped) = match token {
                (Token::BraceClose, _) => break,
                (Token::LabelName | Token::Quoted, escaped) => (cursor.token, escaped),
                (other, _) => return Err(cursor.unexpected("label name", other)),
            };
            let quote = usize::from(token.0 == Token::Quoted);
            let name = Span { start: start + quote, end: cursor.at - quote, escaped };
            let (after, _) = next_in_braces(cursor, rules);
            match after {
                Token::Comma | Token::BraceClose if !rules.names => {
                    return Err(cursor.unexpected("label name", after));
                }
                Token::Comma | Token::BraceClose => {
                    if self.name.is_some() {
                        return Err(cursor.wrong("metric name already set"));
                    }
                    self.name = Some(name);
                    if after == Token::BraceClose {
                        break;
                    }
                    token = next_in_braces(cursor, rules);
                    continue;
                }
                Token::Equal => {}
                other => return Err(cursor.unexpected("equal", other)),
            }
            let value = read_label_value(cursor, rules)?;
            self.labels.push((name, value));
            token = next_in_braces(cursor, rules);
            match token.0 {
                Token::Comma => token = next_in_braces(cursor, rules),
                Token::BraceClose => {}
                _ if rules.relaxed => {}
                other => return Err(cursor.unexpected("comma or brace close", other)),
            }
        }
        self.key.1 = cursor.at;
        Ok(())
    }

    /// Reads labels as long as they are written as nearly all are; `true` where the closing brace was read too.
    fn read_plain_labels(&mut self, cursor: &mut Cursor<'_>) -> bool {
        while let Some([name, value]) = cursor.plain_label() {
            let span = |(start, end)| Span { start, end, escaped: false };
            self.labels.push((span(name), span(value)));
            // The byte behind the label is the present token, whichever it is.
            cursor.token = cursor.at;
            match cursor.peek() {
                b',' => cursor.at += 1,
                b'}' => {
                    cursor.at += 1;
                    return true;
                }
                _ => {
                    // What follows is for those who know how, and so is this label, whose token they begin with.
                    self.labels.pop();
                    cursor.at = name.0;
                    return false;
                }
            }
        }
        false
    }

    /// Calls `visit` with each label; bounds and quantiles in their normal form where the type has them.
    pub(super) fn visit(
        &self,
        cursor: &Cursor<'_>,
        metric_type: MetricType,
        visit: &mut dyn FnMut(&str, &str),
    ) -> Result<(), LabelsError> {
        let normalised = match metric_type {
            MetricType::Histogram => Some(BUCKET_BOUND),
            MetricType::Summary => Some("quantile"),
            _ => None,
        };
        if let Some(name) = self.name {
            with_text(cursor, name, |name| visit(METRIC_NAME, name))?;
        }
        for (name, value) in &self.labels {
            with_text(cursor, *name, |name| {
                with_text(cursor, *value, |value| {
                    let normal = if normalised == Some(name) { normal_bound(value) } else { None };
                    visit(name, normal.as_deref().unwrap_or(value));
                })
            })??;
        }
        Ok(())
    }
}

/// The next token within the braces and whether, being a quoted text, it has escapes.
fn next_in_braces(cursor: &mut Cursor<'_>, rules: BraceRules) -> (Token, bool) {
    if rules.relaxed {
        cursor.skip_blanks();
    }
    if cursor.at_end() && !rules.relaxed {
        return (Token::End, false);
    }
    cursor.token = cursor.at;
    let token = match cursor.peek() {
        b'}' => cursor.single(Token::BraceClose),
        b',' => cursor.single(Token::Comma),
        b'=' => cursor.single(Token::Equal),
        b'"' => match cursor.quoted(false) {
            Some(escaped) => return (Token::Quoted, escaped),
            None => Token::Invalid,
        },
        _ if cursor.label_name() => Token::LabelName,
        _ => Token::Invalid,
    };
    (token, false)
}

fn read_label_value(cursor: &mut Cursor<'_>, rules: BraceRules) -> Result<Span, ParseError> {
    if rules.relaxed {
        cursor.skip_blanks();
    }
    if cursor.at_end() && !rules.relaxed {
        return Err(cursor.unexpected("label value", Token::End));
    }
    cursor.token = cursor.at;
    if cursor.peek() != b'"' {
        return Err(cursor.unexpected("label value", Token::Invalid));
    }
    let Some(escaped) = cursor.quoted(!rules.relaxed) else {
        return Err(cursor.unexpected("label value", Token::Invalid));
    };
    let value = Span { start: cursor.token + 1, end: cursor.at - 1, escaped };
    if cursor.text(value.start, value.end).is_none() {
        return Err(ParseError::LabelValue { value: cursor.slice(cursor.token, cursor.at).to_vec() });
    }
    Ok(value)
}

fn with_text<R>(cursor: &Cursor<'_>, span: Span, then: impl FnOnce(&str) -> R) -> Result<R, LabelsError> {
    match cursor.text(span.start, span.end) {
        Some(text) if span.escaped => Ok(then(&unescape(text, true))),
        Some(text) => Ok(then(text)),
        None => Err(LabelsError { name: cursor.slice(span.start, span.end).to_vec() }),
    }
}
