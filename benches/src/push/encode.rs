//! Requests of both versions, with labels that were encoded once.

use std::collections::HashMap;

use wire::remote::write::{encode_labels, put_series_v1, put_series_v2, put_symbol_v2};

use super::Version;
use crate::fleet::{Series, Values};

/// Series of one connection, ready to be sent.
pub(super) struct Encoded {
    version: Version,
    /// The encoded labels of all series, one behind the other; of version 2.0 the symbols' numbers.
    labels: Vec<u8>,
    symbols: Vec<String>,
    numbers: HashMap<String, u32>,
    refs: Vec<u32>,
    spans: Vec<Span>,
    values: Vec<Values>,
    /// Of version 2.0, the line of each symbol in the present request.
    lines: Vec<u32>,
    used: Vec<u32>,
}

/// Where the labels of a series stand: encoded ones, or numbers of symbols.
type Span = std::ops::Range<usize>;

/// The line of a symbol that the present request does not have.
const NO_LINE: u32 = u32::MAX;

impl Encoded {
    pub(super) fn new(version: Version) -> Self {
        Self {
            version,
            labels: Vec::new(),
            symbols: Vec::new(),
            numbers: HashMap::new(),
            refs: Vec::new(),
            spans: Vec::new(),
            values: Vec::new(),
            lines: Vec::new(),
            used: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn add(&mut self, series: &Series) {
        let span = self.put_labels(series);
        self.spans.push(span);
        self.values.push(series.values());
    }

    /// Puts another series into a place; the labels of the one before stay behind and are not sent.
    pub(super) fn replace(&mut self, place: usize, series: &Series) {
        let span = self.put_labels(series);
        if let (Some(at), Some(values)) = (self.spans.get_mut(place), self.values.get_mut(place)) {
            (*at, *values) = (span, series.values());
        }
    }

    fn put_labels(&mut self, series: &Series) -> Span {
        let labels = || series.labels.iter().map(|(name, value)| (*name, value.as_str()));
        if self.version == Version::V1 {
            let start = self.labels.len();
            encode_labels(&mut self.labels, labels());
            return start..self.labels.len();
        }
        let start = self.refs.len();
        for text in labels().flat_map(|(name, value)| [name, value]) {
            let next = self.symbols.len() as u32;
            let number = match self.numbers.get(text) {
                Some(number) => *number,
                None => {
                    self.numbers.insert(text.to_owned(), next);
                    self.symbols.push(text.to_owned());
                    next
                }
            };
            self.refs.push(number);
        }
        start..self.refs.len()
    }

    /// Writes a request with one sample of each of the series at `places`.
    pub(super) fn request(
        &mut self,
        places: std::ops::Range<usize>,
        (scrape, timestamp): (u64, i64),
        out: &mut Vec<u8>,
    ) {
        out.clear();
        if self.version == Version::V2 {
            self.put_symbols(places.clone(), out);
        }
        let mut lines = Vec::new();
        for place in places {
            let Some(values) = self.values.get_mut(place) else { continue };
            let value = values.next(scrape);
            let span = self.spans.get(place).cloned().unwrap_or_default();
            match self.version {
                Version::V1 => {
                    let labels = self.labels.get(span).unwrap_or_default();
                    put_series_v1(out, labels, timestamp, value);
                }
                Version::V2 => {
                    let refs = self.refs.get(span).unwrap_or_default();
                    lines.clear();
                    lines.extend(
                        refs.iter().map(|symbol| self.lines.get(*symbol as usize).copied().unwrap_or(0)),
                    );
                    put_series_v2(out, &lines, (timestamp, 0, value));
                }
            }
        }
        for symbol in self.used.drain(..) {
            if let Some(line) = self.lines.get_mut(symbol as usize) {
                *line = NO_LINE;
            }
        }
    }

    /// Writes the symbols that the request needs; the first line is empty.
    fn put_symbols(&mut self, places: std::ops::Range<usize>, out: &mut Vec<u8>) {
        self.lines.resize(self.symbols.len(), NO_LINE);
        put_symbol_v2(out, "");
        let mut next = 1;
        for place in places {
            let span = self.spans.get(place).cloned().unwrap_or_default();
            for symbol in self.refs.get(span).unwrap_or_default() {
                let Some(line) = self.lines.get_mut(*symbol as usize).filter(|line| **line == NO_LINE) else {
                    continue;
                };
                *line = next;
                next += 1;
                self.used.push(*symbol);
                put_symbol_v2(out, self.symbols.get(*symbol as usize).map_or("", String::as_str));
            }
        }
    }
}
