//! The part of the log that a start need not read, since a chunk snapshot stands for it.

use std::path::Path;
use std::sync::Arc;

use platform::FileSystem;
use tracing::{info, warn};
use wal::{Position, Segment};

use super::Replay;
use crate::Error;
use crate::head::{Restored, SnapshotReader, Unusable, remove_unfinished, snapshots};

impl Replay<'_> {
    /// Reads the newest chunk snapshot that the log goes on from, and gives the place where it does.
    ///
    /// Where it turns out to be of no use, what was taken of it stays: the log says the same.
    pub(super) fn snapshot(
        &mut self,
        fs: &Arc<dyn FileSystem>,
        data: &Path,
        segments: &[Segment],
    ) -> Result<Option<Position>, Error> {
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

    fn restore(&mut self, restored: Restored) -> Result<(), Unusable> {
        match restored {
            Restored::Series { series, labels, open } => {
                let here = self.series(series, &labels);
                if let Some(open) = open {
                    self.memory.restore(here, open).map_err(|_| Unusable::Contradiction)?;
                }
            }
            Restored::Tombstones(tombstones) => self.tombstones(tombstones),
            Restored::Exemplars(columns) => {
                if self.memory.exemplars.are_kept() {
                    self.exemplars(columns);
                }
            }
        }
        Ok(())
    }
}
