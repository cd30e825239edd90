//! Bodies are read as the original reads them.

mod recorded;
mod text;

use model::MetricType;

use super::{Format, Guess, KnownLines, Options, Parser, Preface};

/// No guess.
const NONE: &[u8] = &[];

/// Series, their values and types, then the error that ended the body if one did.
type Outcome = (Vec<(Vec<(String, String)>, f64, MetricType)>, Option<String>);

/// Reads a whole body without guesses.
fn read(body: &[u8], format: Format) -> Outcome {
    read_guessing(body, format, &[])
}

/// Reads a whole body, expecting the series in their order.
fn read_guessing(body: &[u8], format: Format, guesses: &[Expected]) -> Outcome {
    let mut parser = Parser::new(body, format, Options::default());
    let mut samples = Vec::new();
    let mut position = 0;
    loop {
        let entry = match guesses.get(position) {
            Some(guess) => parser.next(guess),
            None => parser.next(&NONE),
        };
        match entry {
            Ok(None) => return (samples, None),
            Err(error) => return (samples, Some(error.to_string())),
            Ok(Some(super::Entry::Sample(sample))) => {
                position += 1;
                let mut labels = Vec::new();
                match parser.labels(&mut |name, value| labels.push((name.to_owned(), value.to_owned()))) {
                    Ok(()) => samples.push((labels, sample.value, parser.metric_type())),
                    Err(error) => return (samples, Some(error.to_string())),
                }
            }
            Ok(Some(_)) => {}
        }
    }
}

/// Reads a whole body, passing over the lines of series that come as they are expected, as long as no more than `most`
/// are taken at a time; values, types and the error alone.
fn read_passing(
    body: &[u8],
    format: Format,
    expected: &[Expected],
    most: usize,
) -> (Vec<(f64, MetricType)>, Option<String>) {
    let mut parser = Parser::new(body, format, Options::default());
    let mut run = Run { expected, position: 0, most, taken: Vec::new() };
    loop {
        run.most = run.taken.len().saturating_add(most);
        parser.pass_known(&mut run);
        let entry = match expected.get(run.position) {
            Some(guess) => parser.next(guess),
            None => parser.next(&NONE),
        };
        match entry {
            Ok(None) => return (run.taken, None),
            Err(error) => return (run.taken, Some(error.to_string())),
            Ok(Some(super::Entry::Sample(sample))) => {
                run.position += 1;
                run.taken.push((sample.value, parser.metric_type()));
            }
            Ok(Some(_)) => {}
        }
    }
}

/// A caller that takes what it expects.
struct Run<'a> {
    expected: &'a [Expected],
    position: usize,
    most: usize,
    taken: Vec<(f64, MetricType)>,
}

impl KnownLines for Run<'_> {
    type Guess<'b>
        = Expected
    where
        Self: 'b;

    fn guess(&self) -> Expected {
        self.expected.get(self.position).cloned().unwrap_or_default()
    }

    fn take(&mut self, value: f64, metric_type: MetricType, prefaced: bool) -> bool {
        if self.taken.len() >= self.most {
            return false;
        }
        assert!(!prefaced || !self.guess().lines.is_empty());
        self.taken.push((value, metric_type));
        self.position += 1;
        true
    }
}

/// What is expected next: a key, and the lines before it with the type behind them.
#[derive(Debug, Clone, Default)]
struct Expected {
    key: Vec<u8>,
    lines: Vec<u8>,
    metric_type: MetricType,
}

impl Expected {
    fn key(key: &[u8]) -> Self {
        Self { key: key.to_vec(), ..Self::default() }
    }
}

impl Guess for Expected {
    fn key_len(&self) -> usize {
        self.key.len()
    }

    fn is_key(&self, bytes: &[u8]) -> bool {
        bytes == self.key
    }

    fn preface(&self) -> Option<Preface> {
        let (len, metric_type) = (self.lines.len(), self.metric_type);
        (len > 0).then_some(Preface { len, metric_type })
    }

    fn is_preface(&self, bytes: &[u8]) -> bool {
        bytes == self.lines
    }
}

/// The series of a body in their order, with what is declared before them.
fn keys(body: &[u8], format: Format) -> Vec<Expected> {
    let mut parser = Parser::new(body, format, Options::default());
    let mut keys = Vec::new();
    while let Ok(Some(entry)) = parser.next(&NONE) {
        if matches!(entry, super::Entry::Sample(_)) {
            // Lines that declare no type leave it to those before them.
            let typed = parser.preface().windows(6).any(|part| part == b"# TYPE");
            let lines = if typed { parser.preface().to_vec() } else { Vec::new() };
            keys.push(Expected { key: parser.key().to_vec(), lines, metric_type: parser.metric_type() });
        }
    }
    keys
}
