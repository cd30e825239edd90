//! What is kept over a restart: a journal of silences, of what was told, and of alerts (`docs/formats/alerts-journal.md`).

mod messages;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use alerting::Change;
use platform::{AppendFile, FileSystem};
use prost::Message;

use self::messages::{AlertRecord, MeshEntry, MeshSilence};

const MAGIC: &[u8; 8] = b"LWALERT1";
const SILENCE: u8 = 1;
const TOLD: u8 = 2;
const ALERT: u8 = 3;
/// The largest record that is read.
const RECORD_BYTES_MAX: usize = 16 << 20;
/// How much of a new file is written at once.
const CHUNK_BYTES: usize = 1 << 20;
/// The largest journal that is read.
const JOURNAL_BYTES_MAX: u64 = 4 << 30;

/// The journal, open for writing.
#[derive(Debug)]
pub(crate) struct Journal {
    files: Arc<dyn FileSystem>,
    path: PathBuf,
    file: Box<dyn AppendFile>,
    /// What is noted while a new file is being written: it goes into both.
    meanwhile: Option<Vec<u8>>,
}

/// Writes a new file beside the one that is in use; [`Journal::take_over`] puts it in its place.
#[derive(Debug)]
pub(crate) struct Rewrite {
    files: Arc<dyn FileSystem>,
    path: PathBuf,
}

/// What a start finds.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) changes: Vec<Change>,
    /// What the user should know.
    pub(crate) warnings: Vec<String>,
}

impl Journal {
    /// Opens the journal in `folder` and reads what it holds. Where there is none, the files of an Alertmanager in
    /// `import` are taken instead.
    ///
    /// # Errors
    /// The folder cannot be read or written, or the file is no journal.
    pub(crate) fn open(
        files: Arc<dyn FileSystem>,
        folder: &Path,
        import: &Path,
    ) -> io::Result<(Journal, Kept)> {
        files.create_dir_all_synced(folder)?;
        let path = folder.join("journal");
        let mut kept = Kept::default();
        if files.exists(&path)? {
            let bytes = files.read(&path, JOURNAL_BYTES_MAX)?;
            let good = read_journal(&bytes, &mut kept)?;
            let mut file = files.open_append(&path)?;
            if good < bytes.len() {
                kept.warnings.push(format!(
                    "{}: {} damaged bytes at the end are left out",
                    path.display(),
                    bytes.len() - good
                ));
                file.truncate(good as u64)?;
            }
            return Ok((Journal { files, path, file, meanwhile: None }, kept));
        }
        import_files(files.as_ref(), import, &mut kept);
        let file = Rewrite { files: Arc::clone(&files), path: path.clone() }.write([&kept.changes])?;
        files.rename(&temporary(&path), &path)?;
        files.sync_dir(folder)?;
        Ok((Journal { files, path, file, meanwhile: None }, kept))
    }

    /// Notes changes; `syncs` makes them survive a crash of the machine.
    ///
    /// # Errors
    /// The file cannot be written; none of them is noted then.
    pub(crate) fn note(&mut self, changes: &[Change], syncs: bool) -> io::Result<()> {
        let before = self.file.len();
        let mut bytes = Vec::new();
        changes.iter().for_each(|change| frame(change, &mut bytes));
        if let Err(error) = self.file.append(&bytes) {
            // A record that was written in part would hide those behind it.
            self.file.truncate(before)?;
            return Err(error);
        }
        if let Some(meanwhile) = &mut self.meanwhile {
            meanwhile.extend_from_slice(&bytes);
        }
        if syncs { self.file.sync() } else { Ok(()) }
    }

    /// Begins to write everything anew, so that what is over takes no room. What is noted from now on is in the new
    /// file too.
    pub(crate) fn begin_rewrite(&mut self) -> Rewrite {
        self.meanwhile = Some(Vec::new());
        Rewrite { files: Arc::clone(&self.files), path: self.path.clone() }
    }

    /// Puts a file that was written anew in the place of the old one.
    ///
    /// # Errors
    /// It could not be written; the old one stays then.
    pub(crate) fn take_over(&mut self, file: io::Result<Box<dyn AppendFile>>) -> io::Result<()> {
        let meanwhile = self.meanwhile.take().unwrap_or_default();
        let mut file = file?;
        file.append(&meanwhile)?;
        file.sync()?;
        self.files.rename(&temporary(&self.path), &self.path)?;
        self.file = file;
        match self.path.parent() {
            Some(folder) => self.files.sync_dir(folder),
            None => Ok(()),
        }
    }

    /// How long the file is.
    pub(crate) fn bytes(&self) -> u64 {
        self.file.len()
    }
}

fn temporary(path: &Path) -> PathBuf {
    path.with_extension("tmp")
}

impl Rewrite {
    /// Writes the new file.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn write(
        &self,
        pieces: impl IntoIterator<Item = impl AsRef<[Change]>>,
    ) -> io::Result<Box<dyn AppendFile>> {
        let mut file = self.files.create(&temporary(&self.path))?;
        let mut bytes = MAGIC.to_vec();
        for piece in pieces {
            for change in piece.as_ref() {
                frame(change, &mut bytes);
                if bytes.len() >= CHUNK_BYTES {
                    file.append(&bytes)?;
                    bytes.clear();
                }
            }
        }
        file.append(&bytes)?;
        file.sync()?;
        Ok(file)
    }
}

fn frame(change: &Change, bytes: &mut Vec<u8>) {
    let (kind, message) = match change {
        Change::Silence(silence) => (SILENCE, MeshSilence::of(silence).encode_to_vec()),
        Change::Told(entry) => (TOLD, MeshEntry::of(entry).encode_to_vec()),
        Change::Alert(alert) => (ALERT, AlertRecord::of(alert).encode_to_vec()),
    };
    let mut payload = vec![kind];
    payload.extend_from_slice(&message);
    bytes.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&checksum(&payload).to_le_bytes());
    bytes.extend_from_slice(&payload);
}

fn checksum(bytes: &[u8]) -> u32 {
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, bytes) as u32
}

/// Reads records up to the first that is damaged; gives the number of good bytes.
fn read_journal(bytes: &[u8], kept: &mut Kept) -> io::Result<usize> {
    let Some(mut rest) = bytes.strip_prefix(MAGIC.as_slice()) else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the file is no journal of alerts"));
    };
    while let Some((payload, after)) = next_record(rest) {
        match payload.split_first().and_then(|(kind, message)| read_record(*kind, message)) {
            Some(change) => kept.changes.push(change),
            None => kept.warnings.push("a record of the journal of alerts is not understood".to_owned()),
        }
        rest = after;
    }
    Ok(bytes.len() - rest.len())
}

fn next_record(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (expected, rest) = rest.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > RECORD_BYTES_MAX {
        return None;
    }
    let (payload, rest) = rest.split_at_checked(length)?;
    (checksum(payload) == u32::from_le_bytes(*expected)).then_some((payload, rest))
}

fn read_record(kind: u8, message: &[u8]) -> Option<Change> {
    match kind {
        SILENCE => Some(Change::Silence(MeshSilence::decode(message).ok()?.silence()?)),
        TOLD => Some(Change::Told(MeshEntry::decode(message).ok()?.entry()?)),
        ALERT => Some(Change::Alert(Arc::new(AlertRecord::decode(message).ok()?.alert()))),
        _ => None,
    }
}

/// Takes the files of an Alertmanager, where they are.
fn import_files(files: &dyn FileSystem, folder: &Path, kept: &mut Kept) {
    for (name, is_silence) in [("silences", true), ("nflog", false)] {
        let path = folder.join(name);
        let Ok(bytes) = files.read(&path, JOURNAL_BYTES_MAX) else { continue };
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let change = if is_silence {
                MeshSilence::decode_length_delimited(&mut rest)
                    .map(|record| record.silence().map(Change::Silence))
            } else {
                MeshEntry::decode_length_delimited(&mut rest).map(|record| record.entry().map(Change::Told))
            };
            match change {
                Ok(Some(change)) => kept.changes.push(change),
                Ok(None) => kept.warnings.push(format!("{}: a record is left out", path.display())),
                Err(error) => {
                    kept.warnings.push(format!("{}: the rest cannot be read: {error}", path.display()));
                    break;
                }
            }
        }
    }
}
