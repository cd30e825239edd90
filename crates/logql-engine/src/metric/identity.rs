//! Which labels tell the series of a range aggregation apart.

use logql_syntax::ast::Grouping;

use crate::pipeline::Wanted;

/// The labels that make a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identity {
    /// All of them.
    All,
    /// Those named, sorted; none of them: all samples are one series.
    By(Vec<String>),
    /// All but those named, sorted.
    Without(Vec<String>),
}

impl Identity {
    /// The labels that a clause of the query leaves.
    pub(super) fn of(grouping: &Grouping) -> Self {
        let mut labels = grouping.labels.clone();
        labels.sort_unstable();
        labels.dedup();
        if grouping.without { Self::Without(labels) } else { Self::By(labels) }
    }

    /// Whether a label counts.
    pub(super) fn keeps(&self, name: &str) -> bool {
        let named = |labels: &[String]| labels.iter().any(|label| label == name);
        match self {
            Self::All => true,
            Self::By(labels) => named(labels),
            Self::Without(labels) => !named(labels),
        }
    }

    /// Whether all samples are one series.
    pub(super) fn is_one(&self) -> bool {
        matches!(self, Self::By(labels) if labels.is_empty())
    }

    /// The labels that are looked at.
    pub(super) fn wanted(&self) -> Wanted {
        match self {
            Self::All | Self::Without(_) => Wanted::All,
            Self::By(labels) => Wanted::Named(labels.clone()),
        }
    }
}
