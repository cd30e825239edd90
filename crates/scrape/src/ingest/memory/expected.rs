//! The line that a memory expects next.

use std::hash::{BuildHasher, Hasher};

use foldhash::quality::RandomState;
use wire::exposition::{Guess, Preface};

use crate::ingest::preface::KnownPreface;

/// Length and hash of the series that is expected next, and the declarations before it.
pub(crate) struct ExpectedKey<'a> {
    pub(super) hasher: &'a RandomState,
    pub(super) len: usize,
    pub(super) hash: u64,
    pub(super) preface: Option<&'a KnownPreface>,
}

impl Guess for ExpectedKey<'_> {
    #[inline]
    fn key_len(&self) -> usize {
        self.len
    }

    #[inline]
    fn is_key(&self, bytes: &[u8]) -> bool {
        hash(self.hasher, bytes) == self.hash
    }

    #[inline]
    fn preface(&self) -> Option<Preface> {
        self.preface.map(|preface| preface.lines)
    }

    #[inline]
    fn is_preface(&self, bytes: &[u8]) -> bool {
        self.preface.is_some_and(|preface| hash(self.hasher, bytes) == preface.hash)
    }
}

/// The hash of bytes.
#[inline]
pub(super) fn hash(hasher: &RandomState, bytes: &[u8]) -> u64 {
    let mut hasher = hasher.build_hasher();
    hasher.write(bytes);
    hasher.finish()
}
