//! Texts that must not be seen.

use std::fmt;
use std::path::PathBuf;

use platform::FileSystem;

use crate::Error;

/// The longest secret that is read from a file.
const SECRET_BYTES_MAX: u64 = 1 << 20;

/// A text that shows as `<secret>`.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text; what it is written into must not be shown.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("<secret>")
    }
}

/// Where a secret stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SecretSource {
    /// In the configuration.
    Inline(Secret),
    /// In a file, read for each use; blanks and line breaks around it are no part of it.
    File(PathBuf),
}

impl SecretSource {
    /// The secret as it is now.
    pub(crate) fn read(&self, files: &dyn FileSystem, what: &'static str) -> Result<Secret, Error> {
        match self {
            Self::Inline(secret) => Ok(secret.clone()),
            Self::File(path) => {
                let failed = |reason: String| Error::SecretFile { what, path: path.clone(), reason };
                let bytes = files.read(path, SECRET_BYTES_MAX).map_err(|error| failed(error.to_string()))?;
                let text = String::from_utf8(bytes).map_err(|_| failed("not valid UTF-8".to_owned()))?;
                Ok(Secret::new(text.trim()))
            }
        }
    }
}
