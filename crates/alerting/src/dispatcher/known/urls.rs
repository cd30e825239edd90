//! Where alerts come from: all alerts of a rule come from one place, whose text they share.

use std::sync::Arc;

use foldhash::{HashSet, HashSetExt};

/// So many are kept before those that no alert has any more are looked for.
const KEPT_MIN: usize = 1024;

/// The texts that alerts share.
#[derive(Debug)]
pub(super) struct Urls {
    all: HashSet<Arc<str>>,
    /// At how many those that no alert has are looked for.
    collects_at: usize,
}

impl Default for Urls {
    fn default() -> Self {
        Urls { all: HashSet::new(), collects_at: KEPT_MIN }
    }
}

impl Urls {
    /// The text in the memory that all alerts from there share.
    pub(super) fn shared(&mut self, url: Arc<str>) -> Arc<str> {
        if let Some(shared) = self.all.get(&url) {
            return Arc::clone(shared);
        }
        // A sender may give each report an address of its own.
        if self.all.len() >= self.collects_at {
            self.collect_garbage();
            self.collects_at = (2 * self.all.len()).max(KEPT_MIN);
        }
        self.all.insert(Arc::clone(&url));
        url
    }

    /// Forgets those that no alert has.
    pub(super) fn collect_garbage(&mut self) {
        self.all.retain(|url| Arc::strong_count(url) > 1);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }
}
