//! Files that list targets.

use std::time::Duration;

use crate::{
    decode::{Check, Decoder, Invalid, section},
    values::FilePath,
    yaml::Node,
};

section! {
    /// Files that are read and watched for targets.
    pub struct FileSdConfig as "file.plain" {
        /// Names of files; the last part may be a pattern.
        files: Vec<FilePath> = Vec::new() => ["files", always];
        /// How often they are read again even if nothing seems to have changed.
        refresh_interval: Duration = Duration::from_secs(300) => ["refresh_interval"];
    }
}

impl Check for FileSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.files.is_empty() {
            let message = "file service discovery config must contain at least one path name";
            return Err(decoder.invalid_key(node, "files", message));
        }
        for name in &self.files {
            if !is_valid_name(name.as_str()) {
                let quoted = model::quote::quote(name.as_str());
                let problem = decoder.invalid_key(
                    node,
                    "files",
                    format!("path name {quoted} is not valid for file discovery"),
                );
                return Err(Box::new(
                    problem
                        .expected("a name that ends in .json, .yml or .yaml, patterns in its last part only"),
                ));
            }
        }
        Ok(())
    }
}

/// Whether the name ends as a list of targets does, and has patterns in its last part alone.
fn is_valid_name(name: &str) -> bool {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let endings = [".json", ".yml", ".yaml", ".JSON", ".YML", ".YAML"];
    endings.iter().any(|ending| file.ends_with(ending)) && !folder.contains('*')
}
