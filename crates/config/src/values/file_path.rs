//! Names of files, relative to the folder of the configuration that names them.

use std::path::Path;

use crate::{
    decode::{Decoder, Field, Invalid},
    yaml::{Node, Yaml},
};

/// The name of a file or a pattern of such; after loading, relative names start at the configuration's folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FilePath(String);

impl FilePath {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether none is given.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name as a path; `None` when none is given.
    pub fn path(&self) -> Option<&Path> {
        (!self.0.is_empty()).then(|| Path::new(&self.0))
    }
}

impl From<&str> for FilePath {
    fn from(name: &str) -> Self {
        FilePath(name.into())
    }
}

impl Field for FilePath {
    fn zero() -> Self {
        FilePath::default()
    }

    fn type_name() -> String {
        "string".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        self.0.decode(node, decoder)
    }

    fn encode(&self) -> Yaml {
        self.0.encode()
    }

    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    fn join_folder(&mut self, folder: &Path) {
        if !self.0.is_empty() && !self.0.starts_with('/') {
            self.0 = clean(&folder.join(&self.0).to_string_lossy());
        }
    }
}

/// The shortest name of the same file: no empty parts, no `.`, and no `..` behind a name.
pub(crate) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".into(),
        (false, false) => joined,
    }
}
