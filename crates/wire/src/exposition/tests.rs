//! Bodies are read as the original reads them.

mod recorded;
mod text;

use super::{Format, Options, Parser};

/// No guess.
const NONE: &[u8] = &[];

/// Series and their values, then the error that ended the body if one did.
type Outcome = (Vec<(Vec<(String, String)>, f64)>, Option<String>);

/// Reads a whole body without guesses.
fn read(body: &[u8], format: Format) -> Outcome {
    read_guessing(body, format, &[])
}

/// Reads a whole body, expecting the keys in their order.
fn read_guessing(body: &[u8], format: Format, guesses: &[Vec<u8>]) -> Outcome {
    let mut parser = Parser::new(body, format, Options::default());
    let mut samples = Vec::new();
    let mut position = 0;
    loop {
        let guess = guesses.get(position).map_or(&[][..], Vec::as_slice);
        match parser.next(&guess) {
            Ok(None) => return (samples, None),
            Err(error) => return (samples, Some(error.to_string())),
            Ok(Some(super::Entry::Sample(sample))) => {
                position += 1;
                let mut labels = Vec::new();
                match parser.labels(&mut |name, value| labels.push((name.to_owned(), value.to_owned()))) {
                    Ok(()) => samples.push((labels, sample.value)),
                    Err(error) => return (samples, Some(error.to_string())),
                }
            }
            Ok(Some(_)) => {}
        }
    }
}

/// The keys of a body's series in their order.
fn keys(body: &[u8], format: Format) -> Vec<Vec<u8>> {
    let mut parser = Parser::new(body, format, Options::default());
    let mut keys = Vec::new();
    while let Ok(Some(entry)) = parser.next(&NONE) {
        if matches!(entry, super::Entry::Sample(_)) {
            keys.push(parser.key().to_vec());
        }
    }
    keys
}
