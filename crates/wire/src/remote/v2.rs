//! Remote write 2.0: the texts of a request stand once, in a table, and labels are numbers of its lines.

use super::Error;
pub use super::items::{Item, Items, Plain};
use super::items::{Numbers, split_sample};
use super::labels::{SentLabels, decode_refs};
use super::message::{Message, split_field};
use super::sample::{SentExemplar, decode_exemplar};
use crate::proto::{Value, split_varint};
use model::{Metadata, MetricType};

/// A request whose symbols are known, on its way into series.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    fields: Message<'a>,
}

/// A text of a request.
const SYMBOL_TAG: u8 = 4 << 3 | 2;
/// A series of a request.
const SERIES_TAG: u8 = 5 << 3 | 2;
/// More texts than this no request has: each takes memory beside its body.
const SYMBOLS_MAX: usize = 1 << 20;
/// More labels than this no series has.
const LABEL_REFS_MAX: usize = 1 << 16;

impl<'a> Request<'a> {
    /// Begins to walk a decompressed body; its symbols go to `symbols`, which are emptied first.
    ///
    /// # Errors
    /// Where the bytes are no request, or it has more symbols than any request.
    pub fn new(body: &'a [u8], symbols: &mut Vec<&'a [u8]>) -> Result<Self, Error> {
        symbols.clear();
        let fields = Message::new("Request", body);
        // They stand before the series as a rule, and need not.
        let mut all = fields.clone();
        loop {
            while let Some(symbol) = all.take(SYMBOL_TAG) {
                push_symbol(symbols, symbol)?;
            }
            while all.take(SERIES_TAG).is_some() {}
            match all.next()? {
                None => return Ok(Self { fields }),
                Some((4, value)) => push_symbol(symbols, value.bytes_of("Symbols")?)?,
                Some(_) => {}
            }
        }
    }

    /// The next series, `None` at the end.
    ///
    /// # Errors
    /// Where the bytes are no request.
    #[inline]
    pub fn next_series(&mut self) -> Result<Option<Series<'a>>, Error> {
        if let Some(message) = self.fields.take(SERIES_TAG) {
            return Ok(Some(Series { message }));
        }
        while let Some((number, value)) = self.fields.next()? {
            if number == 5 {
                return Ok(Some(Series { message: value.bytes_of("Timeseries")? }));
            }
        }
        Ok(None)
    }
}

/// Adds a text: before there are too many, so that a body of empty ones takes no more memory than any other.
#[inline]
fn push_symbol<'a>(symbols: &mut Vec<&'a [u8]>, symbol: &'a [u8]) -> Result<(), Error> {
    if symbols.len() >= SYMBOLS_MAX {
        return Err(Error::TooMany { what: "symbols" });
    }
    symbols.push(symbol);
    Ok(())
}

/// A series of a request.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    message: &'a [u8],
}

const LABEL_REFS: u32 = 1;
const LABEL_REFS_TAG: u8 = 1 << 3 | 2;
const METADATA_TAG: u8 = 5 << 3 | 2;
const NUMBERS: Numbers = Numbers { label_messages: false, exemplars: 4, histograms: 3, metadata: 5 };

impl<'a> Series<'a> {
    /// The packed references and the sample of a series that carries one float sample and nothing else but metadata.
    ///
    /// `None` says nothing: whoever reads all of the series is told what it is.
    #[inline]
    pub fn plain(&self) -> Option<Plain<'a>> {
        let (labels, rest) = split_field(LABEL_REFS_TAG, self.message)?;
        let (sample, rest) = split_sample(rest)?;
        if !rest.is_empty() {
            let (metadata, rest) = split_field(METADATA_TAG, rest)?;
            SentMetadata::decode(metadata).ok().filter(|_| rest.is_empty())?;
        }
        Some(Plain { labels, sample })
    }

    /// Adds the lines of the labels' names and values, one after the other.
    ///
    /// # Errors
    /// Where the bytes are no series, or it has more labels than any series.
    pub fn label_refs(&self, refs: &mut Vec<u32>) -> Result<(), Error> {
        let before = refs.len();
        let mut fields = Message::new("TimeSeries", self.message);
        while let Some((number, value)) = fields.next()? {
            if number == LABEL_REFS {
                add_refs(value, refs, before)?;
            }
        }
        Ok(())
    }

    /// What the series carries, in the order of the bytes.
    pub fn items(&self) -> Items<'a> {
        Items::new(self.message, NUMBERS)
    }
}

/// Adds references to those that stand from `before` on: no more than a series has, however many the field tells.
fn add_refs(value: Value<'_>, refs: &mut Vec<u32>, before: usize) -> Result<(), Error> {
    let mut count = refs.len() - before;
    decode_refs(value, |reference| {
        count += 1;
        if count <= LABEL_REFS_MAX {
            refs.push(reference);
        }
    })?;
    if count > LABEL_REFS_MAX { Err(Error::TooMany { what: "labels" }) } else { Ok(()) }
}

/// Calls `add` with the lines of the name and the value of each label that packed references ([`Plain::labels`]) tell
/// of; says whether no name was left without a value.
///
/// # Errors
/// Where the bytes are no references, or more than any series has.
#[inline]
pub fn each_packed_pair(packed: &[u8], mut add: impl FnMut(u32, u32)) -> Result<bool, Error> {
    let number = |bytes| split_varint(bytes).map_err(|error| Error::of(error, "LabelsRefs"));
    // A reference has a byte at least.
    if packed.len() > LABEL_REFS_MAX {
        let mut count = 0;
        decode_refs(Value::Bytes(packed), |_| count += 1)?;
        if count > LABEL_REFS_MAX {
            return Err(Error::TooMany { what: "labels" });
        }
    }
    let mut rest = packed;
    while !rest.is_empty() {
        let (name, behind) = number(rest)?;
        if behind.is_empty() {
            return Ok(false);
        }
        let (value, behind) = number(behind)?;
        rest = behind;
        // Of a number that is too long the original keeps the low bits.
        add(name as u32, value as u32);
    }
    Ok(true)
}

/// References to labels that name nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadRefs {
    /// A name without a value.
    #[error("invalid labelRefs length {0}")]
    Length(usize),
    /// A line that the table does not have.
    #[error(
        "labelRefs {position} (name) = {name} or labelRefs {} (value) = {value} outside of symbols table (size {symbols})",
        .position + 1
    )]
    Outside {
        /// Where the name stands among the references.
        position: usize,
        /// The line of the name.
        name: u32,
        /// The line of the value.
        value: u32,
        /// Lines that the table has.
        symbols: usize,
    },
}

/// The labels that references stand for.
///
/// # Errors
/// [`BadRefs`] where they stand for nothing.
pub fn resolve<'a>(refs: &[u32], symbols: &[&'a [u8]], labels: &mut SentLabels<'a>) -> Result<(), BadRefs> {
    labels.clear();
    let (pairs, odd) = refs.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(BadRefs::Length(refs.len()));
    }
    for (number, &[name, value]) in pairs.iter().enumerate() {
        match (symbols.get(name as usize), symbols.get(value as usize)) {
            (Some(name), Some(value)) => labels.push(name, value),
            _ => {
                let position = 2 * number;
                return Err(BadRefs::Outside { position, name, value, symbols: symbols.len() });
            }
        }
    }
    Ok(())
}

/// Exemplars of this version.
#[derive(Debug, Clone, Copy)]
pub struct Exemplar;

impl Exemplar {
    /// Reads an exemplar; the lines of its labels go to `refs`, which are emptied first.
    ///
    /// # Errors
    /// Where the bytes are no exemplar.
    pub fn decode(message: &[u8], refs: &mut Vec<u32>) -> Result<SentExemplar, Error> {
        refs.clear();
        decode_exemplar(message, |value| add_refs(value, refs, 0))
    }
}

/// What is known of a metric, texts as lines of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SentMetadata {
    metric_type: MetricType,
    help: u32,
    unit: u32,
}

impl SentMetadata {
    /// Reads a metadata message.
    ///
    /// # Errors
    /// Where the bytes are no such message.
    pub fn decode(message: &[u8]) -> Result<Self, Error> {
        let mut metadata = Self::default();
        let mut fields = Message::new("Metadata", message);
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => {
                    // Numbered as in the log.
                    let code = u8::try_from(value.number_of("Type")?).unwrap_or_default();
                    metadata.metric_type = MetricType::from_wal_code(code);
                }
                3 => metadata.help = value.number_of("HelpRef")? as u32,
                4 => metadata.unit = value.number_of("UnitRef")? as u32,
                _ => {}
            }
        }
        Ok(metadata)
    }

    /// With its texts; those that the table does not have are empty.
    pub fn resolve(&self, symbols: &[&[u8]]) -> Metadata {
        let text =
            |line: u32| symbols.get(line as usize).map(|text| String::from_utf8_lossy(text).into_owned());
        Metadata {
            metric_type: self.metric_type,
            unit: text(self.unit).unwrap_or_default(),
            help: text(self.help).unwrap_or_default(),
        }
    }
}
