//! Remarks are told once each.

use model::Annotations;
use promql_syntax::Span;

use super::{Fixed, Note, Notes, Place};

/// A part of the query that starts and ends with these bytes, and makes remarks about its own beginning.
fn part(start: usize, end: usize) -> Place {
    Place::of(Span::new(start, end))
}

fn texts(notes: Notes, query: &str) -> (Vec<String>, Vec<String>) {
    let mut annotations = Annotations::new();
    notes.into_annotations(query, &mut annotations);
    (annotations.warnings().to_vec(), annotations.infos().to_vec())
}

#[test]
fn a_remark_is_told_once_with_line_and_column_of_the_part_evaluated_last() {
    let told = |places: &[Place]| {
        let mut notes = Notes::default();
        places.iter().for_each(|place| notes.add(Note::Quantile(1.5), *place));
        let (warnings, infos) = texts(notes, "a +\n  b");
        assert!(infos.is_empty());
        warnings
    };
    let text = "PromQL warning: quantile value should be between 0 and 1, got 1.5";
    assert_eq!(told(&[part(0, 1), part(0, 1)]), [format!("{text} (1:1)")]);
    let (left, right, whole) = (part(0, 1), part(6, 7), part(0, 7));
    for operands in [[left, right], [right, left]] {
        assert_eq!(told(&operands), [format!("{text} (2:3)")], "the right operand comes after the left one");
    }
    for nested in [[right, whole], [whole, right]] {
        assert_eq!(told(&nested), [format!("{text} (1:1)")], "an operation comes after its operands");
    }
}

#[test]
fn fixes_of_one_place_are_told_together() {
    let mut notes = Notes::default();
    for (bound, difference, time) in [(0.5, 2.0, 1_700_006_400_000), (f64::INFINITY, 3.0, 1_700_007_300_000)]
    {
        let fixed = Fixed {
            bound_min: bound,
            bound_max: bound,
            difference_max: difference,
            samples: 1,
            time_min: time,
            time_max: time,
        };
        notes.add(Note::Monotonicity { metric: String::new(), fixed }, part(25, 26));
    }
    let (_, infos) = texts(notes, "histogram_quantile(0.01, x)");
    assert_eq!(
        infos,
        ["PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see \
          https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile), from buckets 0.5 \
          to +Inf, with a max diff of 3, over 2 samples from 2023-11-15T00:00:00Z to 2023-11-15T00:15:00Z (1:26)"]
    );
}
