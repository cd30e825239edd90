//! Operators around others that count what these yield, for [`crate::account`].

use std::sync::Arc;

use vectors::Column;

use super::materialized::collect;
use super::{BoxedVector, VectorOperator};
use crate::Result;
use crate::account::Tally;
use crate::run::{Run, Worker};
use crate::series::SeriesList;

/// Counts the elements that an operator yields.
pub(crate) struct Counted {
    child: BoxedVector,
    tally: Arc<Tally>,
}

impl Counted {
    pub(crate) fn boxed(child: BoxedVector, tally: Arc<Tally>) -> BoxedVector {
        Box::new(Self { child, tally })
    }
}

impl VectorOperator for Counted {
    fn series(&self) -> &SeriesList {
        self.child.series()
    }

    fn prepare(&mut self, run: &Run<'_>) -> Result<()> {
        self.child.prepare(run)
    }

    fn column(&self, position: usize, worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        worker.pull(self.child.as_ref(), position, out)?;
        self.tally.count(position, out)
    }

    fn order(&self) -> Option<Vec<u32>> {
        self.child.order()
    }
}

/// Evaluates all of an operator's series, also those that nobody asks for, so that all of them are counted.
pub(crate) struct Held {
    child: BoxedVector,
    columns: Vec<Column>,
}

impl Held {
    pub(crate) fn boxed(child: BoxedVector) -> BoxedVector {
        Box::new(Self { child, columns: Vec::new() })
    }
}

impl VectorOperator for Held {
    fn series(&self) -> &SeriesList {
        self.child.series()
    }

    fn prepare(&mut self, run: &Run<'_>) -> Result<()> {
        self.child.prepare(run)?;
        self.columns = collect(self.child.as_ref(), run)?;
        Ok(())
    }

    fn column(&self, position: usize, _worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        if let Some(column) = self.columns.get(position) {
            out.copy_from(column);
        }
        Ok(())
    }

    fn order(&self) -> Option<Vec<u32>> {
        self.child.order()
    }
}
