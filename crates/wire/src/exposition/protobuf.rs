//! Delimited `io.prometheus.client.MetricFamily` messages (specification, section 3.4).
//!
//! A message is one family; each of its metrics becomes one or more samples. What identifies a series here is
//! not text: the key is the family's name, the raw bytes of the labels, and which of the metric's samples it is.
//!
//! Source: <https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto>

mod histogram;
mod metric;
#[cfg(test)]
mod tests;

use model::labels::{BUCKET_BOUND, METRIC_NAME};
use model::{Exemplar, MetricType};

use super::error::{LabelsError, ParseError};
use super::float::bound_text;
use super::{Entry, Guess, Options, Sample};
use crate::proto::{Fields, Value, split_varint};
use metric::{Emission, Extra, Metric, Part};

/// Walks a body of delimited messages.
#[derive(Debug)]
pub(super) struct ProtobufParser<'a> {
    options: Options,
    /// Messages to come.
    rest: &'a [u8],
    family: Family<'a>,
    /// Declarations of the family that are still to be handed out.
    declarations: Declarations,
    metric: Metric<'a>,
    /// Which emission of the metric comes next.
    position: usize,
    key: Vec<u8>,
}

/// A message without its metrics.
#[derive(Debug, Default)]
struct Family<'a> {
    name: &'a str,
    help: &'a str,
    unit: &'a str,
    metric_type: MetricType,
    /// Where the metrics are still to be found.
    fields: Option<Fields<'a>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Declarations {
    Help,
    Type,
    Unit,
    #[default]
    Done,
}

impl<'a> ProtobufParser<'a> {
    pub(super) fn new(body: &'a [u8], options: Options) -> Self {
        Self {
            options,
            rest: body,
            family: Family::default(),
            declarations: Declarations::Done,
            metric: Metric::default(),
            position: 0,
            key: Vec::new(),
        }
    }

    pub(super) fn next(&mut self, guess: &impl Guess) -> Result<Option<Entry<'a>>, ParseError> {
        loop {
            if let Some(entry) = self.declaration() {
                return Ok(Some(entry));
            }
            if let Some(emission) = self.metric.emissions.get(self.position).copied() {
                self.position += 1;
                return self.emit(emission, guess).map(Some);
            }
            if self.next_metric()? {
                continue;
            }
            if !self.next_family()? {
                return Ok(None);
            }
        }
    }

    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }

    pub(super) fn labels(&self, visit: &mut dyn FnMut(&str, &str)) -> Result<(), LabelsError> {
        let Some(emission) = self.emitted() else { return Ok(()) };
        visit(METRIC_NAME, &format!("{}{}", self.family.name, emission.part.suffix()));
        for (name, value) in &self.metric.labels {
            visit(name, value);
        }
        match emission.extra {
            Extra::None => {}
            Extra::Bound(bound) => visit(BUCKET_BOUND, &bound_text(bound)),
            Extra::Quantile(quantile) => visit("quantile", &bound_text(quantile)),
        }
        Ok(())
    }

    pub(super) fn metric_type(&self) -> MetricType {
        self.family.metric_type
    }

    pub(super) fn unit(&self) -> &'a str {
        self.family.unit
    }

    pub(super) fn is_beside_native(&self) -> bool {
        self.metric.emissions.first().is_some_and(|first| first.part == Part::Native)
    }

    pub(super) fn start_timestamp(&self) -> Option<i64> {
        self.metric.start_timestamp
    }

    pub(super) fn exemplars(&self, visit: &mut dyn FnMut(Exemplar)) {
        let Some(emission) = self.emitted() else { return };
        let own = emission.exemplar.into_iter();
        let native: &[&[u8]] =
            if emission.part == Part::Native { &self.metric.native_exemplars } else { &[] };
        for message in own.chain(native.iter().copied()) {
            // One that cannot be read is no reason to lose the sample.
            if let Ok(exemplar) = metric::exemplar(message) {
                visit(exemplar);
            }
        }
    }

    /// The emission that was handed out last.
    fn emitted(&self) -> Option<Emission<'a>> {
        self.metric.emissions.get(self.position.checked_sub(1)?).copied()
    }

    fn declaration(&mut self) -> Option<Entry<'a>> {
        loop {
            let metric = self.family.name;
            let (next, entry) = match self.declarations {
                Declarations::Done => return None,
                Declarations::Help => {
                    // One that is missing takes the place of one that was there.
                    let text = self.family.help;
                    (Declarations::Type, Some(Entry::Help { metric, text, escaped: false }))
                }
                Declarations::Type => {
                    let metric_type = self.family.metric_type;
                    (Declarations::Unit, Some(Entry::Type { metric, metric_type }))
                }
                Declarations::Unit => {
                    let unit = self.family.unit;
                    (Declarations::Done, (!unit.is_empty()).then_some(Entry::Unit { metric, unit }))
                }
            };
            self.declarations = next;
            if entry.is_some() {
                return entry;
            }
        }
    }

    fn emit(&mut self, emission: Emission<'a>, guess: &impl Guess) -> Result<Entry<'a>, ParseError> {
        self.key.clear();
        self.key.push(emission.part as u8);
        if let Extra::Bound(number) | Extra::Quantile(number) = emission.extra {
            self.key.extend(number.to_bits().to_le_bytes());
        }
        self.key.extend(self.family.name.as_bytes());
        self.key.push(0xFF);
        for message in &self.metric.raw_labels {
            self.key.extend((message.len() as u64).to_le_bytes());
            self.key.extend(*message);
        }
        let guessed = guess.key_len() == self.key.len() && guess.is_key(&self.key);
        let timestamp = self.metric.timestamp;
        if emission.part == Part::Native {
            let is_gauge = self.family.metric_type == MetricType::GaugeHistogram;
            let histogram = histogram::native(self.metric.histogram, is_gauge, self.family.name)?;
            return Ok(Entry::Histogram { histogram: Box::new(histogram), timestamp, guessed });
        }
        Ok(Entry::Sample(Sample { value: emission.value, timestamp, guessed, prefaced: false }))
    }

    /// Reads the next metric of the family; `false` where there is none.
    fn next_metric(&mut self) -> Result<bool, ParseError> {
        let Some(fields) = &mut self.family.fields else { return Ok(false) };
        while let Some((field, value)) = fields.next()? {
            if field == 4 {
                self.position = 0;
                self.metric.read(value.bytes(field)?, self.family.metric_type, self.options)?;
                return Ok(true);
            }
        }
        self.family.fields = None;
        Ok(false)
    }

    /// Reads the head of the next message that has a metric; `false` at the end. The others are not looked at.
    fn next_family(&mut self) -> Result<bool, ParseError> {
        while !self.rest.is_empty() {
            let (len, after) = split_varint(self.rest)?;
            let prefix = self.rest.len() - after.len();
            let message = usize::try_from(len).ok().and_then(|len| after.split_at_checked(len));
            let Some((message, rest)) = message else {
                let expected = len.saturating_add(prefix as u64);
                return Err(ParseError::Truncated { expected, got: self.rest.len() });
            };
            self.rest = rest;
            if let Some(family) = Family::read(message)? {
                self.family = family;
                self.declarations = Declarations::Help;
                self.metric.clear();
                self.position = 0;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl<'a> Family<'a> {
    /// Reads the head of a message; `None` where it has no metric.
    fn read(message: &'a [u8]) -> Result<Option<Self>, ParseError> {
        let (mut name, mut help, mut unit): (&[u8], &[u8], &[u8]) = (&[], &[], &[]);
        let (mut kind, mut has_metrics) = (Value::Varint(0), false);
        let mut fields = Fields::new(message);
        while let Some((field, value)) = fields.next()? {
            match field {
                1 => name = value.bytes(field)?,
                2 => help = value.bytes(field)?,
                3 => kind = value,
                4 => has_metrics = true,
                5 => unit = value.bytes(field)?,
                _ => {}
            }
        }
        if !has_metrics {
            return Ok(None);
        }
        let no_name = || ParseError::MetricName { name: String::from_utf8_lossy(name).into_owned() };
        Ok(Some(Self {
            name: std::str::from_utf8(name).ok().filter(|name| !name.is_empty()).ok_or_else(no_name)?,
            help: std::str::from_utf8(help).map_err(|_| ParseError::HelpText { text: help.to_vec() })?,
            unit: std::str::from_utf8(unit).unwrap_or_default(),
            metric_type: metric_type(kind)?,
            fields: Some(Fields::new(message)),
        }))
    }
}

fn metric_type(value: Value<'_>) -> Result<MetricType, ParseError> {
    Ok(match value.varint(3)? {
        0 => MetricType::Counter,
        1 => MetricType::Gauge,
        2 => MetricType::Summary,
        3 => MetricType::Unknown,
        4 => MetricType::Histogram,
        5 => MetricType::GaugeHistogram,
        other => return Err(ParseError::UnknownType { number: other }),
    })
}
