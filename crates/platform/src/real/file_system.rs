//! The machine's file system.
#![expect(
    unsafe_code,
    reason = "mapping a file is unsafe in Rust, and so is telling the system of its pages; the contract of `FileSystem::map` \
              covers it"
)]

#[cfg(all(test, target_os = "linux"))]
mod tests;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use memmap2::{Mmap, MmapOptions};
use rustix::fs::{FlockOperation, flock, statvfs};

use crate::{AppendFile, DirEntry, FileSystem, Lock, Mapped, Metadata, ReadFile, Space};

/// The machine's file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealFileSystem;

impl FileSystem for RealFileSystem {
    fn open(&self, path: &Path) -> io::Result<Arc<dyn ReadFile>> {
        Ok(Arc::new(Reader(File::open(path)?)))
    }

    fn map(&self, path: &Path, len: u64) -> io::Result<Mapped> {
        let file = File::open(path)?;
        let present = file.metadata()?.len();
        if present < len {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("{}: {present} bytes, {len} were to be mapped", path.display()),
            ));
        }
        if len == 0 {
            return Ok(Mapped::new(Vec::new()));
        }
        let len = usize::try_from(len).map_err(io::Error::other)?;
        // SAFETY: by the contract of `FileSystem::map` the mapped part is sealed: no writer of this process
        // changes or cuts it, and the data directory's lock keeps other processes out.
        let map: Mmap = unsafe { MmapOptions::new().len(len).map(&file)? };
        Ok(Mapped::of_file(map, give_back))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
        Ok(Box::new(Appender { file, len: 0 }))
    }

    fn open_append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        let len = file.seek(SeekFrom::End(0))?;
        Ok(Box::new(Appender { file, len }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn list(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            // A name that is no UTF-8 is none of ours; `metadata` follows links, so that a linked folder counts.
            if let Ok(name) = entry.file_name().into_string() {
                let is_dir = fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_dir());
                entries.push(DirEntry { name, is_dir });
            }
        }
        entries.sort();
        Ok(entries)
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        let metadata = fs::metadata(path)?;
        Ok(Metadata { len: metadata.len(), is_dir: metadata.is_dir(), modified: metadata.modified()? })
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Lock>> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Box::new(FileLock { _file: file }))
    }

    fn space(&self, path: &Path) -> io::Result<Space> {
        let stat = statvfs(path)?;
        Ok(Space {
            total: stat.f_blocks.saturating_mul(stat.f_frsize),
            available: stat.f_bavail.saturating_mul(stat.f_frsize),
        })
    }
}

#[derive(Debug)]
struct Reader(File);

impl ReadFile for Reader {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }
}

/// Takes a mapped file out of the process's memory.
#[cfg(target_os = "linux")]
fn give_back(bytes: &[u8]) {
    // SAFETY: only `map` hands this function on, and always with all of its mapping, which is read alone.
    unsafe { super::pages::give_back(bytes.as_ptr().addr(), bytes.len()) };
}

/// Other systems take out what they like.
#[cfg(not(target_os = "linux"))]
fn give_back(_: &[u8]) {}

#[derive(Debug)]
struct Appender {
    file: File,
    len: u64,
}

impl AppendFile for Appender {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.file.set_len(len)?;
        self.file.seek(SeekFrom::Start(len))?;
        self.len = len;
        Ok(())
    }

    fn len(&self) -> u64 {
        self.len
    }
}

#[derive(Debug)]
struct FileLock {
    _file: File,
}

impl Lock for FileLock {}
