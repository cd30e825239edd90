//! The files of rules that a configuration names.

use std::path::Path;

use platform::FileSystem;

use super::{RuleChecks, RuleFile};
use crate::files::{describe, glob, read_text};

/// A file of rules and its path, as the pattern that found it has it.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedRuleFile {
    /// The path.
    pub path: String,
    /// What it says.
    pub file: RuleFile,
}

/// Reads the files that patterns name, each once; a pattern that matches nothing is no error.
///
/// # Errors
/// Everything that is wrong with them, each with its file.
pub fn load_rule_files(
    patterns: &[&str],
    files: &dyn FileSystem,
    checks: &RuleChecks<'_>,
    ignore_unknown_keys: bool,
) -> Result<Vec<LoadedRuleFile>, Vec<String>> {
    let mut loaded: Vec<LoadedRuleFile> = Vec::new();
    let mut problems = Vec::new();
    for pattern in patterns {
        let Ok(paths) = glob(files, pattern) else {
            problems.push(format!("{pattern}: syntax error in pattern"));
            continue;
        };
        for path in paths {
            let name = path.to_string_lossy().into_owned();
            if loaded.iter().any(|there| there.path == name) {
                continue;
            }
            match load(&path, files, checks, ignore_unknown_keys) {
                Ok(file) => loaded.push(LoadedRuleFile { path: name, file }),
                Err(found) => problems.extend(found.into_iter().map(|problem| format!("{name}: {problem}"))),
            }
        }
    }
    if problems.is_empty() { Ok(loaded) } else { Err(problems) }
}

fn load(
    path: &Path,
    files: &dyn FileSystem,
    checks: &RuleChecks<'_>,
    ignore_unknown_keys: bool,
) -> Result<RuleFile, Vec<String>> {
    let text = read_text(files, path).map_err(|error| vec![describe("open", path, &error)])?;
    RuleFile::parse(&text, checks, ignore_unknown_keys)
        .map_err(|problems| problems.into_iter().map(|problem| problem.text).collect())
}
