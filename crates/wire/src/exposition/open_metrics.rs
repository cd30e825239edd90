//! OpenMetrics text, versions 0.0.1 and 1.0.0 (specification, section 3.3).

mod created;
mod words;

use memchr::memchr;
use model::{Exemplar, Labels, MetricType};

use super::error::{LabelsError, ParseError};
use super::float::parse_value;
use super::lex::{Cursor, Token};
use super::series::{BraceRules, Series};
use super::{Entry, Guess, KnownLines, Options, Sample, known};
use created::Created;
use words::{behind_number, time, word};

const RULES: BraceRules = BraceRules { relaxed: false, names: true };
const EXEMPLAR_RULES: BraceRules = BraceRules { relaxed: false, names: false };

/// Walks a body of OpenMetrics text.
#[derive(Debug)]
pub(super) struct OpenMetricsParser<'a> {
    cursor: Cursor<'a>,
    series: Series,
    /// Whether the parts of the last series are known, or only its key because it was guessed.
    taken_apart: bool,
    metric_type: MetricType,
    /// The metric whose unit was declared last, and the unit.
    unit: (&'a str, &'a str),
    /// When the series of the present family began, where that is wanted.
    created: Option<Created>,
    start_timestamp: Option<i64>,
    /// Labels of the last sample's exemplar.
    exemplar_labels: Series,
    /// Value and time of the last sample's exemplar.
    exemplar: Option<(f64, Option<i64>)>,
    /// The last sample's line goes on where it must not.
    left_over: bool,
    /// Where the lines between the last sample and the one before it begin and end.
    between: (usize, usize),
    /// Where the last sample's line ends.
    behind: usize,
}

impl<'a> OpenMetricsParser<'a> {
    pub(super) fn new(body: &'a [u8], options: Options) -> Self {
        Self {
            cursor: Cursor::new(body, 0),
            series: Series::default(),
            taken_apart: false,
            metric_type: MetricType::Unknown,
            unit: ("", ""),
            created: options.start_timestamps.then(Created::default),
            start_timestamp: None,
            exemplar_labels: Series::default(),
            exemplar: None,
            left_over: false,
            between: (0, 0),
            behind: 0,
        }
    }

    /// Goes through lines that are as expected. What carries a unit, or tells when counting began, is not passed over.
    pub(super) fn pass_known(&mut self, lines: &mut impl KnownLines) {
        if self.left_over || !self.declares_type_alone() {
            return;
        }
        let rest = known::pass(self.cursor.rest(), &mut self.metric_type, lines);
        let at = self.cursor.body().len() - rest.len();
        if at != self.cursor.at {
            (self.cursor.at, self.behind) = (at, at);
        }
    }

    /// Whether the declarations so far mean nothing for the samples that follow but their type.
    fn declares_type_alone(&self) -> bool {
        self.unit.1.is_empty() && self.created.is_none()
    }

    /// The lines between the last sample and the one before it, where they declare a type and nothing else that is
    /// told by the parser.
    pub(super) fn preface(&self) -> &'a [u8] {
        if self.declares_type_alone() { self.cursor.slice(self.between.0, self.between.1) } else { &[] }
    }

    pub(super) fn next(&mut self, guess: &impl Guess) -> Result<Option<Entry<'a>>, ParseError> {
        loop {
            let entry = self.next_line(guess)?;
            if matches!(entry, Some(Entry::Sample(_))) && self.created.is_some() && self.take_created_in() {
                continue;
            }
            return Ok(entry);
        }
    }

    /// Looks up when the last sample's series began; `true` where the line only says that of another.
    fn take_created_in(&mut self) -> bool {
        self.start_timestamp = None;
        let Some(mut created) = self.created.take() else { return false };
        let rest = self.cursor.rest();
        let (is_created, start) = created.of(rest, self.metric_type, |visit| self.labels(visit).is_ok());
        self.start_timestamp = start;
        self.created = Some(created);
        is_created
    }

    fn next_line(&mut self, guess: &impl Guess) -> Result<Option<Entry<'a>>, ParseError> {
        if !self.left_over
            && let Some(sample) = self.guessed(guess)?
        {
            return Ok(Some(Entry::Sample(sample)));
        }
        let cursor = &mut self.cursor;
        if cursor.at_end() {
            // A body without a byte is taken for one without a metric.
            return if cursor.body().is_empty() { Ok(None) } else { Err(ParseError::NoEnd) };
        }
        cursor.entry = cursor.at;
        cursor.token = cursor.at;
        if self.left_over {
            let (token, _) = behind_number(cursor);
            return Err(cursor.unexpected("a valid start token", token));
        }
        if cursor.peek() == b'#' {
            self.comment()
        } else {
            self.sample().map(|sample| Some(Entry::Sample(sample)))
        }
    }

    pub(super) fn key(&self) -> &'a [u8] {
        self.series.key(&self.cursor)
    }

    pub(super) fn labels(&self, visit: &mut dyn FnMut(&str, &str)) -> Result<(), LabelsError> {
        if self.taken_apart {
            return self.series.visit(&self.cursor, self.metric_type, visit);
        }
        // A guessed series whose labels are wanted after all: its line is known to be right up to its end.
        let mut again = Self::new(self.key(), Options::default());
        if again.series_name_and_labels().is_ok() {
            again.series.visit(&again.cursor, self.metric_type, visit)?;
        }
        Ok(())
    }

    pub(super) fn metric_type(&self) -> MetricType {
        self.metric_type
    }

    pub(super) fn unit(&self) -> &'a str {
        self.unit.1
    }

    pub(super) fn start_timestamp(&self) -> Option<i64> {
        self.start_timestamp
    }

    pub(super) fn exemplar(&self) -> Option<Exemplar> {
        let (value, timestamp) = self.exemplar?;
        let mut labels = Vec::new();
        let visited = self.exemplar_labels.visit(&self.cursor, MetricType::Unknown, &mut |name, value| {
            labels.push((name.to_owned(), value.to_owned()));
        });
        visited.ok()?;
        Some(Exemplar { labels: Labels::from_pairs(labels), value, timestamp })
    }

    /// The sample of a line that starts with the guessed key, where that is certain.
    fn guessed(&mut self, guess: &impl Guess) -> Result<Option<Sample>, ParseError> {
        let len = guess.key_len();
        let Some((key, after)) = self.cursor.rest().split_at_checked(len) else { return Ok(None) };
        if len == 0 || after.first() != Some(&b' ') || !guess.is_key(key) {
            return Ok(None);
        }
        self.cursor.entry = self.cursor.at;
        self.between = (self.behind, self.cursor.entry);
        self.series.set_key(self.cursor.at, self.cursor.at + len);
        self.taken_apart = false;
        self.cursor.at += len;
        self.behind_series(true).map(Some)
    }

    fn sample(&mut self) -> Result<Sample, ParseError> {
        self.between = (self.behind, self.cursor.entry);
        self.series_name_and_labels()?;
        self.taken_apart = true;
        self.behind_series(false)
    }

    fn series_name_and_labels(&mut self) -> Result<(), ParseError> {
        let cursor = &mut self.cursor;
        self.series.begin(cursor.at);
        if cursor.peek() == b'{' {
            cursor.at += 1;
            return self.series.read_braces(cursor, RULES);
        }
        if !cursor.metric_name() {
            return Err(cursor.unexpected("a valid start token", Token::Invalid));
        }
        self.series.set_plain_name(cursor.entry, cursor.at);
        if cursor.peek() == b'{' {
            cursor.token = cursor.at;
            cursor.at += 1;
            return self.series.read_braces(cursor, RULES);
        }
        Ok(())
    }

    /// Reads value, time and exemplar up to the line break.
    fn behind_series(&mut self, guessed: bool) -> Result<Sample, ParseError> {
        self.exemplar = None;
        let cursor = &mut self.cursor;
        let value = word(cursor);
        if !guessed && !self.series.has_name() {
            return Err(cursor.wrong("metric name not set"));
        }
        let value = value.map_err(|token| cursor.unexpected("value after metric", token))?;
        let value = parse_value(value).map_err(|reason| cursor.wrong(reason))?;
        let mut timestamp = None;
        match behind_number(cursor) {
            (Token::LineBreak, _) => {}
            (Token::Timestamp, word) => {
                timestamp = Some(time(cursor, word, "")?);
                match behind_number(cursor) {
                    (Token::LineBreak, _) => {}
                    (Token::Comment, _) => self.read_exemplar()?,
                    (token, _) => return Err(cursor.unexpected("next entry after timestamp", token)),
                }
            }
            (Token::Comment, _) => self.read_exemplar()?,
            (Token::End, _) => return Err(ParseError::NoEnd),
            // The original takes the sample and complains about what is left of the line when it looks for the
            // next one.
            _ => self.left_over = true,
        }
        self.behind = self.cursor.at;
        Ok(Sample { value, timestamp, guessed, prefaced: false })
    }

    /// Reads an exemplar, the cursor standing behind its opening brace.
    fn read_exemplar(&mut self) -> Result<(), ParseError> {
        let cursor = &mut self.cursor;
        self.exemplar_labels.begin(cursor.at);
        self.exemplar_labels.read_braces(cursor, EXEMPLAR_RULES)?;
        let value = word(cursor).map_err(|token| cursor.unexpected("value after exemplar labels", token))?;
        let value = parse_value(value).map_err(|reason| cursor.wrong(reason))?;
        let mut timestamp = None;
        if cursor.peek() == b'\n' {
            cursor.at += 1;
        } else if cursor.at_end() {
            return Err(ParseError::NoEnd);
        } else {
            let word = word(cursor).map_err(|token| cursor.unexpected("timestamp or comment", token))?;
            timestamp = Some(time(cursor, word, "exemplar ")?);
            let (token, _) = behind_number(cursor);
            if token != Token::LineBreak {
                return Err(cursor.unexpected("next entry after exemplar timestamp", token));
            }
        }
        self.exemplar = Some((value, timestamp));
        Ok(())
    }

    /// Reads a line that begins with `#`; `None` at the end.
    fn comment(&mut self) -> Result<Option<Entry<'a>>, ParseError> {
        let cursor = &mut self.cursor;
        let rest = cursor.rest();
        let declarations = [("# HELP ", "HELP"), ("# TYPE ", "TYPE"), ("# UNIT ", "UNIT"), ("# EOF", "EOF")];
        let Some((start, declaration)) =
            declarations.into_iter().find(|(start, _)| rest.starts_with(start.as_bytes()))
        else {
            let agreed = declarations.iter().map(|(start, _)| common_prefix(rest, start.as_bytes())).max();
            cursor.at += agreed.unwrap_or(0);
            return Err(cursor.unexpected("a valid start token", Token::Invalid));
        };
        cursor.at += start.len();
        if declaration == "EOF" {
            let rest = cursor.rest();
            let rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            return if matches!(rest, [] | [0, ..]) { Ok(None) } else { Err(ParseError::BehindEnd) };
        }
        let metric = metric_name(cursor, declaration)?;
        // A name that is no text can be no series' name either: nobody will ask for it.
        let metric = std::str::from_utf8(metric).unwrap_or_default();
        let no_text = ParseError::NoText { declaration };
        let rest = cursor.rest();
        let Some(line_end) = memchr(b'\n', rest).filter(|_| rest.first() == Some(&b' ')) else {
            return Err(no_text);
        };
        let text = rest.get(1..line_end).unwrap_or_default();
        cursor.at += line_end + 1;
        if self.unit.0 != metric {
            self.unit = (metric, "");
        }
        if let Some(created) = &mut self.created {
            created.forget();
        }
        match declaration {
            "HELP" => {
                let text =
                    std::str::from_utf8(text).map_err(|_| ParseError::HelpText { text: text.to_vec() })?;
                Ok(Some(Entry::Help { metric, text, escaped: true }))
            }
            "UNIT" => {
                let unit = std::str::from_utf8(text).map_err(|_| no_text)?;
                let fits =
                    unit.is_empty() || metric.strip_suffix(unit).is_some_and(|name| name.ends_with('_'));
                if !fits {
                    return Err(ParseError::Unit { unit: unit.to_owned(), metric: metric.to_owned() });
                }
                self.unit.1 = unit;
                Ok(Some(Entry::Unit { metric, unit }))
            }
            _ => {
                self.metric_type = metric_type(text)?;
                Ok(Some(Entry::Type { metric, metric_type: self.metric_type }))
            }
        }
    }
}

/// Reads the name in a declaration.
fn metric_name<'a>(cursor: &mut Cursor<'a>, declaration: &str) -> Result<&'a [u8], ParseError> {
    let expected = match declaration {
        "HELP" => "metric name after HELP",
        "TYPE" => "metric name after TYPE",
        _ => "metric name after UNIT",
    };
    if cursor.at_end() {
        return Err(cursor.unexpected(expected, Token::End));
    }
    cursor.token = cursor.at;
    let quoted = cursor.peek() == b'"';
    let is_name = if quoted { cursor.quoted(false).is_some() } else { cursor.metric_name() };
    if !is_name {
        return Err(cursor.unexpected(expected, Token::Invalid));
    }
    let quote = usize::from(quoted);
    Ok(cursor.slice(cursor.token + quote, cursor.at - quote))
}

fn metric_type(name: &[u8]) -> Result<MetricType, ParseError> {
    Ok(match name {
        b"counter" => MetricType::Counter,
        b"gauge" => MetricType::Gauge,
        b"histogram" => MetricType::Histogram,
        b"gaugehistogram" => MetricType::GaugeHistogram,
        b"summary" => MetricType::Summary,
        b"info" => MetricType::Info,
        b"stateset" => MetricType::StateSet,
        b"unknown" => MetricType::Unknown,
        _ => return Err(ParseError::MetricType { name: name.to_vec() }),
    })
}

fn common_prefix(bytes: &[u8], others: &[u8]) -> usize {
    bytes.iter().zip(others).take_while(|(byte, other)| byte == other).count()
}
