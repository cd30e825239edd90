//! What operators have to tell about the samples that they met.

/// Something worth telling the user; the engine adds text and place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Remark {
    /// An operator met types that it does not work on.
    IncompatibleTypes {
        /// The operator as it is written.
        operator: &'static str,
        /// Type of the left operand: `float` or `histogram`.
        left: &'static str,
        /// Type of the right operand.
        right: &'static str,
    },
    /// An operator met histograms whose buckets cannot be brought together.
    IncompatibleBuckets {
        /// The operator as it is written.
        operator: &'static str,
    },
    /// Histograms whose hints on counter resets contradict each other were added or subtracted.
    ConflictingResets(HistogramOperation),
    /// Custom buckets with different bounds were reduced to the common ones.
    ReconciledBounds(HistogramOperation),
    /// A group held floats and histograms; it was dropped.
    MixedGroup,
    /// A group held histograms with exponential and with custom buckets; it was dropped.
    MixedSchemas,
    /// An aggregation left out histograms.
    IgnoredHistogram {
        /// The aggregation as it is written.
        aggregation: &'static str,
    },
}

/// Where histograms were brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HistogramOperation {
    /// `+`
    Addition,
    /// `-`
    Subtraction,
    /// `sum`, `avg` and the like.
    Aggregation,
}

impl HistogramOperation {
    /// The word in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Addition => "addition",
            Self::Subtraction => "subtraction",
            Self::Aggregation => "aggregation",
        }
    }
}

/// The remarks of one operator, each once, in the order in which they came up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remarks(Vec<Remark>);

impl Remarks {
    /// None.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a remark unless it is there.
    pub fn add(&mut self, remark: Remark) {
        if !self.0.contains(&remark) {
            self.0.push(remark);
        }
    }

    /// Takes all out.
    pub fn drain(&mut self) -> impl Iterator<Item = Remark> + '_ {
        self.0.drain(..)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
