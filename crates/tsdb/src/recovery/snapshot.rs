//! The part of the log that a start need not read, since a chunk snapshot stands for it.

use std::path::Path;

use tracing::{info, warn};
use wal::{Position, Segment};

use super::lanes::Lanes;
use super::records::Replay;
use crate::Error;
use crate::head::{Restored, SnapshotReader, Unusable, remove_unfinished, snapshots};

impl Replay<'_> {
    /// Reads the newest chunk snapshot that the log goes on from, and gives the place where it does.
    ///
    /// Where it turns out to be of no use, what was taken of it stays: the log says the same.
    pub(super) fn snapshot(&mut self, data: &Path, segments: &[Segment]) -> Result<Option<Position>, Error> {
        let fs = self.fs;
        remove_unfinished(&**fs, data)?;
        let goes_on = |position: Position| segments.iter().any(|segment| segment.number == position.segment);
        let found = snapshots(&**fs, data)?.into_iter().rfind(|snapshot| goes_on(snapshot.position));
        let Some(snapshot) = found else { return Ok(None) };
        let reader = SnapshotReader::new(fs, &snapshot, self.memory.shape);
        match reader.read(|restored| self.restore(restored)) {
            Ok(()) => {
                info!(snapshot = %snapshot.path.display(), "Chunk snapshot loaded");
                Ok(Some(snapshot.position))
            }
            Err(error) => {
                warn!(snapshot = %snapshot.path.display(), %error, "Chunk snapshot is not used; the WAL is read instead");
                self.memory.metrics.snapshot_errors.inc();
                Ok(None)
            }
        }
    }

    fn restore(&mut self, mut part: Restored) -> Result<(), Unusable> {
        let memory = self.memory;
        let lanes = Lanes::none(memory);
        let (tombstones, exemplars) = (part.tombstones.take(), std::mem::take(&mut part.exemplars));
        {
            let mut known = memory.recover_series(0);
            part.take_series(&mut |series, pairs, bytes| {
                let here = self.series(&mut known, (series.series, pairs, bytes), &lanes);
                match series.open {
                    Some(open) => known.restore(here, open).map_err(|_| Unusable::Contradiction),
                    None => Ok(()),
                }
            })?;
        }
        self.tombstones(tombstones.unwrap_or_default());
        if memory.exemplars.are_kept() {
            exemplars.into_iter().for_each(|columns| self.exemplars(columns));
        }
        Ok(())
    }
}
