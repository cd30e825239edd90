//! The work between the requests: blocks that come and go, compaction, retention.

use std::path::Path;
use std::sync::atomic::Ordering;

use platform::FileSystem;
use tracing::warn;

use crate::Error;
use crate::db::Inner;

/// Folders beside the blocks that count for retention by size.
const OTHER_FOLDERS: [&str; 3] = ["wal", "wbl", "chunks_head"];

impl Inner {
    /// Does all that is to be done.
    pub(crate) fn maintain(&self) -> Result<(), Error> {
        let _one_at_a_time = self.maintaining.lock();
        self.measure_retention()?;
        self.blocks.reload(self.other_bytes())?;
        self.compact_blocks()?;
        let damaged = self.blocks.damaged().len();
        self.head.memory.metrics.blocks_damaged.set(damaged as f64);
        Ok(())
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Turns a percentage of the file system into bytes.
    fn measure_retention(&self) -> Result<(), Error> {
        let settings = self.head.memory.settings();
        if let Some(percentage) = settings.retention_percentage {
            let space = self.parts.fs.space(&self.path).map_err(Error::io("measure", &self.path))?;
            let mut kept = settings.blocks();
            kept.retention.bytes = Some((space.total as f64 / 100.0 * percentage) as u64);
            self.blocks.apply(kept);
        }
        Ok(())
    }

    /// Compacts blocks until there is nothing more to be compacted.
    fn compact_blocks(&self) -> Result<(), Error> {
        let mut pace = |_bytes| !self.is_stopping();
        while !self.is_stopping() {
            match self.blocks.compact_next(self.other_bytes(), &|_| false, &mut pace) {
                Ok(true) => self.head.memory.metrics.compactions_triggered.inc(),
                Ok(false) | Err(Error::Stopped) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Length of the files that are no blocks.
    fn other_bytes(&self) -> u64 {
        let fs = &*self.parts.fs;
        OTHER_FOLDERS.iter().map(|name| folder_bytes(fs, &self.path.join(name))).sum()
    }
}

/// Length of all files in a folder and those below it; what cannot be read counts nothing.
fn folder_bytes(fs: &dyn FileSystem, folder: &Path) -> u64 {
    let bytes_of = |entry: platform::DirEntry| {
        let path = folder.join(&entry.name);
        if entry.is_dir { folder_bytes(fs, &path) } else { fs.metadata(&path).map_or(0, |file| file.len) }
    };
    match fs.list(folder) {
        Ok(entries) => entries.into_iter().map(bytes_of).sum(),
        Err(error) => {
            if error.kind() != std::io::ErrorKind::NotFound {
                warn!(path = %folder.display(), %error, "Folder cannot be measured");
            }
            0
        }
    }
}
