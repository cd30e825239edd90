//! Reading of scripts.

use model::duration::parse_duration;
use model::number::parse_float;
use promql_syntax::{Expr, Options, parse_expr};

use super::expectation::{Expectations, Pattern};
use super::script::{
    Command, DescribedSeries, Eval, Expected, ExpectedSeries, Load, Script, ScriptError, When,
};
use super::series::{self, Line};
use super::subject::QueryRange;

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    ///
    /// The first line that is none of the language.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let mut lines = Lines { lines: text.lines().enumerate() };
        let mut commands = Vec::new();
        while let Some((line, text)) = lines.next_command() {
            let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
            let rest = rest.trim();
            let command = match word.to_lowercase().as_str() {
                "clear" if rest.is_empty() => Command::Clear { line },
                "load" => Command::Load(read_load(line, rest, false, &mut lines)?),
                "load_with_nhcb" => Command::Load(read_load(line, rest, true, &mut lines)?),
                word => match word.strip_prefix("eval") {
                    Some(suffix) => Command::Eval(Box::new(read_eval(line, suffix, rest, &mut lines)?)),
                    None => return Err(wrong(line, format!("unknown command {text:?}"))),
                },
            };
            commands.push(command);
        }
        Ok(Self { commands })
    }
}

/// The lines of a script, trimmed; a comment reads as a blank line.
struct Lines<'a> {
    lines: std::iter::Enumerate<std::str::Lines<'a>>,
}

impl<'a> Lines<'a> {
    /// The next line that is not blank, numbered from 1.
    fn next_command(&mut self) -> Option<(usize, &'a str)> {
        loop {
            let (line, text) = self.next_line()?;
            if !text.is_empty() {
                return Some((line, text));
            }
        }
    }

    /// The next line of a block; a blank line ends it.
    fn next_of_block(&mut self) -> Option<(usize, &'a str)> {
        self.next_line().filter(|(_, text)| !text.is_empty())
    }

    fn next_line(&mut self) -> Option<(usize, &'a str)> {
        let (position, text) = self.lines.next()?;
        let text = text.trim();
        Some((position + 1, if text.starts_with('#') { "" } else { text }))
    }
}

fn wrong(line: usize, message: impl ToString) -> ScriptError {
    ScriptError { line, message: message.to_string() }
}

fn read_load(line: usize, rest: &str, with_nhcb: bool, lines: &mut Lines<'_>) -> Result<Load, ScriptError> {
    let step_ms = read_time(line, rest)?;
    let mut load = Load { line, step_ms, with_nhcb, series: Vec::new() };
    let mut starts = Vec::new();
    while let Some((line, text)) = lines.next_of_block() {
        match series::read_loaded(text).map_err(|error| wrong(line, error))? {
            Line::StartTimes(labels, offsets) => starts.push((line, labels, offsets)),
            Line::Values(labels, values) => {
                load.series.push(DescribedSeries { labels, values, starts: Vec::new() });
            }
        }
    }
    for (line, labels, offsets) in starts {
        match load.series.iter_mut().find(|series| series.labels == labels) {
            Some(series) => series.starts = offsets,
            None => return Err(wrong(line, format!("start times of {labels}, which has no values here"))),
        }
    }
    Ok(load)
}

fn read_eval(line: usize, suffix: &str, rest: &str, lines: &mut Lines<'_>) -> Result<Eval, ScriptError> {
    let mut expectations = Expectations::default();
    let suffix = if suffix.is_empty() { Some("") } else { suffix.strip_prefix('_') };
    if !suffix.is_some_and(|suffix| expectations.read_suffix(suffix)) {
        return Err(wrong(line, "unknown form of eval"));
    }
    let (when, query) = read_when(line, rest)?;
    if query.is_empty() {
        return Err(wrong(line, "an expression is missing"));
    }
    let mut block = Block { expectations, scalar: None, string: None, times: None, series: Vec::new() };
    while let Some((line, text)) = lines.next_of_block() {
        block.read(when, text).map_err(|message| wrong(line, message))?;
    }
    let expectations = block.expectations.clone();
    let expected = block.expected().map_err(|message| wrong(line, message))?;
    Ok(Eval { line, query: query.to_owned(), when, expectations, expected })
}

/// `instant at <time> <expr>`, `instant <expr>`, `range from <time> to <time> step <duration> <expr>`.
fn read_when(line: usize, text: &str) -> Result<(When, &str), ScriptError> {
    let (word, rest) = next_word(text);
    match word {
        "instant" => match next_word(rest) {
            ("at", rest) => {
                let (at, query) = next_word(rest);
                Ok((When::Instant { at_ms: read_time(line, at)? }, query))
            }
            _ => Ok((When::Instant { at_ms: 0 }, rest)),
        },
        "range" => {
            let (range, query) = read_range(line, rest)?;
            Ok((When::Range(range), query))
        }
        _ => Err(wrong(line, format!("expected \"instant\" or \"range\", got {word:?}"))),
    }
}

/// `from <time> to <time> step <duration>` and what follows.
fn read_range(line: usize, mut text: &str) -> Result<(QueryRange, &str), ScriptError> {
    let mut numbers = [0; 3];
    for (keyword, number) in ["from", "to", "step"].into_iter().zip(&mut numbers) {
        let (word, rest) = next_word(text);
        if word != keyword {
            return Err(wrong(line, format!("expected {keyword:?}, got {word:?}")));
        }
        let (time, rest) = next_word(rest);
        *number = read_time(line, time)?;
        text = rest;
    }
    let [start_ms, end_ms, step_ms] = numbers;
    if step_ms <= 0 || end_ms < start_ms {
        return Err(wrong(line, "the range must end after its start, in positive steps"));
    }
    Ok((QueryRange { start_ms, end_ms, step_ms }, text))
}

fn next_word(text: &str) -> (&str, &str) {
    let (word, rest) = text.trim_start().split_once(char::is_whitespace).unwrap_or((text.trim_start(), ""));
    (word, rest.trim_start())
}

/// A duration since the start of time, or before it with a minus sign.
fn read_time(line: usize, text: &str) -> Result<i64, ScriptError> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let duration = parse_duration(digits).map_err(|error| wrong(line, error))?;
    let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    Ok(if negative { -ms } else { ms })
}

/// The lines under an eval.
struct Block {
    expectations: Expectations,
    scalar: Option<f64>,
    string: Option<String>,
    times: Option<QueryRange>,
    series: Vec<ExpectedSeries>,
}

impl Block {
    fn read(&mut self, when: When, text: &str) -> Result<(), String> {
        let (word, rest) = next_word(text);
        match word {
            "expect" => return self.read_expect(rest),
            "expected_fail_message" => {
                self.expectations.fail.get_or_insert_default().push(Pattern::Equal(rest.to_owned()));
                return Ok(());
            }
            "expected_fail_regexp" => {
                let pattern = Pattern::regex(rest).map_err(|error| error.to_string())?;
                self.expectations.fail.get_or_insert_default().push(pattern);
                return Ok(());
            }
            _ => {}
        }
        if let Some(number) = read_number(text) {
            self.scalar = Some(number);
            return Ok(());
        }
        if text.starts_with(['"', '\'', '`']) {
            self.string = Some(read_string(text)?);
            return Ok(());
        }
        let series = series::read_expected(text).map_err(|error| error.to_string())?;
        if self.series.iter().any(|other| other.labels == series.labels) {
            return Err(format!("series {} is expected twice", series.labels));
        }
        let one_value = matches!(when, When::Instant { .. }) && self.times.is_none();
        if one_value && series.values.len() != 1 {
            return Err(format!("expected one value of {}, got {}", series.labels, series.values.len()));
        }
        self.series.push(series);
        Ok(())
    }

    fn read_expect(&mut self, text: &str) -> Result<(), String> {
        if let Some(literal) = text.strip_prefix("string ") {
            self.string = Some(read_string(literal.trim())?);
            return Ok(());
        }
        if let Some(range) = text.strip_prefix("range vector ") {
            let (times, rest) = read_range(0, range).map_err(|error| error.message)?;
            if !rest.is_empty() {
                return Err(format!("unexpected {rest:?}"));
            }
            self.times = Some(times);
            return Ok(());
        }
        self.expectations.read(text).map_err(|error| error.to_string())
    }

    fn expected(self) -> Result<Expected, &'static str> {
        match (self.scalar, self.string, self.times) {
            (None, None, None) => Ok(Expected::Series(self.series)),
            (Some(number), None, None) if self.series.is_empty() => Ok(Expected::Scalar(number)),
            (None, Some(text), None) if self.series.is_empty() => Ok(Expected::String(text)),
            (None, None, Some(times)) => Ok(Expected::RangeVector { times, series: self.series }),
            _ => Err("only one kind of value can be expected"),
        }
    }
}

/// The text of a string literal.
fn read_string(literal: &str) -> Result<String, String> {
    match parse_expr(literal, Options::default()) {
        Ok(Expr::String(string)) => Ok(string.value),
        _ => Err(format!("{literal} is no string")),
    }
}

/// A line that is nothing but a number.
fn read_number(text: &str) -> Option<f64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1.0, text), |digits| (-1.0, digits));
    if let Some(digits) = digits.strip_prefix("0x") {
        return i64::from_str_radix(digits, 16).ok().map(|number| sign * number as f64);
    }
    parse_float(text)
}
