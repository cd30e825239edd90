//! What an alert says: names and texts in one buffer, since there may be a hundred thousand alerts.

mod alike;
#[cfg(test)]
mod tests;

use std::fmt;

use model::Labels;

pub(crate) use alike::{Models, Wording};

/// Names and texts, sorted by name. Unlike a label, an annotation may be empty.
#[derive(Clone, PartialEq, Eq)]
pub struct Annotations(Labels);

impl Annotations {
    /// Packs pairs in any order; of equal names the last one stays.
    pub fn from_pairs<N: AsRef<str>, T: AsRef<str>>(pairs: impl IntoIterator<Item = (N, T)>) -> Self {
        let mut pairs: Vec<(N, T)> = pairs.into_iter().collect();
        pairs.sort_by(|a, b| a.0.as_ref().cmp(b.0.as_ref()));
        let mut bytes = Vec::with_capacity(256);
        let mut pairs = pairs.iter().peekable();
        while let Some((name, text)) = pairs.next() {
            let overridden = pairs.peek().is_some_and(|(next, _)| next.as_ref() == name.as_ref());
            if !overridden {
                Labels::pack(name.as_ref(), text.as_ref(), &mut bytes);
            }
        }
        Self::from_packed(&bytes)
    }

    /// Takes pairs that [`Labels::pack`] packed, sorted by name.
    fn from_packed(bytes: &[u8]) -> Self {
        Self(Labels::from_bytes(bytes).unwrap_or_else(Labels::empty))
    }

    /// None.
    pub fn empty() -> Self {
        Self(Labels::empty())
    }

    /// Names and texts in the packed form; unlike labels they may be empty.
    pub fn packed(&self) -> &Labels {
        &self.0
    }

    /// Names and texts, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter()
    }
}

impl fmt::Debug for Annotations {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self.iter()).finish()
    }
}
