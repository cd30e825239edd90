//! Bodies are read as the original reads them.

mod recorded;
mod text;

use model::MetricType;

use super::{Format, Guess, Options, Parser, Preface};

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
