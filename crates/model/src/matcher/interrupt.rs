//! The end of a search that would take too long.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// So many values are looked at between two looks at whether the search is to end.
const VALUES_BETWEEN_LOOKS: u32 = 16;

/// Tells whether a search is to end; clones tell it of the same search.
#[derive(Clone)]
pub struct Interrupt(Arc<Inner>);

struct Inner {
    is_over: Box<dyn Fn() -> bool + Send + Sync>,
    /// Once a search is over it stays so: what it leaves out is left out up to its end.
    over: AtomicBool,
    looked: AtomicU32,
}

impl Interrupt {
    /// Ends a search once `is_over` says so.
    pub fn new(is_over: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        let (over, looked) = (AtomicBool::new(false), AtomicU32::new(0));
        Self(Arc::new(Inner { is_over: Box::new(is_over), over, looked }))
    }

    /// Whether the search has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.0.over.load(Ordering::Relaxed)
    }

    /// Counts a value; whether the search has ended.
    pub(super) fn ends(&self) -> bool {
        if self.has_ended() {
            return true;
        }
        // Of several threads some counts may be lost.
        let looked = self.0.looked.load(Ordering::Relaxed);
        self.0.looked.store(looked.wrapping_add(1), Ordering::Relaxed);
        let ends = looked.is_multiple_of(VALUES_BETWEEN_LOOKS) && (self.0.is_over)();
        if ends {
            self.0.over.store(true, Ordering::Relaxed);
        }
        ends
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Interrupt(ended: {})", self.has_ended())
    }
}
