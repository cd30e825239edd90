//! What targets answer to a scrape, and what `/metrics` and `/federate` answer.
//!
//! A [`Parser`] walks a body once, entry by entry, and allocates nothing for a line. A series line is handed out
//! as the bytes that name the series ([`Parser::key`]), its value and its time: the bytes are the key under
//! which a scrape knows the series, so that labels are taken apart ([`Parser::labels`]) for new series only.
//! A caller that expects a certain series next passes its key as a guess; a line that starts with it costs one
//! comparison.
//!
//! Reading order: [`Parser`], [`Entry`], [`Format`], then [`Family`] and the writers.

mod error;
mod family;
mod float;
mod format;
mod known;
mod lex;
mod open_metrics;
mod protobuf;
mod runs;
mod series;
#[cfg(test)]
mod tests;
mod text;
mod write;

pub use error::{LabelsError, ParseError};
pub use format::{
    ContentTypeError, Format, Protocol, accept_header, content_type, negotiate, negotiate_accept,
};

pub use family::{Family, Metric, MetricValue};
pub use write::protobuf::write_protobuf;
pub use write::text::write_text;

use model::histogram::NativeForm;
use model::{Exemplar, MetricType};

/// Walks the body of one scrape.
#[derive(Debug)]
pub struct Parser<'a>(Kind<'a>);

#[derive(Debug)]
enum Kind<'a> {
    Text(text::TextParser<'a>),
    OpenMetrics(open_metrics::OpenMetricsParser<'a>),
    Protobuf(Box<protobuf::ProtobufParser<'a>>),
}

/// What is read of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Native histograms; without, their classic form.
    pub native_histograms: bool,
    /// The classic form of a histogram beside the native one.
    pub classic_beside_native: bool,
    /// When counting began; lines that say only that are taken in, not handed out.
    pub start_timestamps: bool,
}

/// The key of the series that a caller expects next.
///
/// A caller need not keep keys: their lengths and good hashes of them are enough.
pub trait Guess {
    /// The key's length; 0 where none is expected.
    fn key_len(&self) -> usize;

    /// Whether these bytes, as many as the key has, are the key.
    fn is_key(&self, bytes: &[u8]) -> bool;

    /// The declarations that are expected before the series; `None` where they are to be handed out.
    fn preface(&self) -> Option<Preface> {
        None
    }

    /// Whether these bytes, as many as the preface has, are it.
    fn is_preface(&self, _bytes: &[u8]) -> bool {
        false
    }
}

/// Lines before a series that declare what is known already; they are passed over where they are as expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preface {
    /// The length of the lines, the last line break included; never 0.
    pub len: usize,
    /// The type that holds behind them.
    pub metric_type: MetricType,
}

/// The lines that a caller expects, one after the other, for [`Parser::pass_known`].
pub trait KnownLines {
    /// What the next line is expected to be; it stays the same until [`KnownLines::take`] says yes.
    type Guess<'a>: Guess
    where
        Self: 'a;

    /// The line that is expected next.
    fn guess(&self) -> Self::Guess<'_>;

    /// Takes the value of the line that was expected, the declared type being `metric_type`; `prefaced` says that the
    /// expected declarations stood before it. `false` where the line is to be handed out like all others: then nothing
    /// of it has been taken.
    fn take(&mut self, value: f64, metric_type: MetricType, prefaced: bool) -> bool;
}

/// The key itself.
impl Guess for &[u8] {
    fn key_len(&self) -> usize {
        self.len()
    }

    fn is_key(&self, bytes: &[u8]) -> bool {
        bytes == *self
    }
}

/// What a parser found next.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry<'a> {
    /// The type of a metric was declared; it holds for the series that follow.
    Type {
        /// The metric's name as it is declared.
        metric: &'a str,
        /// The declared type.
        metric_type: MetricType,
    },
    /// The help text of a metric.
    Help {
        /// The metric's name as it is declared.
        metric: &'a str,
        /// The text.
        text: &'a str,
        /// Whether the text may have escapes: see [`unescape_help`].
        escaped: bool,
    },
    /// The unit of a metric.
    Unit {
        /// The metric's name as it is declared.
        metric: &'a str,
        /// The unit; empty where it was declared to be.
        unit: &'a str,
    },
    /// A sample of a series.
    Sample(Sample),
    /// A native histogram of the series that [`Parser::key`] names.
    Histogram {
        /// The histogram.
        histogram: Box<NativeForm>,
        /// Milliseconds since the Unix epoch, `None` where it has no time.
        timestamp: Option<i64>,
        /// Whether the key is the one that was guessed.
        guessed: bool,
    },
}

/// A float sample of the series that [`Parser::key`] names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// The value; every NaN is the normal NaN.
    pub value: f64,
    /// Milliseconds since the Unix epoch, `None` where the line has no time.
    pub timestamp: Option<i64>,
    /// Whether the key is the one that was guessed.
    pub guessed: bool,
    /// Whether the expected [`Preface`] stood before it and was passed over.
    pub prefaced: bool,
}

impl<'a> Parser<'a> {
    /// Starts at the beginning of `body`, the whole answer in `format`.
    pub fn new(body: &'a [u8], format: Format, options: Options) -> Self {
        Self(match format {
            Format::Text => Kind::Text(text::TextParser::new(body)),
            Format::OpenMetrics => Kind::OpenMetrics(open_metrics::OpenMetricsParser::new(body, options)),
            Format::Protobuf => Kind::Protobuf(Box::new(protobuf::ProtobufParser::new(body, options))),
        })
    }

    /// The next entry, `None` at the end; `guess` is the key that is expected.
    ///
    /// # Errors
    /// The body breaks its format's rules here; what came before stands, nothing can come after.
    pub fn next(&mut self, guess: &impl Guess) -> Result<Option<Entry<'a>>, ParseError> {
        match &mut self.0 {
            Kind::Text(parser) => parser.next(guess),
            Kind::OpenMetrics(parser) => parser.next(guess),
            Kind::Protobuf(parser) => parser.next(guess),
        }
    }

    /// Goes through lines as long as each is the expected one and says nothing but a value that is easy to read, which
    /// is what nearly all lines of nearly all scrapes are. What stops it is for [`Parser::next`].
    #[inline]
    pub fn pass_known(&mut self, lines: &mut impl KnownLines) {
        match &mut self.0 {
            Kind::Text(parser) => parser.pass_known(lines),
            Kind::OpenMetrics(parser) => parser.pass_known(lines),
            Kind::Protobuf(_) => {}
        }
    }

    /// The bytes that name the last sample's series: the same series has the same bytes in the next scrape, as
    /// long as the target does not change its ways, and no other series has them.
    pub fn key(&self) -> &[u8] {
        match &self.0 {
            Kind::Text(parser) => parser.key(),
            Kind::OpenMetrics(parser) => parser.key(),
            Kind::Protobuf(parser) => parser.key(),
        }
    }

    /// The lines between the last sample and the one before it, where a [`Preface`] can be made of them: they
    /// are whole, of a text format, and what they declare is told by [`Parser::metric_type`] alone.
    pub fn preface(&self) -> &'a [u8] {
        match &self.0 {
            Kind::Text(parser) => parser.preface(),
            Kind::OpenMetrics(parser) => parser.preface(),
            Kind::Protobuf(_) => &[],
        }
    }

    /// Takes the last sample's series apart: calls `visit` with each label, the metric's name as `__name__`, in
    /// the order of the body; a name may come twice and a value be empty.
    ///
    /// # Errors
    /// A name is no valid UTF-8.
    pub fn labels(&self, visit: &mut dyn FnMut(&str, &str)) -> Result<(), LabelsError> {
        match &self.0 {
            Kind::Text(parser) => parser.labels(visit),
            Kind::OpenMetrics(parser) => parser.labels(visit),
            Kind::Protobuf(parser) => parser.labels(visit),
        }
    }

    /// Calls `visit` with each exemplar of the last sample.
    pub fn exemplars(&self, visit: &mut dyn FnMut(Exemplar)) {
        match &self.0 {
            Kind::Text(_) => {}
            Kind::OpenMetrics(parser) => parser.exemplar().into_iter().for_each(visit),
            Kind::Protobuf(parser) => parser.exemplars(visit),
        }
    }

    /// When the last sample's counting began, in milliseconds since the Unix epoch, where the target says so.
    pub fn start_timestamp(&self) -> Option<i64> {
        match &self.0 {
            Kind::Text(_) => None,
            Kind::OpenMetrics(parser) => parser.start_timestamp(),
            Kind::Protobuf(parser) => parser.start_timestamp(),
        }
    }

    /// Whether the last sample is of the classic form of a histogram that has a native one too.
    pub fn is_beside_native(&self) -> bool {
        match &self.0 {
            Kind::Text(_) | Kind::OpenMetrics(_) => false,
            Kind::Protobuf(parser) => parser.is_beside_native(),
        }
    }

    /// The unit of the last sample's metric, empty where none was declared.
    pub fn unit(&self) -> &str {
        match &self.0 {
            Kind::Text(_) => "",
            Kind::OpenMetrics(parser) => parser.unit(),
            Kind::Protobuf(parser) => parser.unit(),
        }
    }

    /// The type that was declared last.
    pub fn metric_type(&self) -> MetricType {
        match &self.0 {
            Kind::Text(parser) => parser.metric_type(),
            Kind::OpenMetrics(parser) => parser.metric_type(),
            Kind::Protobuf(parser) => parser.metric_type(),
        }
    }
}

/// A help text without its escapes: `\\` and `\n`, in OpenMetrics `\"` too.
pub fn unescape_help(text: &str, format: Format) -> String {
    lex::unescape(text, format == Format::OpenMetrics)
}
