//! `label_replace` and `label_join`: other labels, the same values.

use go_regex::Regex;
use model::labels::METRIC_NAME;
use model::{Labels, LabelsBuilder};
use vectors::Column;

use super::distinct::{Distinct, Equality};
use super::{BoxedVector, VectorOperator};
use crate::Result;
use crate::run::{Run, Worker};
use crate::series::SeriesList;

/// How a label is made.
#[derive(Debug)]
pub(crate) enum Relabeling {
    /// `label_replace`
    Replace { target: String, replacement: String, source: String, regex: Regex },
    /// `label_join`
    Join { target: String, separator: String, sources: Vec<String> },
}

impl Relabeling {
    fn target(&self) -> &str {
        match self {
            Self::Replace { target, .. } | Self::Join { target, .. } => target,
        }
    }

    /// The new labels, `None` where they stay as they are.
    fn apply(&self, labels: &Labels) -> Option<Labels> {
        let value = match self {
            Self::Replace { replacement, source, regex, .. } => {
                let captures = regex.captures(labels.value(source))?;
                let mut value = String::new();
                regex.expand(replacement, &captures, &mut value);
                value
            }
            Self::Join { separator, sources, .. } => {
                let values: Vec<&str> = sources.iter().map(|source| labels.value(source)).collect();
                values.join(separator)
            }
        };
        Some(LabelsBuilder::new(labels.clone()).set(self.target(), &value).build())
    }
}

/// Gives the series of an operator other labels.
pub(crate) struct Relabel {
    child: BoxedVector,
    list: SeriesList,
}

impl Relabel {
    pub(crate) fn boxed(child: BoxedVector, relabeling: &Relabeling) -> BoxedVector {
        let series = child.series();
        let mut marks = series.marks();
        let mut labels = Vec::with_capacity(series.len());
        for (own, mark) in series.shown().iter().zip(&mut marks) {
            match relabeling.apply(own) {
                Some(changed) => {
                    // A name that the query itself gives is not removed at its end.
                    *mark &= relabeling.target() != METRIC_NAME;
                    labels.push(changed);
                }
                None => labels.push(own.clone()),
            }
        }
        let list = SeriesList::unchecked(labels).with_marks(marks);
        Distinct::around(Box::new(Self { child, list }), Equality::AtOneStep)
    }
}

impl VectorOperator for Relabel {
    fn series(&self) -> &SeriesList {
        &self.list
    }

    fn prepare(&mut self, run: &Run<'_>) -> Result<()> {
        self.child.prepare(run)
    }

    fn column(&self, position: usize, worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        worker.pull(self.child.as_ref(), position, out)
    }

    fn order(&self) -> Option<Vec<u32>> {
        self.child.order()
    }
}
