//! The Prometheus text format, versions 0.0.4 and 1.0.0 (specification, section 3.2).

use memchr::memchr;
use model::MetricType;

use super::error::{LabelsError, ParseError};
use super::float::{parse_leading, parse_value};
use super::lex::{Cursor, Token};
use super::series::{BraceRules, Series};
use super::{Entry, Guess, KnownLines, Sample, known};

const RULES: BraceRules = BraceRules { relaxed: true, names: true };

/// Walks a body of the text format.
#[derive(Debug)]
pub(super) struct TextParser<'a> {
    cursor: Cursor<'a>,
    series: Series,
    /// Whether the parts of the last series are known, or only its key because it was guessed.
    taken_apart: bool,
    metric_type: MetricType,
    /// Where the lines between the last sample and the one before it begin and end.
    between: (usize, usize),
    /// Where the last sample's line ends.
    behind: usize,
}

impl<'a> TextParser<'a> {
    pub(super) fn new(body: &'a [u8]) -> Self {
        Self {
            cursor: Cursor::new(body, b'\n'),
            series: Series::default(),
            taken_apart: false,
            metric_type: MetricType::Unknown,
            between: (0, 0),
            behind: 0,
        }
    }

    pub(super) fn next(&mut self, guess: &impl Guess) -> Result<Option<Entry<'a>>, ParseError> {
        loop {
            if let Some(sample) = self.guessed(guess)? {
                return Ok(Some(Entry::Sample(sample)));
            }
            while self.cursor.peek() == b'\n' && !self.cursor.at_end() {
                self.cursor.at += 1;
            }
            if self.cursor.at_end() {
                return Ok(None);
            }
            self.cursor.entry = self.cursor.at;
            self.cursor.token = self.cursor.at;
            self.cursor.skip_blanks();
            match self.cursor.peek() {
                b'\n' => {}
                b'#' => {
                    if let Some(entry) = self.comment()? {
                        return Ok(Some(entry));
                    }
                }
                // A zero byte at the start of a line ends the body, as it does for the original.
                0 => {
                    self.cursor.at = self.cursor.body().len();
                    return Ok(None);
                }
                _ => return self.sample().map(|sample| Some(Entry::Sample(sample))),
            }
        }
    }

    /// Goes through lines that are as expected.
    pub(super) fn pass_known(&mut self, lines: &mut impl KnownLines) {
        let rest = known::pass(self.cursor.rest(), &mut self.metric_type, lines);
        let at = self.cursor.body().len() - rest.len();
        if at != self.cursor.at {
            (self.cursor.at, self.behind) = (at, at);
        }
    }

    /// The lines between the last sample and the one before it.
    pub(super) fn preface(&self) -> &'a [u8] {
        self.cursor.slice(self.between.0, self.between.1)
    }

    pub(super) fn key(&self) -> &'a [u8] {
        self.series.key(&self.cursor)
    }

    pub(super) fn labels(&self, visit: &mut dyn FnMut(&str, &str)) -> Result<(), LabelsError> {
        if self.taken_apart {
            return self.series.visit(&self.cursor, self.metric_type, visit);
        }
        // A guessed series whose labels are wanted after all: its line is known to be right up to its end.
        let mut again = Self::new(self.key());
        again.metric_type = self.metric_type;
        again.cursor.skip_blanks();
        if again.series_name_and_labels().is_ok() {
            again.series.visit(&again.cursor, again.metric_type, visit)?;
        }
        Ok(())
    }

    pub(super) fn metric_type(&self) -> MetricType {
        self.metric_type
    }

    /// The sample of a line that starts with the guessed key, where that is certain; declarations that were
    /// guessed with it are passed over.
    fn guessed(&mut self, guess: &impl Guess) -> Result<Option<Sample>, ParseError> {
        let rest = self.cursor.rest();
        let preface = if rest.first() == Some(&b'#') { guess.preface() } else { None };
        let Some(preface) = preface else {
            return if begins_with_key(rest, guess) {
                self.known_sample(guess, false).map(Some)
            } else {
                Ok(None)
            };
        };
        let Some((lines, behind)) = rest.split_at_checked(preface.len) else { return Ok(None) };
        if !begins_with_key(behind, guess) || !guess.is_preface(lines) {
            return Ok(None);
        }
        self.metric_type = preface.metric_type;
        self.cursor.at += preface.len;
        self.known_sample(guess, true).map(Some)
    }

    /// The sample of a line that starts with the guessed key.
    #[inline]
    fn known_sample(&mut self, guess: &impl Guess, prefaced: bool) -> Result<Sample, ParseError> {
        let (start, len) = (self.cursor.at, guess.key_len());
        self.between = (self.behind, start);
        self.cursor.entry = start;
        self.series.set_key(start, start + len);
        self.taken_apart = false;
        self.cursor.at += len;
        // The blank behind the key, a plain number, and the end of the line: nearly every line.
        let number = self.cursor.rest().get(1..).and_then(parse_leading);
        let sample = match number {
            Some((value, len)) if self.cursor.byte(self.cursor.at + 1 + len) == b'\n' => {
                self.cursor.at += len + 2;
                Sample { value, timestamp: None, guessed: true, prefaced }
            }
            _ => Sample { prefaced, ..self.value_and_time(true)? },
        };
        self.behind = self.cursor.at;
        Ok(sample)
    }

    /// Reads a series line.
    fn sample(&mut self) -> Result<Sample, ParseError> {
        self.between = (self.behind, self.cursor.entry);
        self.series_name_and_labels()?;
        self.taken_apart = true;
        let sample = self.value_and_time(false)?;
        self.behind = self.cursor.at;
        Ok(sample)
    }

    fn series_name_and_labels(&mut self) -> Result<(), ParseError> {
        let cursor = &mut self.cursor;
        let start = cursor.at;
        self.series.begin(cursor.entry);
        if cursor.peek() == b'{' {
            // Blanks before the brace are no part of the series; before a name they are, in the original.
            self.series.begin(start);
            cursor.at += 1;
            return self.series.read_braces(cursor, RULES);
        }
        if !cursor.metric_name() {
            cursor.token = cursor.at;
            return Err(cursor.unexpected("a valid start token", Token::Invalid));
        }
        self.series.set_plain_name(cursor.entry, cursor.at);
        let behind_name = cursor.at;
        cursor.skip_blanks();
        if cursor.peek() == b'{' {
            cursor.at += 1;
            return self.series.read_braces(cursor, RULES);
        }
        cursor.at = behind_name;
        Ok(())
    }

    /// Reads what stands behind the series.
    fn value_and_time(&mut self, guessed: bool) -> Result<Sample, ParseError> {
        let cursor = &mut self.cursor;
        cursor.skip_blanks();
        cursor.token = cursor.at;
        let rest = cursor.rest();
        let len = rest
            .iter()
            .position(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'{' | 0))
            .unwrap_or(rest.len());
        let value = rest.get(..len).unwrap_or_default();
        if !value.is_empty() {
            cursor.at += len;
        }
        if !guessed && !self.series.has_name() {
            return Err(cursor.wrong("metric name not set"));
        }
        if value.is_empty() {
            let brace = cursor.peek() == b'{';
            let token = if brace { cursor.single(Token::BraceOpen) } else { Token::Invalid };
            return Err(cursor.unexpected("value after metric", token));
        }
        let value = parse_value(value).map_err(|reason| cursor.wrong(reason))?;
        let timestamp = if cursor.peek() == b'\n' { None } else { self.time()? };
        self.cursor.at += 1;
        Ok(Sample { value, timestamp, guessed, prefaced: false })
    }

    /// Reads the time behind a value, if there is one, up to the line break.
    fn time(&mut self) -> Result<Option<i64>, ParseError> {
        let cursor = &mut self.cursor;
        cursor.skip_blanks();
        cursor.token = cursor.at;
        if cursor.peek() == b'\n' {
            return Ok(None);
        }
        let digits = digits(cursor.rest());
        if digits.is_empty() {
            return Err(cursor.unexpected("timestamp or new record", Token::Invalid));
        }
        cursor.at += digits.len();
        let timestamp = digits
            .iter()
            .try_fold(0i64, |time, digit| time.checked_mul(10)?.checked_add(i64::from(digit - b'0')));
        let Some(timestamp) = timestamp else {
            let digits = String::from_utf8_lossy(digits);
            return Err(cursor.wrong(format!("strconv.ParseInt: parsing \"{digits}\": value out of range")));
        };
        cursor.skip_blanks();
        cursor.token = cursor.at;
        if cursor.peek() == b'\n' {
            return Ok(Some(timestamp));
        }
        let more = self::digits(cursor.rest()).len();
        cursor.at += more;
        let token = if more > 0 { Token::Timestamp } else { Token::Invalid };
        Err(cursor.unexpected("next entry after timestamp", token))
    }

    /// Reads a comment line; `None` for one that says nothing.
    fn comment(&mut self) -> Result<Option<Entry<'a>>, ParseError> {
        let cursor = &mut self.cursor;
        cursor.at += 1;
        let behind_hash = cursor.at;
        cursor.skip_blanks();
        // Without a blank behind the hash a line declares nothing.
        let declares = cursor.at > behind_hash;
        let rest = cursor.rest();
        let (is_help, expected) = match rest {
            [b'H', b'E', b'L', b'P', b' ' | b'\t', ..] if declares => (true, "metric name after HELP"),
            [b'T', b'Y', b'P', b'E', b' ' | b'\t', ..] if declares => (false, "metric name after TYPE"),
            [0, ..] => {
                cursor.at = cursor.body().len();
                return Ok(None);
            }
            _ => {
                cursor.at += memchr(b'\n', rest).map_or(rest.len(), |len| len + 1);
                return Ok(None);
            }
        };
        cursor.at += 4;
        cursor.skip_blanks();
        cursor.token = cursor.at;
        let quoted = cursor.peek() == b'"';
        let is_name = if quoted { cursor.quoted(false).is_some() } else { cursor.metric_name() };
        if !is_name {
            return Err(cursor.unexpected(expected, Token::Invalid));
        }
        let quote = usize::from(quoted);
        let metric = cursor.slice(cursor.token + quote, cursor.at - quote);
        let rest = cursor.rest();
        let line = rest.get(..memchr(b'\n', rest).unwrap_or(rest.len())).unwrap_or_default();
        cursor.at += line.len() + 1;
        // Whatever byte ends the name, it separates; blanks alone are no text.
        let text = line.get(1..).unwrap_or_default();
        let is_blank = text.iter().all(|byte| matches!(byte, b' ' | b'\t'));
        let text = if is_blank { &[] } else { text };
        // A name that is no text can be no series' name either: nobody will ask for it.
        let metric = std::str::from_utf8(metric).unwrap_or_default();
        if is_help {
            let text = std::str::from_utf8(text).map_err(|_| ParseError::HelpText { text: text.to_vec() })?;
            return Ok(Some(Entry::Help { metric, text, escaped: true }));
        }
        self.metric_type = match text {
            b"counter" => MetricType::Counter,
            b"gauge" => MetricType::Gauge,
            b"histogram" => MetricType::Histogram,
            b"summary" => MetricType::Summary,
            b"untyped" => MetricType::Unknown,
            _ => return Err(ParseError::MetricType { name: text.to_vec() }),
        };
        Ok(Some(Entry::Type { metric, metric_type: self.metric_type }))
    }
}

/// Whether a line begins with the guessed key, beyond doubt.
#[inline]
fn begins_with_key(line: &[u8], guess: &impl Guess) -> bool {
    let len = guess.key_len();
    let Some((key, after)) = line.split_at_checked(len) else { return false };
    // More blanks or a brace could belong to the series; the slow way knows.
    matches!(after, [b' ', second, ..] if !matches!(second, b' ' | b'\t' | b'{'))
        && len > 0
        && guess.is_key(key)
}

fn digits(bytes: &[u8]) -> &[u8] {
    let len = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
    bytes.get(..len).unwrap_or_default()
}
