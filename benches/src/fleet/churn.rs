//! Machines that are replaced by others.

use crate::noise::mix;

/// How machines are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Churn {
    /// How many of a thousand are replaced each time.
    pub per_mille: u64,
    /// After how many scrapes that is.
    pub every: u64,
}

impl Churn {
    /// Machines stay.
    pub const NONE: Self = Self { per_mille: 0, every: 0 };

    /// Whether the machine in a place is replaced before a scrape; the same for the same seed.
    pub fn replaces(self, place: usize, scrape: u64, seed: u64) -> bool {
        self.is_due(scrape) && mix(seed ^ mix(place as u64) ^ mix(scrape)) % 1000 < self.per_mille
    }

    /// Whether any machine may be replaced before a scrape.
    pub fn is_due(self, scrape: u64) -> bool {
        self.per_mille > 0 && self.every > 0 && scrape > 0 && scrape.is_multiple_of(self.every)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_as_many_are_replaced_as_asked_for_and_only_when_it_is_time() {
        let churn = Churn { per_mille: 100, every: 10 };
        let replaced = |scrape| (0..10_000).filter(|place| churn.replaces(*place, scrape, 1)).count();
        assert!((900..1100).contains(&replaced(10)), "{}", replaced(10));
        assert_eq!((replaced(0), replaced(11)), (0, 0));
        assert_eq!(replaced(20), replaced(20));
        assert!(!(0..1000).any(|place| Churn::NONE.replaces(place, 40, 1)));
    }
}
