//! How requests are translated.

/// How metrics become samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How names are made.
    pub strategy: Strategy,
    /// Which attributes of the resource become labels.
    pub promotion: Promotion,
    /// Whether `target_info` also has the attributes that became `job` and `instance`.
    pub keep_identifying: bool,
    /// Whether histograms become native ones with custom buckets.
    pub histograms_to_nhcb: bool,
    /// Whether the scope becomes labels.
    pub promote_scope: bool,
    /// Whether label names that begin with one underscore get a prefix.
    pub prefix_underscore: bool,
    /// Whether several underscores in a row stay in label names.
    pub keep_underscores: bool,
    /// What becomes of deltas.
    pub deltas: Deltas,
    /// Whether type and unit become labels.
    pub type_and_unit_labels: bool,
    /// The time between two samples of `target_info`, milliseconds.
    pub target_info_interval_ms: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            strategy: Strategy::default(),
            promotion: Promotion::Listed(Vec::new()),
            keep_identifying: false,
            histograms_to_nhcb: false,
            promote_scope: false,
            prefix_underscore: true,
            keep_underscores: true,
            deltas: Deltas::Refused,
            type_and_unit_labels: false,
            target_info_interval_ms: 150_000,
        }
    }
}

/// How names of OpenTelemetry become names of metrics and labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strategy {
    /// In the classic syntax; unit and type are appended.
    #[default]
    UnderscoresWithSuffixes,
    /// In the classic syntax.
    Underscores,
    /// As they are; unit and type are appended.
    Utf8WithSuffixes,
    /// As they are.
    Untranslated,
}

impl Strategy {
    /// Whether names are brought into the classic syntax.
    pub(super) const fn escapes(self) -> bool {
        matches!(self, Self::UnderscoresWithSuffixes | Self::Underscores)
    }
}

/// Which attributes of the resource become labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Promotion {
    /// These.
    Listed(Vec<String>),
    /// All but these.
    AllBut(Vec<String>),
}

impl Promotion {
    /// Whether an attribute becomes a label.
    pub(super) fn includes(&self, name: &str) -> bool {
        match self {
            Self::Listed(names) => names.iter().any(|listed| listed == name),
            Self::AllBut(names) => names.iter().all(|listed| listed != name),
        }
    }
}

/// What becomes of metrics that tell the difference since the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Deltas {
    /// They are refused.
    #[default]
    Refused,
    /// They are summed up.
    Accumulated,
    /// They are stored as they are.
    Kept,
}
