//! Names and texts: labels and annotations of alerts, in one buffer that all who need them share.

use model::Labels;

/// Names and texts, by name. Unlike a label, an annotation may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts(Labels);

impl Texts {
    /// The text of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter()
    }

    /// Those that `keep` accepts.
    pub(super) fn filtered(&self, mut keep: impl FnMut(&str, &str) -> bool) -> Texts {
        let mut bytes = Vec::with_capacity(self.0.as_bytes().len());
        for (name, text) in self.iter().filter(|(name, text)| keep(name, text)) {
            Labels::pack(name, text, &mut bytes);
        }
        Texts(Labels::from_bytes(&bytes).unwrap_or_default())
    }
}

/// Takes what is packed already; [`Labels::pack`] packs empty texts too.
impl From<Labels> for Texts {
    fn from(packed: Labels) -> Texts {
        Texts(packed)
    }
}

/// Takes pairs in any order; of equal names the last one stays.
impl<N: Into<String>, T: AsRef<str>> FromIterator<(N, T)> for Texts {
    fn from_iter<I: IntoIterator<Item = (N, T)>>(pairs: I) -> Texts {
        let named = pairs.into_iter().map(|(name, text)| (name.into(), text));
        let sorted: std::collections::BTreeMap<String, T> = named.collect();
        let mut bytes = Vec::new();
        for (name, text) in &sorted {
            Labels::pack(name, text.as_ref(), &mut bytes);
        }
        Texts(Labels::from_bytes(&bytes).unwrap_or_default())
    }
}
