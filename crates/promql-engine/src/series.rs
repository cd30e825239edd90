//! The labels of an operator's series.

use std::sync::{Arc, OnceLock};

use foldhash::fast::RandomState;
use hashbrown::HashSet;
use model::Labels;
use model::labels::{METRIC_NAME, METRIC_TYPE, METRIC_UNIT};

/// Labels that an operator removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Removed {
    /// None.
    Nothing,
    /// The metric's name.
    Name,
    /// The metric's name, type and unit.
    Metadata,
}

impl Removed {
    /// Whether a label is still there.
    pub(crate) fn shows(self, label: &str) -> bool {
        match self {
            Self::Nothing => true,
            Self::Name => label != METRIC_NAME,
            Self::Metadata => label != METRIC_NAME && label != METRIC_TYPE && label != METRIC_UNIT,
        }
    }

    pub(crate) fn from(self, labels: &Labels) -> Labels {
        if labels.iter().all(|(name, _)| self.shows(name)) {
            labels.clone()
        } else {
            labels.filtered(|name| self.shows(name))
        }
    }
}

/// Which series are marked to lose their names at the end of the query (delayed name removal).
#[derive(Debug, Clone)]
enum Marked {
    None,
    All,
    Some(Arc<[bool]>),
}

/// The labels of an operator's series, in its order.
///
/// Removed labels are removed from a copy only when somebody asks for the labels as a whole: groupings and the
/// like look past them, and most queries never need the copy.
#[derive(Debug, Clone)]
pub(crate) struct SeriesList {
    raw: Arc<[Labels]>,
    removed: Removed,
    shown: Arc<OnceLock<Arc<[Labels]>>>,
    /// Whether no two series are equal.
    unique: bool,
    /// Whether all series are known to have one metric name, type and unit, so that removing these cannot make two
    /// of them equal.
    one_metric: bool,
    marked: Marked,
}

impl SeriesList {
    /// Series with these labels, all different.
    pub(crate) fn new(labels: impl Into<Arc<[Labels]>>) -> Self {
        Self {
            raw: labels.into(),
            removed: Removed::Nothing,
            shown: Arc::default(),
            unique: true,
            one_metric: false,
            marked: Marked::None,
        }
    }

    /// Series with these labels, some of them maybe equal.
    pub(crate) fn unchecked(labels: Vec<Labels>) -> Self {
        Self { unique: false, ..Self::new(labels) }
    }

    /// Series of one metric, as a selector that names it finds them.
    pub(crate) fn of_one_metric(labels: Arc<[Labels]>) -> Self {
        let mut metadata = labels.iter().map(|labels| (labels.get(METRIC_TYPE), labels.get(METRIC_UNIT)));
        let first = metadata.next();
        let one_metric = metadata.all(|next| Some(next) == first);
        Self { one_metric, ..Self::new(labels) }
    }

    /// The number of series.
    pub(crate) fn len(&self) -> usize {
        self.raw.len()
    }

    /// Labels that may still have what was removed; see [`SeriesList::removed`].
    pub(crate) fn raw(&self) -> &[Labels] {
        &self.raw
    }

    /// What [`SeriesList::raw`] shows too much.
    pub(crate) fn removed(&self) -> Removed {
        self.removed
    }

    /// The labels.
    pub(crate) fn shown(&self) -> &[Labels] {
        if self.removed == Removed::Nothing {
            return &self.raw;
        }
        self.shown.get_or_init(|| self.raw.iter().map(|labels| self.removed.from(labels)).collect())
    }

    /// The labels of one series.
    pub(crate) fn labels(&self, position: usize) -> Labels {
        match self.raw.get(position) {
            Some(labels) => self.removed.from(labels),
            None => Labels::empty(),
        }
    }

    /// The metric's name of a series, empty where it was removed.
    pub(crate) fn metric_name(&self, position: usize) -> &str {
        self.shown_value(position, METRIC_NAME)
    }

    /// The metric's type of a series, empty where it carries none.
    pub(crate) fn metric_type(&self, position: usize) -> &str {
        self.shown_value(position, METRIC_TYPE)
    }

    fn shown_value(&self, position: usize, label: &str) -> &str {
        // Of one metric the first series' labels are at hand.
        let position = if self.one_metric { 0 } else { position };
        match self.raw.get(position) {
            Some(labels) if self.removed.shows(label) => labels.value(label),
            _ => "",
        }
    }

    /// The same series after an operator that makes another metric of them: without `removed`, or (with delayed
    /// name removal) marked to lose it.
    pub(crate) fn renamed(&self, removed: Removed, delayed: bool) -> Self {
        if delayed {
            return Self { marked: Marked::All, ..self.clone() };
        }
        let removed = self.removed.max(removed);
        let unique = self.unique && (self.one_metric || self.len() < 2);
        Self { removed, unique, shown: Arc::default(), ..self.clone() }
    }

    /// Whether a series is marked to lose its name at the end.
    pub(crate) fn is_marked(&self, position: usize) -> bool {
        match &self.marked {
            Marked::None => false,
            Marked::All => true,
            Marked::Some(marks) => marks.get(position).copied().unwrap_or(false),
        }
    }

    /// The same series with these marks.
    pub(crate) fn with_marks(self, marks: Vec<bool>) -> Self {
        let marked = match () {
            () if marks.iter().all(|mark| !mark) => Marked::None,
            () if marks.iter().all(|mark| *mark) => Marked::All,
            () => Marked::Some(marks.into()),
        };
        Self { marked, ..self }
    }

    /// The marks of all series.
    pub(crate) fn marks(&self) -> Vec<bool> {
        (0..self.len()).map(|position| self.is_marked(position)).collect()
    }

    /// Whether no two series have the same labels, not at the end of the query either.
    pub(crate) fn stay_different(&self) -> bool {
        self.unique && matches!(self.marked, Marked::None)
    }

    /// Whether two series may have the same labels.
    pub(crate) fn may_repeat(&self) -> bool {
        !self.unique && repeats(self.shown().iter())
    }
}

/// Whether two label sets are equal.
pub(crate) fn repeats<'a>(labels: impl ExactSizeIterator<Item = &'a Labels>) -> bool {
    let mut seen: HashSet<&Labels, RandomState> =
        HashSet::with_capacity_and_hasher(labels.len(), RandomState::default());
    labels.into_iter().any(|labels| !seen.insert(labels))
}
