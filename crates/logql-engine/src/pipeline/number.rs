//! `| unwrap`

use bumpalo::Bump;
use logql_syntax::ast::{Conversion, Unwrap};

use super::label_filter::LabelCondition;
use super::step::State;
use crate::unwrap::convert;

/// What makes a row a number.
#[derive(Debug)]
pub(crate) struct Unwrapping {
    label: String,
    conversion: Option<Conversion>,
    filters: Vec<LabelCondition>,
}

impl Unwrapping {
    pub(crate) fn new(unwrap: &Unwrap) -> crate::Result<Self> {
        let filters = unwrap.filters.iter().map(LabelCondition::new).collect::<crate::Result<_>>()?;
        Ok(Self { label: unwrap.label.clone(), conversion: unwrap.conversion, filters })
    }

    /// The labels that it looks at.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = vec![self.label.clone()];
        self.filters.iter().for_each(|filter| filter.names(&mut names));
        names
    }

    /// Sets the row's number; `false` drops it.
    pub(crate) fn run(&self, state: &mut State<'_>) -> bool {
        let text = state.labels.get(&self.label);
        if text.is_empty() {
            return false;
        }
        let arena: &Bump = state.arena;
        state.value = match convert(self.conversion, text) {
            Ok(value) => value,
            Err(details) => {
                state.labels.set_error("SampleExtractionErr", arena.alloc_str(&details));
                0.0
            }
        };
        // The filters still see the label that was unwrapped.
        let keeps = self.filters.iter().all(|filter| filter.keeps(&mut state.labels, arena));
        if keeps {
            state.labels.remove(&self.label);
        }
        keeps
    }
}
