//! The kinds of samples that an open chunk can hold.

use std::sync::Arc;

use chunks::recode::Value;
use chunks::{HistogramAppender, HistogramKind, Xor2Appender, XorAppender};
use model::{CounterResetHint, FloatHistogram, Histogram, is_stale_nan};

/// Kinds of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Float,
    Histogram,
    FloatHistogram,
}

/// The state that the next sample is written against. Floats are the many, the others stand aside.
#[derive(Debug)]
pub(crate) enum Writer {
    Xor(XorAppender),
    Xor2(Box<Xor2Appender>),
    Histogram(Box<HistogramAppender<Histogram>>),
    FloatHistogram(Box<HistogramAppender<FloatHistogram>>),
}

/// A kind of histogram that the head keeps.
pub(crate) trait HeadHistogram: HistogramKind {
    /// Which kind it is.
    const KIND: Kind;
    /// Whether it marks the end of the series.
    fn is_stale(&self) -> bool;
    /// What contradicts itself in the histogram.
    fn check(&self) -> Result<(), String>;
    /// The histogram as it was when counting began.
    fn zero_like(&self) -> Self;
    /// What the sample says of a counter reset before it.
    fn reset_hint(&self) -> CounterResetHint;
    /// The histogram as a sample's value.
    fn into_value(self) -> Value;
    /// Whether another histogram is the same sample.
    fn is_same(&self, other: &Self) -> bool;
    /// The open chunk's state, where it is of this kind.
    fn appender(writer: &mut Writer) -> Option<&mut HistogramAppender<Self>>;
    /// As [`HeadHistogram::appender`], for reading.
    fn appender_ref(writer: &Writer) -> Option<&HistogramAppender<Self>>;
    /// The state as an open chunk holds it.
    fn writer(appender: HistogramAppender<Self>) -> Writer;
}

macro_rules! head_histogram {
    ($kind:ident) => {
        impl HeadHistogram for $kind {
            const KIND: Kind = Kind::$kind;

            fn is_stale(&self) -> bool {
                is_stale_nan(self.sum)
            }

            fn check(&self) -> Result<(), String> {
                self.validate().map_err(|error| error.to_string())
            }

            fn zero_like(&self) -> Self {
                Self {
                    counter_reset_hint: CounterResetHint::Reset,
                    schema: self.schema,
                    zero_threshold: self.zero_threshold,
                    custom_values: Arc::clone(&self.custom_values),
                    ..Self::default()
                }
            }

            fn reset_hint(&self) -> CounterResetHint {
                self.counter_reset_hint
            }

            fn into_value(self) -> Value {
                Value::$kind(Box::new(self))
            }

            fn is_same(&self, other: &Self) -> bool {
                self.same_as(other)
            }

            fn appender(writer: &mut Writer) -> Option<&mut HistogramAppender<Self>> {
                if let Writer::$kind(appender) = writer { Some(appender) } else { None }
            }

            fn appender_ref(writer: &Writer) -> Option<&HistogramAppender<Self>> {
                if let Writer::$kind(appender) = writer { Some(appender) } else { None }
            }

            fn writer(appender: HistogramAppender<Self>) -> Writer {
                Writer::$kind(Box::new(appender))
            }
        }
    };
}

head_histogram!(Histogram);
head_histogram!(FloatHistogram);
