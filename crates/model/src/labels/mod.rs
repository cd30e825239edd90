//! Label sets as one packed buffer: one allocation, one hash, one comparison of bytes.
//!
//! The buffer holds, per label and sorted by name, `[len][name][len][value]`, where a length below 255 is one
//! byte and any other is `0xFF` and three bytes, little endian. It is the byte form that `limit_ratio` and the
//! offsets of rule groups are defined on (specification, section 2.4), so [`Labels::hash64`] gives the same
//! picks as the original.

mod builder;
mod packed;
#[cfg(test)]
mod tests;

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

pub use builder::LabelsBuilder;
pub use packed::{Iter, TEXT_BYTES_MAX};

use crate::name::is_legacy_label_name;
use crate::quote::quote;

/// The label that carries the metric's name.
pub const METRIC_NAME: &str = "__name__";
/// The label that carries the metric's type where type-and-unit labels are on.
pub const METRIC_TYPE: &str = "__type__";
/// The label that carries the metric's unit where type-and-unit labels are on.
pub const METRIC_UNIT: &str = "__unit__";
/// The label of a classic histogram's upper bucket bound.
pub const BUCKET_BOUND: &str = "le";

/// A set of labels sorted by name, each name once, no empty value.
///
/// Cheap to clone (a reference count). Equality and hash are those of the packed bytes; the order compares
/// label by label, name before value, as the original sorts series.
#[derive(Clone, PartialEq, Eq)]
pub struct Labels(Arc<[u8]>);

impl Labels {
    /// The set without labels.
    pub fn empty() -> Self {
        Self(Arc::from(&[][..]))
    }

    /// Packs pairs in any order; an empty value means "no such label", of equal names the last one stays.
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut pairs: Vec<(N, V)> = pairs.into_iter().collect();
        pairs.sort_by(|a, b| a.0.as_ref().cmp(b.0.as_ref()));
        let mut bytes = Vec::new();
        for (position, (name, value)) in pairs.iter().enumerate() {
            let overridden = pairs.get(position + 1).is_some_and(|(next, _)| next.as_ref() == name.as_ref());
            if !overridden && !value.as_ref().is_empty() {
                packed::push(&mut bytes, name.as_ref(), value.as_ref());
            }
        }
        Self(bytes.into())
    }

    /// Packs pairs that are sorted by name, without equal names and without empty values.
    ///
    /// For hot paths; the order is asserted in debug builds.
    pub fn from_sorted<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut bytes = Vec::with_capacity(256);
        let mut previous: Option<&str> = None;
        for (name, value) in pairs {
            debug_assert!(previous.is_none_or(|previous| previous < name), "labels out of order at {name}");
            packed::push(&mut bytes, name, value);
            previous = Some(name);
        }
        Self(bytes.into())
    }

    /// Takes bytes in the packed form, as [`Labels::as_bytes`] gave them; `None` where they are not.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        packed::is_valid(bytes).then(|| Self(bytes.into()))
    }

    /// Appends one label in the packed form, for whoever builds a set to look it up: labels must come sorted by name,
    /// each name once, no value empty. [`Labels::from_bytes`] makes the set.
    pub fn pack(name: &str, value: &str, bytes: &mut Vec<u8>) {
        packed::push(bytes, name, value);
    }

    /// The packed bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// XXH64 of the packed bytes, the same number in every process and version.
    pub fn hash64(&self) -> u64 {
        twox_hash::XxHash64::oneshot(0, &self.0)
    }

    /// The value of a label, `None` where the set has no such label.
    pub fn get(&self, name: &str) -> Option<&str> {
        // Sorted by name: the search may stop behind the place where it would stand.
        let mut entries = packed::entries(&self.0);
        let found = entries.find(|entry| entry.name >= name.as_bytes())?;
        if found.name == name.as_bytes() { std::str::from_utf8(found.value).ok() } else { None }
    }

    /// The value of a label, empty where the set has no such label (which is what an empty value means).
    pub fn value(&self, name: &str) -> &str {
        self.get(name).unwrap_or("")
    }

    /// The metric's name, empty where there is none.
    pub fn metric_name(&self) -> &str {
        self.value(METRIC_NAME)
    }

    /// The labels in order of their names.
    pub fn iter(&self) -> Iter<'_> {
        Iter::new(&self.0)
    }

    /// The number of labels; walks the buffer.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is no label.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The labels whose names `keep` accepts.
    pub fn filtered(&self, keep: impl FnMut(&str) -> bool) -> Self {
        let mut bytes = Vec::with_capacity(self.0.len());
        self.pack_filtered(keep, &mut bytes);
        Self(bytes.into())
    }

    /// Appends the packed bytes of the labels whose names `keep` accepts: what [`Labels::filtered`] has, for looking
    /// it up without making it.
    pub fn pack_filtered(&self, mut keep: impl FnMut(&str) -> bool, bytes: &mut Vec<u8>) {
        for entry in packed::entries(&self.0) {
            if std::str::from_utf8(entry.name).is_ok_and(&mut keep) {
                bytes.extend_from_slice(entry.whole);
            }
        }
    }

    /// The labels without the metric's name.
    pub fn without_name(&self) -> Self {
        if self.get(METRIC_NAME).is_none() {
            return self.clone();
        }
        self.filtered(|name| name != METRIC_NAME)
    }
}

impl Default for Labels {
    fn default() -> Self {
        Self::empty()
    }
}

impl Hash for Labels {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Borrow<[u8]> for Labels {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl PartialOrd for Labels {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Labels {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.0 == other.0 { Ordering::Equal } else { packed::compare(&self.0, &other.0) }
    }
}

/// `{__name__="up", job="node"}`: names that the classic syntax does not know are quoted too.
impl fmt::Display for Labels {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("{")?;
        for (position, (name, value)) in self.iter().enumerate() {
            if position > 0 {
                formatter.write_str(", ")?;
            }
            if is_legacy_label_name(name) {
                formatter.write_str(name)?;
            } else {
                formatter.write_str(&quote(name))?;
            }
            write!(formatter, "={}", quote(value))?;
        }
        formatter.write_str("}")
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl<'a> IntoIterator for &'a Labels {
    type Item = (&'a str, &'a str);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Labels {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self::from_pairs(pairs)
    }
}
