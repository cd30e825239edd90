//! From the matchers of a selector to the numbers of the series that fulfil them.

mod evaluate;
mod plan;
#[cfg(test)]
pub(crate) mod tests;

pub use evaluate::select;

/// What an index can be asked; series are numbers.
pub trait SeriesIndex {
    /// What reading can fail with.
    type Error;
    /// A set of series numbers, borrowed from the index where it is there as it is.
    type Ids<'a>: IdSet
    where
        Self: 'a;

    /// All series.
    ///
    /// # Errors
    /// What reading can fail with, here and below.
    fn all(&self) -> Result<Self::Ids<'_>, Self::Error>;

    /// The series with this label pair; the value is not empty.
    fn with_value(&self, name: &str, value: &str) -> Result<Self::Ids<'_>, Self::Error>;

    /// The series that have the label, with any value.
    fn with_label(&self, name: &str) -> Result<Self::Ids<'_>, Self::Error>;

    /// The series whose value of the label begins with `prefix` and is accepted.
    fn with_value_where(
        &self,
        name: &str,
        prefix: &str,
        accepts: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Self::Ids<'_>, Self::Error>;

    /// The number of values of a label, about.
    fn value_count(&self, name: &str) -> usize;

    /// The value of a label of a series.
    fn value_of(&self, series: u32, name: &str) -> Result<Option<&str>, Self::Error>;
}

/// A set of series numbers.
pub trait IdSet: Sized {
    /// The set without any.
    fn empty() -> Self;

    /// The number of series.
    fn len(&self) -> u64;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Keeps what is in `other` too.
    fn intersect(&mut self, other: &Self);

    /// Removes what is in `other`.
    fn subtract(&mut self, other: &Self);

    /// What is in any of the sets.
    fn union(sets: Vec<Self>) -> Self;

    /// Keeps what is accepted.
    ///
    /// # Errors
    /// The first error of `keep`.
    fn retain<E>(&mut self, keep: impl FnMut(u32) -> Result<bool, E>) -> Result<(), E>;
}
