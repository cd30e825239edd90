//! A folder as it is, with what is written to it standing elsewhere: so a store is opened, log and all, without a
//! change to its files, which another process may be using.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use platform::{AppendFile, DirEntry, FileSystem, Lock, Mapped, Metadata, ReadFile, Space};

/// So much is copied at once where a file is changed for the first time.
const COPY_BYTES: usize = 1 << 20;

/// A file system that shows one folder with what was written over it.
///
/// What is not below the folder is read as it is and cannot be written.
#[derive(Debug, Clone)]
pub struct ShadowFileSystem(Arc<Shadow>);

#[derive(Debug)]
struct Shadow {
    fs: Arc<dyn FileSystem>,
    folder: PathBuf,
    /// Where files stand that were written, under the same paths as below the folder.
    written: PathBuf,
    /// Files and folders that were removed.
    removed: Mutex<BTreeSet<PathBuf>>,
}

impl ShadowFileSystem {
    /// Shows `folder`; what is written goes to `written`, which is to be removed afterwards.
    pub fn new(fs: Arc<dyn FileSystem>, folder: &Path, written: &Path) -> Self {
        let (folder, written) = (folder.to_owned(), written.to_owned());
        Self(Arc::new(Shadow { fs, folder, written, removed: Mutex::default() }))
    }
}

impl Shadow {
    /// Where a path is written.
    fn above(&self, path: &Path) -> io::Result<PathBuf> {
        match path.strip_prefix(&self.folder) {
            Ok(rest) => Ok(self.written.join(rest)),
            Err(_) => Err(ErrorKind::ReadOnlyFilesystem.into()),
        }
    }

    /// Whether the folder's own file is to be seen.
    fn shows(&self, path: &Path) -> bool {
        let removed = self.removed.lock();
        // What was written may stand in the folder itself.
        path != self.written && !path.ancestors().any(|path| removed.contains(path))
    }

    /// Where a path is read.
    fn find(&self, path: &Path) -> io::Result<PathBuf> {
        if let Ok(above) = self.above(path)
            && self.fs.exists(&above)?
        {
            return Ok(above);
        }
        if self.shows(path) { Ok(path.to_owned()) } else { Err(ErrorKind::NotFound.into()) }
    }

    fn make_room(&self, above: &Path) -> io::Result<()> {
        above.parent().map_or(Ok(()), |parent| self.fs.create_dir_all(parent))
    }

    /// Copies the folder's own file to where it can be changed.
    fn copy_up(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        let above = self.above(path)?;
        self.make_room(&above)?;
        let from = self.fs.open(path)?;
        let mut to = self.fs.create(&above)?;
        let (mut at, len) = (0, from.len()?);
        let mut buffer = Vec::new();
        while at < len {
            buffer.resize(usize::try_from(len - at).unwrap_or(COPY_BYTES).min(COPY_BYTES), 0);
            from.read_exact_at(&mut buffer, at)?;
            to.append(&buffer)?;
            at += buffer.len() as u64;
        }
        Ok(to)
    }

    fn remove(&self, path: &Path, remove: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
        let above = self.above(path)?;
        let is_above = self.fs.exists(&above)?;
        let is_below = self.shows(path) && self.fs.exists(path)?;
        if is_above {
            remove(&above)?;
        }
        if is_below {
            self.removed.lock().insert(path.to_owned());
        }
        if is_above || is_below { Ok(()) } else { Err(ErrorKind::NotFound.into()) }
    }
}

impl FileSystem for ShadowFileSystem {
    fn open(&self, path: &Path) -> io::Result<Arc<dyn ReadFile>> {
        self.0.fs.open(&self.0.find(path)?)
    }

    fn map(&self, path: &Path, len: u64) -> io::Result<Mapped> {
        self.0.fs.map(&self.0.find(path)?, len)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        let above = self.0.above(path)?;
        self.0.make_room(&above)?;
        self.0.fs.create(&above)
    }

    fn open_append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        let above = self.0.above(path)?;
        if !self.0.fs.exists(&above)? && self.0.shows(path) && self.0.fs.exists(path)? {
            let len = self.0.fs.metadata(path)?.len;
            return Ok(Box::new(Untouched {
                shadow: Arc::clone(&self.0),
                path: path.to_owned(),
                len,
                copy: None,
            }));
        }
        self.0.make_room(&above)?;
        self.0.fs.open_append(&above)
    }

    /// Files that the folder holds are copied; a folder of its own cannot be renamed.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (above_from, above_to) = (self.0.above(from)?, self.0.above(to)?);
        let is_below = self.0.shows(from) && self.0.fs.exists(from)?;
        if is_below && self.0.fs.metadata(from)?.is_dir {
            return Err(ErrorKind::ReadOnlyFilesystem.into());
        }
        if is_below && !self.0.fs.exists(&above_from)? {
            self.0.copy_up(from)?;
        }
        self.0.make_room(&above_to)?;
        self.0.fs.rename(&above_from, &above_to)?;
        if is_below {
            self.0.removed.lock().insert(from.to_owned());
        }
        Ok(())
    }

    /// Not possible: a change of one name would not show under the other.
    fn hard_link(&self, _from: &Path, _to: &Path) -> io::Result<()> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.0.remove(path, |above| self.0.fs.remove_file(above))
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        self.0.remove(path, |above| self.0.fs.remove_dir_all(above))
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.0.fs.create_dir_all(&self.0.above(path)?)
    }

    /// Does nothing: what is written here need not survive.
    fn sync_dir(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        let list = |path: &Path| match self.0.fs.list(path) {
            Ok(entries) => Ok(Some(entries)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        };
        let above = match self.0.above(path) {
            Ok(above) => list(&above)?,
            Err(_) => None,
        };
        let below = if self.0.shows(path) { list(path)? } else { None };
        if above.is_none() && below.is_none() {
            return Err(ErrorKind::NotFound.into());
        }
        let mut entries = above.unwrap_or_default();
        entries.extend(
            below.unwrap_or_default().into_iter().filter(|entry| self.0.shows(&path.join(&entry.name))),
        );
        entries.sort_unstable();
        entries.dedup_by(|a, b| a.name == b.name);
        Ok(entries)
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        self.0.fs.metadata(&self.0.find(path)?)
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Lock>> {
        let above = self.0.above(path)?;
        self.0.make_room(&above)?;
        self.0.fs.lock(&above)
    }

    fn space(&self, path: &Path) -> io::Result<Space> {
        self.0.fs.space(path)
    }
}

/// A file of the folder that is open for appending and has not been changed yet.
#[derive(Debug)]
struct Untouched {
    shadow: Arc<Shadow>,
    path: PathBuf,
    len: u64,
    /// Made with the first change.
    copy: Option<Box<dyn AppendFile>>,
}

impl Untouched {
    fn copy(&mut self) -> io::Result<&mut Box<dyn AppendFile>> {
        let copy = match self.copy.take() {
            Some(copy) => copy,
            None => self.shadow.copy_up(&self.path)?,
        };
        Ok(self.copy.insert(copy))
    }
}

impl AppendFile for Untouched {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.copy()?.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.copy()?.truncate(len)
    }

    fn len(&self) -> u64 {
        self.copy.as_ref().map_or(self.len, |copy| copy.len())
    }
}

#[cfg(test)]
mod tests {
    use platform::simulated::SimulatedFileSystem;

    use super::*;

    fn write(fs: &dyn FileSystem, path: &str, text: &str) {
        let path = Path::new(path);
        fs.create_dir_all(path.parent().unwrap()).unwrap();
        fs.create(path).unwrap().append(text.as_bytes()).unwrap();
    }

    fn read(fs: &dyn FileSystem, path: &str) -> Option<String> {
        let bytes = fs.read(Path::new(path), 1000);
        bytes.ok().map(|bytes| String::from_utf8(bytes).unwrap())
    }

    fn names(fs: &dyn FileSystem, path: &str) -> Vec<String> {
        fs.list(Path::new(path)).unwrap().into_iter().map(|entry| entry.name).collect()
    }

    fn shadowed() -> (SimulatedFileSystem, ShadowFileSystem) {
        let disk = SimulatedFileSystem::new();
        for path in ["/data/a", "/data/b", "/data/folder/c", "/data/folder/d"] {
            write(&disk, path, path);
        }
        let shadow =
            ShadowFileSystem::new(Arc::new(disk.clone()), Path::new("/data"), Path::new("/data/sandbox"));
        (disk, shadow)
    }

    #[test]
    fn what_is_written_is_seen_in_the_shadow_alone() {
        let (disk, shadow) = shadowed();
        write(&shadow, "/data/a", "new");
        write(&shadow, "/data/folder/e", "e");
        let mut file = shadow.open_append(Path::new("/data/b")).unwrap();
        assert_eq!((file.len(), names(&shadow, "/data")), (7, vec!["a".into(), "b".into(), "folder".into()]));
        file.append(b"+").unwrap();
        assert_eq!(file.len(), 8);
        file.truncate(3).unwrap();
        shadow.rename(Path::new("/data/folder/d"), Path::new("/data/folder/f")).unwrap();
        shadow.remove_file(Path::new("/data/folder/c")).unwrap();
        assert_eq!(read(&shadow, "/data/a").as_deref(), Some("new"));
        assert_eq!(read(&shadow, "/data/b").as_deref(), Some("/da"));
        assert_eq!(read(&shadow, "/data/folder/f").as_deref(), Some("/data/folder/d"));
        assert_eq!(read(&shadow, "/data/folder/d"), None);
        assert_eq!(names(&shadow, "/data/folder"), ["e", "f"]);
        assert!(!shadow.exists(Path::new("/data/folder/c")).unwrap());
        for path in ["/data/a", "/data/b", "/data/folder/c", "/data/folder/d"] {
            assert_eq!(read(&disk, path).as_deref(), Some(path));
        }
        assert_eq!(names(&disk, "/data"), ["a", "b", "folder", "sandbox"]);
    }

    #[test]
    fn a_removed_folder_stays_empty_when_it_is_made_again() {
        let (_, shadow) = shadowed();
        let folder = Path::new("/data/folder");
        shadow.remove_dir_all(folder).unwrap();
        assert_eq!(shadow.list(folder).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(shadow.remove_dir_all(folder).unwrap_err().kind(), ErrorKind::NotFound);
        write(&shadow, "/data/folder/x", "x");
        assert_eq!(names(&shadow, "/data/folder"), ["x"]);
        assert_eq!(read(&shadow, "/data/folder/c"), None);
    }

    #[test]
    fn nothing_outside_is_written_and_no_folder_below_is_renamed() {
        let (disk, shadow) = shadowed();
        write(&disk, "/other/x", "x");
        assert_eq!(read(&shadow, "/other/x").as_deref(), Some("x"));
        assert_eq!(shadow.create(Path::new("/other/y")).unwrap_err().kind(), ErrorKind::ReadOnlyFilesystem);
        let renamed = shadow.rename(Path::new("/data/folder"), Path::new("/data/else"));
        assert_eq!(renamed.unwrap_err().kind(), ErrorKind::ReadOnlyFilesystem);
        shadow.create_dir_all(Path::new("/data/new.tmp")).unwrap();
        shadow.rename(Path::new("/data/new.tmp"), Path::new("/data/new")).unwrap();
        assert!(names(&shadow, "/data").contains(&"new".to_owned()));
    }
}
