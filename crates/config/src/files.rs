//! Files as configurations name them: whole texts, patterns, and the words of the originals for what goes wrong.

use std::{
    io,
    path::{Path, PathBuf},
};

use platform::FileSystem;

mod pattern;
#[cfg(test)]
mod tests;

pub(crate) use pattern::BadPattern;

/// Largest file that is read.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// Reads a file as text. Bytes that are no UTF-8 become the replacement character.
pub(crate) fn read_text(files: &dyn FileSystem, path: &Path) -> io::Result<String> {
    let mut bytes = files.read(path, FILE_BYTES_MAX)?;
    if bytes.is_empty() {
        // What is no plain file may hold text and say it has no length; what cannot be read so at all is refused,
        // since nobody means the configuration that an empty text is.
        bytes = read_without_length(files, path)?;
    }
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Ok(match text.strip_prefix('\u{feff}') {
        Some(text) => text.into(),
        None => text,
    })
}

/// Reads byte by byte up to the end.
fn read_without_length(files: &dyn FileSystem, path: &Path) -> io::Result<Vec<u8>> {
    let (file, mut bytes) = (files.open(path)?, Vec::new());
    let mut byte = [0];
    for offset in 0..FILE_BYTES_MAX {
        match file.read_exact_at(&mut byte, offset) {
            Ok(()) => bytes.extend(byte),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error),
        }
    }
    Ok(bytes)
}

/// An error of the system in the words of the originals: `open FILE: no such file or directory`.
pub(crate) fn describe(action: &str, path: &Path, error: &io::Error) -> String {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::IsADirectory => "is a directory".into(),
        io::ErrorKind::NotADirectory => "not a directory".into(),
        _ => error.to_string(),
    };
    format!("{action} {}: {reason}", path.display())
}

/// The files and folders that a pattern names, sorted by name within their folder.
///
/// # Errors
/// The pattern is malformed.
pub(crate) fn glob(files: &dyn FileSystem, pattern: &str) -> Result<Vec<PathBuf>, BadPattern> {
    pattern::check(pattern)?;
    if !pattern::is_pattern(pattern) {
        let path = PathBuf::from(pattern);
        return Ok(if files.metadata(&path).is_ok() { vec![path] } else { Vec::new() });
    }
    let (folder, name) = match pattern.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some((folder, name)) => (folder, name),
        None => ("", pattern),
    };
    let folders = if folder.is_empty() {
        vec![PathBuf::new()]
    } else if pattern::is_pattern(folder) {
        glob(files, folder)?
    } else {
        vec![PathBuf::from(folder)]
    };
    let mut found = Vec::new();
    for folder in folders {
        let place = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
        // A folder that cannot be read has no matches.
        let Ok(entries) = files.list(place) else { continue };
        let names = entries.iter().map(|entry| entry.name.as_str());
        let mut names: Vec<&str> = names.filter(|entry| pattern::matches(name, entry)).collect();
        names.sort();
        found.extend(names.into_iter().map(|name| folder.join(name)));
    }
    Ok(found)
}
