//! Open files and locks of the simulated file system.

use std::io;
use std::path::PathBuf;

use rustix::io::Errno;

use super::SimulatedFileSystem;
use super::faults::{Operation, Verdict};
use super::tree::NodeId;
use crate::{AppendFile, Lock, ReadFile};

#[derive(Debug)]
pub(super) struct Reader {
    pub(super) disk: SimulatedFileSystem,
    pub(super) node: NodeId,
    pub(super) path: PathBuf,
}

impl ReadFile for Reader {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let mut state = self.disk.0.lock();
        state.pass(Operation::Read, &self.path)?;
        let bytes = &state.tree.file(self.node)?.bytes;
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let end = start.checked_add(buffer.len());
        let part = end.and_then(|end| bytes.get(start..end)).ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(part);
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.disk.0.lock().tree.file(self.node)?.bytes.len() as u64)
    }
}

#[derive(Debug)]
pub(super) struct Appender {
    pub(super) disk: SimulatedFileSystem,
    pub(super) node: NodeId,
    pub(super) path: PathBuf,
    pub(super) len: u64,
}

impl AppendFile for Appender {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.0.lock();
        let (part, error) = match state.interference.check(Operation::Append, &self.path, bytes.len()) {
            Verdict::Perform => (bytes, None),
            Verdict::Fail { error, written } => (bytes.get(..written).unwrap_or(bytes), Some(error)),
        };
        let written = state.tree.append(self.node, part)?;
        match error {
            Some(error) => Err(error),
            None if written < bytes.len() => Err(Errno::NOSPC.into()),
            None => {
                self.len += bytes.len() as u64;
                Ok(())
            }
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.0.lock();
        state.pass(Operation::Sync, &self.path)?;
        state.tree.sync(self.node)
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        let mut state = self.disk.0.lock();
        state.pass(Operation::Truncate, &self.path)?;
        state.tree.truncate(self.node, usize::try_from(len).map_err(io::Error::other)?)?;
        self.len = len;
        Ok(())
    }

    fn len(&self) -> u64 {
        self.len
    }
}

#[derive(Debug)]
pub(super) struct FileLock {
    pub(super) disk: SimulatedFileSystem,
    pub(super) node: NodeId,
}

impl Lock for FileLock {}

impl Drop for FileLock {
    fn drop(&mut self) {
        if let Ok(file) = self.disk.0.lock().tree.file_mut(self.node) {
            file.locked = false;
        }
    }
}
