//! Where times lie.

use proptest::prelude::*;

use super::{Grid, Place, Windows};

proptest! {
    #[test]
    fn times_that_are_counted_one_by_one_lie_where_each_lies(
        start in -5_000_i64..5_000,
        step in 1_i64..400,
        steps in 2_usize..40,
        ranges in 1_i64..5,
        mut times in prop::collection::vec(-9_000_i64..15_000, 1..60),
    ) {
        let windows = Windows::new(Grid { start, step, steps }, step * ranges, 0);
        times.sort_unstable();
        let (first, last) = (times[0], times[times.len() - 1]);
        let pane = |time: i64| match windows.place(time) {
            Place::Pane { pane, .. } => Some(pane),
            Place::Nowhere { .. } => None,
        };
        match windows.even(first, last) {
            Some(even) => {
                prop_assert_eq!((Some(even.first), Some(even.last)), (pane(first), pane(last)));
                for time in &times {
                    prop_assert_eq!(Some(even.first + even.place(*time) as u32), pane(*time));
                }
            }
            // Windows that all have some time in common have panes of other lengths.
            None => prop_assert!(pane(first).is_none() || pane(last).is_none() || ranges as usize >= steps - 1),
        }
    }
}
