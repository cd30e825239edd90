//! Remarks are told once per place.

use model::Annotations;

use super::{Fixed, Note, Notes};

fn texts(notes: Notes, query: &str) -> (Vec<String>, Vec<String>) {
    let mut annotations = Annotations::new();
    notes.into_annotations(query, &mut annotations);
    (annotations.warnings().to_vec(), annotations.infos().to_vec())
}

#[test]
fn a_remark_is_told_once_per_place_with_line_and_column() {
    let mut notes = Notes::default();
    for place in [0, 0, 6] {
        notes.add(Note::Quantile(1.5), place);
    }
    let (warnings, infos) = texts(notes, "a +\n  b");
    let text = "PromQL warning: quantile value should be between 0 and 1, got 1.5";
    assert_eq!(warnings, [format!("{text} (1:1)"), format!("{text} (2:3)")]);
    assert!(infos.is_empty());
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
        notes.add(Note::Monotonicity { metric: String::new(), fixed }, 25);
    }
    let (_, infos) = texts(notes, "histogram_quantile(0.01, x)");
    assert_eq!(
        infos,
        ["PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see \
          https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile), from buckets 0.5 \
          to +Inf, with a max diff of 3, over 2 samples from 2023-11-15T00:00:00Z to 2023-11-15T00:15:00Z (1:26)"]
    );
}
