//! The labels of a row.

use hashbrown::HashMap;
use model::Labels;

/// The label that holds what went wrong with a line.
pub(crate) const ERROR: &str = "__error__";
/// The label that says more of it.
pub(crate) const ERROR_DETAILS: &str = "__error_details__";

/// More labels than this are found by a table while a line is taken apart.
const MANY: usize = 64;

/// Where a label comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LabelKind {
    /// From the stream.
    Stream,
    /// From the entry's structured metadata.
    Metadata,
    /// From the line, or set by a stage.
    Parsed,
}

/// One label of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowLabel<'r> {
    /// Its name.
    pub name: &'r str,
    /// Its value; empty where a stage says so.
    pub value: &'r str,
    /// Where it comes from.
    pub kind: LabelKind,
}

/// The labels of a row as the stages left them: those of the stream, of the structured metadata and of the line, each
/// name once.
#[derive(Debug, Clone, Default)]
pub struct RowLabels<'r> {
    labels: Vec<RowLabel<'r>>,
    /// Those of the stream, whatever became of them.
    base: &'r [RowLabel<'r>],
    /// Whether the first labels are no longer those of `base`.
    base_touched: bool,
    error: &'r str,
    details: &'r str,
    signature: Option<u64>,
    /// Where the first labels are, once there were many.
    places: HashMap<&'r str, usize, foldhash::fast::RandomState>,
    /// How many of them are in the table.
    placed: usize,
}

impl<'r> RowLabels<'r> {
    /// Labels in memory that another row had.
    pub(crate) fn new(memory: Vec<RowLabel<'r>>, base: &'r [RowLabel<'r>]) -> Self {
        let mut labels = Self { labels: memory, base, base_touched: true, ..Self::default() };
        labels.reset();
        labels
    }

    /// Gives the memory back.
    pub(crate) fn into_memory(self) -> Vec<RowLabel<'r>> {
        self.labels
    }

    /// Goes back to the labels of the stream.
    pub(crate) fn reset(&mut self) {
        if self.base_touched {
            self.labels.clear();
            self.labels.extend_from_slice(self.base);
            self.base_touched = false;
        } else {
            self.labels.truncate(self.base.len());
        }
        (self.error, self.details) = ("", "");
        self.signature = Some(0);
        self.forget_places();
    }

    /// The place of a label; with many labels to look through for each of many, it is looked up.
    fn place(&mut self, name: &str) -> Option<usize> {
        if self.labels.len() <= MANY {
            return self.labels.iter().rposition(|label| label.name == name);
        }
        let fresh = self.labels.iter().enumerate().skip(self.placed);
        self.places.extend(fresh.map(|(place, label)| (label.name, place)));
        self.placed = self.labels.len();
        self.places.get(name).copied()
    }

    fn forget_places(&mut self) {
        if self.placed > 0 {
            self.places.clear();
            self.placed = 0;
        }
    }

    /// The value of a label, empty where there is none. What more there is to say of an error is not among the
    /// labels that can be asked for, as in the original.
    pub fn get(&self, name: &str) -> &'r str {
        match self.labels.iter().rev().find(|label| label.name == name) {
            Some(label) => label.value,
            None if name == ERROR => self.error,
            None => "",
        }
    }

    /// The label of a name, if it is there.
    pub(crate) fn find(&self, name: &str) -> Option<&'r str> {
        match self.labels.iter().rev().find(|label| label.name == name) {
            Some(label) => Some(label.value),
            None if name == ERROR && self.has_error() => Some(self.error),
            None => None,
        }
    }

    /// The labels, in no order; an error is not among them.
    pub fn iter(&self) -> impl Iterator<Item = RowLabel<'r>> + '_ {
        self.labels.iter().copied()
    }

    /// What went wrong with the line, empty where nothing did.
    pub fn error(&self) -> &'r str {
        self.error
    }

    /// More of what went wrong.
    pub fn error_details(&self) -> &'r str {
        self.details
    }

    /// The labels that tell of it, an empty value for nothing.
    pub(crate) fn errors(&self) -> [(&'static str, &'r str); 2] {
        [(ERROR, self.error), (ERROR_DETAILS, self.details)]
    }

    /// Whether something went wrong.
    pub fn has_error(&self) -> bool {
        !self.error.is_empty()
    }

    /// A number for the whole set, where that is cheap: rows of one block with equal numbers have equal labels.
    pub fn signature(&self) -> Option<u64> {
        self.signature
    }

    /// Appends the labels whose names `keep` accepts in the form of [`Labels::as_bytes`], an error among them, empty
    /// values not.
    pub fn pack(&self, mut keep: impl FnMut(&str) -> bool, scratch: &mut PackScratch, bytes: &mut Vec<u8>) {
        scratch.order.clear();
        for (position, label) in self.labels.iter().enumerate() {
            if !label.value.is_empty() && keep(label.name) {
                scratch.order.push(position as u32);
            }
        }
        let name_of = |position: &u32| self.labels.get(*position as usize).map_or("", |label| label.name);
        scratch.order.sort_unstable_by(|a, b| name_of(a).cmp(name_of(b)));
        let mut errors = [(ERROR, self.error), (ERROR_DETAILS, self.details)].into_iter().peekable();
        for position in &scratch.order {
            let Some(label) = self.labels.get(*position as usize) else { continue };
            while let Some((name, value)) = errors.next_if(|(name, _)| *name < label.name) {
                if !value.is_empty() && keep(name) {
                    Labels::pack(name, value, bytes);
                }
            }
            Labels::pack(label.name, label.value, bytes);
        }
        for (name, value) in errors {
            if !value.is_empty() && keep(name) {
                Labels::pack(name, value, bytes);
            }
        }
    }

    /// The labels as a set, an error among them.
    pub fn to_labels(&self) -> Labels {
        let errors = [(ERROR, self.error), (ERROR_DETAILS, self.details)];
        Labels::from_pairs(self.labels.iter().map(|label| (label.name, label.value)).chain(errors))
    }

    /// Whether the stream has a label, whatever became of it.
    pub(crate) fn base_has(&self, name: &str) -> bool {
        self.base.iter().any(|label| label.name == name)
    }

    /// Adds a key of structured metadata.
    pub(crate) fn add_metadata(&mut self, name: &'r str, value: &'r str) {
        if self.base.iter().any(|label| label.name == name) {
            self.remove(name);
        }
        self.labels.push(RowLabel { name, value, kind: LabelKind::Metadata });
    }

    /// Says which of the block's combinations of metadata it is.
    pub(crate) fn set_signature(&mut self, signature: Option<u64>) {
        self.signature = signature;
    }

    /// How many labels there are.
    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    /// Adds a label taken from the line, unless a stage before (behind which there were `mark` labels) took one of the
    /// name; of two taken by one stage the last one stays if `replaces`. It hides structured metadata of its name.
    pub(crate) fn extract(&mut self, name: &'r str, value: &'r str, mark: usize, replaces: bool) {
        let place = self.place(name);
        match place.and_then(|place| Some((place, self.labels.get_mut(place)?))) {
            Some((position, label)) if label.kind == LabelKind::Parsed => {
                if position >= mark && replaces {
                    label.value = value;
                }
            }
            // Where a label of metadata stood before, it is now one that this stage took.
            Some((position, _)) => {
                self.base_touched |= position < self.base.len();
                self.labels.remove(position);
                self.forget_places();
                self.labels.push(RowLabel { name, value, kind: LabelKind::Parsed });
            }
            None => self.labels.push(RowLabel { name, value, kind: LabelKind::Parsed }),
        }
        self.signature = None;
    }

    /// Sets a label to nothing, unless it is there.
    pub(crate) fn set_missing(&mut self, name: &'r str) {
        if !self.base_has(name) && self.place(name).is_none() {
            self.labels.push(RowLabel { name, value: "", kind: LabelKind::Parsed });
            self.signature = None;
        }
    }

    /// Forgets what went wrong, and what more there is to say of it.
    pub(crate) fn clear_error(&mut self, name: &str) {
        match name {
            ERROR => self.error = "",
            ERROR_DETAILS => self.details = "",
            _ => {}
        }
    }

    /// Sets a label, in place of any that has its name.
    pub(crate) fn set(&mut self, name: &'r str, value: &'r str) {
        self.signature = None;
        let place = self.place(name);
        let label = place.and_then(|place| self.labels.get_mut(place));
        if let Some(label) = label.filter(|label| label.kind == LabelKind::Parsed) {
            label.value = value;
            return;
        }
        if place.is_some() {
            self.remove(name);
        }
        self.labels.push(RowLabel { name, value, kind: LabelKind::Parsed });
    }

    /// Removes a label.
    pub(crate) fn remove(&mut self, name: &str) {
        if let Some(position) = self.labels.iter().position(|label| label.name == name) {
            self.base_touched |= position < self.base.len();
            self.signature = None;
            self.labels.remove(position);
            self.forget_places();
        }
    }

    /// Keeps the labels that `keep` accepts.
    pub(crate) fn retain(&mut self, keep: impl FnMut(&RowLabel<'r>) -> bool) {
        self.base_touched = true;
        self.signature = None;
        self.forget_places();
        self.labels.retain(keep);
    }

    /// Says what went wrong.
    pub(crate) fn set_error(&mut self, error: &'r str, details: &'r str) {
        (self.error, self.details) = (error, details);
        self.signature = None;
    }
}

/// Memory for [`RowLabels::pack`].
#[derive(Debug, Clone, Default)]
pub struct PackScratch {
    order: Vec<u32>,
}
