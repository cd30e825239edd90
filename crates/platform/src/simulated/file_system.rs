//! Files and folders in memory that crash, fail and fill up when a test says so.

use std::io;
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use rustix::io::Errno;

use super::crash;
use super::faults::{Fault, Interference, Operation, Performed, Verdict};
use super::handles::{Appender, FileLock, Reader};
use super::tree::{File, Folder, NameChange, Node, NodeId, Tree};
use crate::{AppendFile, DirEntry, FileSystem, Lock, Mapped, Metadata, ReadFile, Space};

/// A file system in memory. Clones share the same disk.
///
/// It keeps what was synced apart from what was only written: [`SimulatedFileSystem::crash_image`] gives the
/// disk after a machine crash, [`SimulatedFileSystem::process_image`] after the end of the process alone.
/// [`SimulatedFileSystem::stop_at`] ends the process at a given operation, so that recovery can be run at
/// every write and sync point: count the operations of a whole run, then run it once for each number.
#[derive(Debug, Clone)]
pub struct SimulatedFileSystem(pub(super) Arc<Mutex<State>>);

#[derive(Debug)]
pub(super) struct State {
    pub(super) tree: Tree,
    pub(super) interference: Interference,
}

impl State {
    /// Lets the operation pass, or fails it.
    pub(super) fn pass(&mut self, operation: Operation, path: &Path) -> io::Result<()> {
        match self.interference.check(operation, path, 0) {
            Verdict::Perform => Ok(()),
            Verdict::Fail { error, .. } => Err(error),
        }
    }

    fn remove_all(&mut self, folder: NodeId, name: &str, path: &Path) -> io::Result<()> {
        let node = *self.tree.folder(folder)?.names.get(name).ok_or(Errno::NOENT)?;
        if let Ok(inner) = self.tree.folder(node) {
            for name in inner.names.keys().cloned().collect::<Vec<_>>() {
                self.remove_all(node, &name, &path.join(&name))?;
            }
        }
        self.pass(Operation::Remove, path)?;
        self.tree.change(vec![NameChange { folder, name: name.to_owned(), node: None }])
    }
}

impl Default for SimulatedFileSystem {
    fn default() -> Self {
        Self::new()
    }
}

impl SimulatedFileSystem {
    /// An empty disk without a size limit.
    pub fn new() -> Self {
        Self::from_tree(Tree::new())
    }

    fn from_tree(tree: Tree) -> Self {
        Self(Arc::new(Mutex::new(State { tree, interference: Interference::default() })))
    }

    /// A new disk with what a machine crash may have left of this one: what was synced, and a random part of
    /// the rest (torn appends, sectors of zeros, lost names and renames).
    pub fn crash_image(&self, seed: u64) -> Self {
        Self::from_tree(crash::machine_image(&self.0.lock().tree, seed))
    }

    /// A new disk with all that was written, as after the end of the process without the machine's.
    pub fn process_image(&self) -> Self {
        Self::from_tree(crash::process_image(&self.0.lock().tree))
    }

    /// Ends the simulated process at counted operation `number` (the first is 0): it and all that follow fail
    /// and change nothing, but that a part of an append may be written.
    pub fn stop_at(&self, number: u64) {
        self.0.lock().interference.stop_at = Some(number);
    }

    /// Whether the stop point was reached.
    pub fn has_stopped(&self) -> bool {
        self.0.lock().interference.stopped
    }

    /// Adds a rule by which operations fail.
    pub fn inject(&self, fault: Fault) {
        self.0.lock().interference.faults.push(fault);
    }

    /// Takes all rules away.
    pub fn clear_faults(&self) {
        self.0.lock().interference.faults.clear();
    }

    /// How many operations failed by rules so far.
    pub fn failure_count(&self) -> u64 {
        self.0.lock().interference.failed
    }

    /// How many operations were counted so far.
    pub fn operation_count(&self) -> u64 {
        self.0.lock().interference.log.len() as u64
    }

    /// The operations counted so far, in order.
    pub fn operations(&self) -> Vec<Performed> {
        self.0.lock().interference.log.clone()
    }

    /// Limits the disk to so many bytes in files; what no longer fits fails with `ENOSPC`.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.0.lock().tree.capacity = bytes;
    }

    /// Changes a file's bytes in place, as a failing disk would; not counted, and no rule stands against it.
    ///
    /// # Errors
    /// `NotFound` where there is no such file.
    pub fn damage(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let mut state = self.0.lock();
        let id = state.tree.find(path)?;
        let mut bytes = state.tree.file(id)?.bytes.clone();
        change(&mut bytes);
        state.tree.truncate(id, 0)?;
        state.tree.append(id, &bytes)?;
        state.tree.sync(id)
    }
}

impl FileSystem for SimulatedFileSystem {
    fn open(&self, path: &Path) -> io::Result<Arc<dyn ReadFile>> {
        let mut state = self.0.lock();
        state.pass(Operation::Read, path)?;
        let node = state.tree.find(path)?;
        state.tree.file(node)?;
        Ok(Arc::new(Reader { disk: self.clone(), node, path: path.to_owned() }))
    }

    fn map(&self, path: &Path, len: u64) -> io::Result<Mapped> {
        let mut state = self.0.lock();
        state.pass(Operation::Read, path)?;
        let node = state.tree.find(path)?;
        let len = usize::try_from(len).map_err(io::Error::other)?;
        let bytes = state.tree.file(node)?.bytes.get(..len).ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(Mapped::new(bytes.to_vec()))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        self.writer(path, true)
    }

    fn open_append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        self.writer(path, false)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.pass(Operation::Rename, from)?;
        let tree = &mut state.tree;
        let (from_folder, from_name) = tree.place_of(from)?;
        let node = tree.find(from)?;
        let (folder, name) = tree.place_of(to)?;
        if to.starts_with(from) && to != from {
            return Err(Errno::INVAL.into());
        }
        if let Some(&present) = tree.folder(folder)?.names.get(&name) {
            if present == node {
                return Ok(());
            }
            match (tree.folder(node), tree.folder(present)) {
                (Ok(_), Ok(present)) if !present.names.is_empty() => return Err(Errno::NOTEMPTY.into()),
                (Ok(_), Err(_)) => return Err(Errno::NOTDIR.into()),
                (Err(_), Ok(_)) => return Err(Errno::ISDIR.into()),
                _ => {}
            }
        }
        tree.change(vec![
            NameChange { folder: from_folder, name: from_name, node: None },
            NameChange { folder, name, node: Some(node) },
        ])
    }

    fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.pass(Operation::HardLink, from)?;
        let node = state.tree.find(from)?;
        state.tree.file(node).map_err(|_| Errno::PERM)?;
        let (folder, name) = state.tree.place_of(to)?;
        if state.tree.folder(folder)?.names.contains_key(&name) {
            return Err(Errno::EXIST.into());
        }
        state.tree.change(vec![NameChange { folder, name, node: Some(node) }])
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.pass(Operation::Remove, path)?;
        let node = state.tree.find(path)?;
        state.tree.file(node)?;
        let (folder, name) = state.tree.place_of(path)?;
        state.tree.change(vec![NameChange { folder, name, node: None }])
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        let (folder, name) = state.tree.place_of(path)?;
        let node = state.tree.find(path)?;
        state.tree.folder(node)?;
        state.remove_all(folder, &name, path)
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        let mut folders: Vec<&Path> = path.ancestors().collect();
        folders.reverse();
        for folder in folders {
            match state.tree.find(folder) {
                Ok(node) if folder == path && state.tree.file(node).is_ok() => {
                    return Err(Errno::EXIST.into());
                }
                Ok(node) => drop(state.tree.folder(node)?),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    state.pass(Operation::CreateDir, folder)?;
                    let (parent, name) = state.tree.place_of(folder)?;
                    let node = state.tree.add(Node::Folder(Folder::default()));
                    state.tree.change(vec![NameChange { folder: parent, name, node: Some(node) }])?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.pass(Operation::SyncDir, path)?;
        let node = state.tree.find(path)?;
        state.tree.sync_folder(node)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        let mut state = self.0.lock();
        state.pass(Operation::Read, path)?;
        let tree = &state.tree;
        let names = &tree.folder(tree.find(path)?)?.names;
        let entry = |(name, &node): (&String, &NodeId)| DirEntry {
            name: name.clone(),
            is_dir: tree.folder(node).is_ok(),
        };
        Ok(names.iter().map(entry).collect())
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        let mut state = self.0.lock();
        state.pass(Operation::Read, path)?;
        let node = state.tree.find(path)?;
        Ok(match state.tree.file(node) {
            Ok(file) => Metadata {
                len: file.bytes.len() as u64,
                is_dir: false,
                modified: Tree::time_of(file.modified),
            },
            Err(_) => Metadata { len: 0, is_dir: true, modified: Tree::time_of(0) },
        })
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Lock>> {
        drop(self.open_append(path)?);
        let mut state = self.0.lock();
        let node = state.tree.find(path)?;
        let file = state.tree.file_mut(node)?;
        if std::mem::replace(&mut file.locked, true) {
            return Err(Errno::WOULDBLOCK.into());
        }
        Ok(Box::new(FileLock { disk: self.clone(), node }))
    }

    fn space(&self, path: &Path) -> io::Result<Space> {
        let state = self.0.lock();
        state.tree.find(path)?;
        let total = state.tree.capacity.unwrap_or(1 << 50);
        Ok(Space { total, available: total.saturating_sub(state.tree.used) })
    }
}

impl SimulatedFileSystem {
    fn writer(&self, path: &Path, empty: bool) -> io::Result<Box<dyn AppendFile>> {
        let mut state = self.0.lock();
        let node = match state.tree.find(path) {
            Ok(node) => {
                state.tree.file(node)?;
                if empty {
                    state.pass(Operation::Create, path)?;
                    state.tree.truncate(node, 0)?;
                }
                node
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let (folder, name) = state.tree.place_of(path)?;
                state.pass(Operation::Create, path)?;
                let modified = state.tree.tick();
                let node = state.tree.add(Node::File(File { modified, ..File::default() }));
                state.tree.change(vec![NameChange { folder, name, node: Some(node) }])?;
                node
            }
            Err(error) => return Err(error),
        };
        let len = state.tree.file(node)?.bytes.len() as u64;
        Ok(Box::new(Appender { disk: self.clone(), node, path: path.to_owned(), len }))
    }
}
