//! Copies of a data directory's samples as blocks: what the admin API calls snapshots.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::atomic::Ordering;

use platform::FileSystem;
use tracing::{info, warn};

use crate::Error;
use crate::block::{BlockMeta, UNFINISHED_SUFFIX};
use crate::db::Inner;
use crate::head::Target;

/// Where the copies stand in the data directory.
const FOLDER: &str = "snapshots";

/// Removes copies that were not finished.
pub(crate) fn remove_leftovers(fs: &dyn FileSystem, data: &Path) -> Result<(), Error> {
    let folder = data.join(FOLDER);
    let entries = match fs.list(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io("list", folder)(error)),
    };
    for entry in entries.iter().filter(|entry| entry.is_dir && entry.name.ends_with(UNFINISHED_SUFFIX)) {
        let unfinished = folder.join(&entry.name);
        fs.remove_dir_all(&unfinished).map_err(Error::io("remove", &unfinished))?;
        info!(folder = %unfinished.display(), "Found and deleted unfinished snapshot");
    }
    Ok(())
}

impl Inner {
    /// See [`crate::Db::snapshot`].
    pub(crate) fn copy(&self, name: &str, with_head: bool) -> Result<(), Error> {
        let copies = self.path.join(FOLDER);
        let folder = copies.join(name);
        let unfinished = copies.join(format!("{name}{UNFINISHED_SUFFIX}"));
        // Nothing moves from the head to a block meanwhile, and no block is removed.
        let _nothing_runs = self.maintaining.lock();
        let copied = self.copy_into(&unfinished, with_head).and_then(|()| self.name(&unfinished, &folder));
        match &copied {
            Ok(()) => info!(folder = %folder.display(), with_head, "Snapshot written"),
            Err(_) => {
                if let Err(error) = self.parts.fs.remove_dir_all(&unfinished) {
                    warn!(%error, folder = %unfinished.display(), "Unfinished snapshot cannot be removed");
                }
            }
        }
        copied
    }

    fn copy_into(&self, folder: &Path, with_head: bool) -> Result<(), Error> {
        let fs = &self.parts.fs;
        fs.create_dir_all_synced(folder).map_err(Error::io("create", folder))?;
        self.blocks.snapshot(folder)?;
        let memory = &self.head.memory;
        let late = memory.late_range();
        let start = memory.min_time().max(memory.head_from()).min(late.start);
        let end = memory.max_time().max(late.end);
        if !with_head || start > end {
            return Ok(());
        }
        let target = Target { fs, folder, settings: memory.settings().blocks().writer };
        let meta = BlockMeta::new(self.blocks.new_ulid(), start, end.saturating_add(1));
        self.head.copy_block(&target, meta, &|| !self.stopping.load(Ordering::Acquire))?;
        Ok(())
    }

    fn name(&self, unfinished: &Path, folder: &Path) -> Result<(), Error> {
        let fs = &self.parts.fs;
        fs.rename(unfinished, folder).map_err(Error::io("rename", unfinished))?;
        match folder.parent() {
            Some(parent) => fs.sync_dir(parent).map_err(Error::io("sync", parent)),
            None => Ok(()),
        }
    }
}
