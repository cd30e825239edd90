//! Opens the parts that are there.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use platform::FileSystem;
use tracing::warn;

use crate::Error;
use crate::part::{Part, PartFile, day_of, read_index};
use crate::partition::{PART_SUFFIX, UNFINISHED_SUFFIX, parts_folder, unescape};
use crate::store::{DamagedPart, Inner};

/// Up to which segment of the log all entries of a tenant's day are in parts.
#[derive(Debug, Default)]
pub(crate) struct Covered(HashMap<(String, i64), u32>);

impl Covered {
    /// Whether an entry of a segment is in a part.
    pub(crate) fn holds(&self, tenant: &str, timestamp: i64, segment: u32) -> bool {
        if self.0.is_empty() {
            return false;
        }
        self.0.get(&(tenant.to_owned(), day_of(timestamp))).is_some_and(|until| segment < *until)
    }
}

impl Inner {
    /// Opens all parts; a damaged one is left out and named.
    pub(crate) fn open_parts(&self) -> Result<Covered, Error> {
        let fs = &*self.resources.fs;
        let mut covered = Covered::default();
        let root = parts_folder(&self.path);
        for tenant_folder in folders(fs, &root)? {
            let name = tenant_folder.file_name().map(|name| name.to_string_lossy().into_owned());
            let Some(tenant_name) = name.as_deref().and_then(unescape) else {
                warn!(path = %tenant_folder.display(), "a folder is no tenant's and left alone");
                continue;
            };
            let tenant = self.tenant_or_new(&tenant_name);
            let mut parts = Vec::new();
            for folder in folders(fs, &tenant_folder)? {
                for file in self.open_day(&folder)? {
                    let until = covered.0.entry((tenant_name.clone(), file.index.day)).or_default();
                    *until = file.index.until.max(*until);
                    parts.push(Arc::new(Part::new(fs, file, &tenant)));
                }
            }
            tenant.view.write().parts = parts;
        }
        Ok(covered)
    }

    /// The whole parts of a day that no other one stands for.
    fn open_day(&self, folder: &Path) -> Result<Vec<PartFile>, Error> {
        let fs = &*self.resources.fs;
        let mut files = Vec::new();
        for entry in fs.list(folder).map_err(Error::io("list", folder))? {
            let path = folder.join(&entry.name);
            if entry.name.ends_with(UNFINISHED_SUFFIX) {
                fs.remove_file(&path).map_err(Error::io("remove", &path))?;
            } else if !entry.is_dir && entry.name.ends_with(PART_SUFFIX) {
                match read_index(fs, &path) {
                    Ok(file) => files.push(file),
                    Err(error) => self.set_aside(path, &error),
                }
            }
        }
        let replaced: HashSet<String> =
            files.iter().flat_map(|file| file.index.replaces.iter().cloned()).collect();
        let mut kept = Vec::new();
        for file in files {
            let name = file.path.file_name().map(|name| name.to_string_lossy().into_owned());
            if name.is_some_and(|name| replaced.contains(&name)) {
                // The last process ended before it could remove it.
                fs.remove_file(&file.path).map_err(Error::io("remove", &file.path))?;
            } else {
                kept.push(file);
            }
        }
        Ok(kept)
    }

    pub(crate) fn set_aside(&self, path: PathBuf, error: &Error) {
        warn!(%error, "a part cannot be read and is left out");
        let mut damaged = self.damaged.lock();
        damaged.push(DamagedPart { path, error: error.to_string() });
        self.metrics.parts_damaged.set(damaged.len() as f64);
    }
}

/// The folders in a folder; none where it is missing.
fn folders(fs: &dyn FileSystem, path: &Path) -> Result<Vec<PathBuf>, Error> {
    if !fs.exists(path).map_err(Error::io("look up", path))? {
        return Ok(Vec::new());
    }
    let entries = fs.list(path).map_err(Error::io("list", path))?;
    Ok(entries.into_iter().filter(|entry| entry.is_dir).map(|entry| path.join(entry.name)).collect())
}

/// Sees to it that no segment of the log gets a number that parts know: its entries would be taken for older ones.
pub(crate) fn keep_numbers(fs: &dyn FileSystem, store: &Path, log: &Path) -> Result<(), Error> {
    let mut highest = None;
    for tenant in folders(fs, &parts_folder(store))? {
        for day in folders(fs, &tenant)? {
            let entries = fs.list(&day).map_err(Error::io("list", &day))?;
            let until = |name: &str| name.split_once('.')?.0.parse::<u32>().ok();
            highest = entries.iter().filter_map(|entry| until(&entry.name)).max().max(highest);
        }
    }
    let last = wal::segments(fs, log)?.last().map(|segment| segment.number);
    if let Some(number) = highest.filter(|highest| last.is_none_or(|last| last < *highest)) {
        warn!(number, "the log of entries is missing or older than the parts");
        fs.create_dir_all_synced(log).map_err(Error::io("create", log))?;
        let path = wal::segment_path(log, number);
        fs.create(&path).map_err(Error::io("create", &path))?;
    }
    Ok(())
}
