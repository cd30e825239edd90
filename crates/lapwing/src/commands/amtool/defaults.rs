//! Files in which users keep values of flags: `~/.config/amtool/config.yml` and `/etc/amtool/config.yml`.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;

use config::alertmanager::parse_tree;
use notify::values::Tree;
use platform::FileSystem;

use crate::cli::tool::ToolDefaults;

/// The largest file that is read.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Where the files may be, the one that counts more first.
pub(super) fn places() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    let own = home.map(|home| PathBuf::from(home).join(".config/amtool/config.yml"));
    own.into_iter().chain([PathBuf::from("/etc/amtool/config.yml")]).collect()
}

/// The values in the files; one that is not there says nothing.
///
/// # Errors
/// A file cannot be read, or holds something else than flags and their values.
pub(super) fn load(files: &dyn FileSystem, places: &[PathBuf]) -> Result<ToolDefaults, String> {
    let mut defaults = ToolDefaults::new();
    for place in places.iter().filter(|place| files.metadata(place).is_ok()) {
        let wrong = |what: String| format!("{}: {what}", place.display());
        let bytes = files.read(place, FILE_BYTES_MAX).map_err(|error| wrong(error.to_string()))?;
        let text = String::from_utf8_lossy(&bytes);
        let flags = match parse_tree(&text) {
            Some(Tree::Map(flags)) => flags,
            Some(Tree::Null) => BTreeMap::new(),
            _ if text.trim().is_empty() => BTreeMap::new(),
            _ => return Err(wrong("flags and their values are expected".to_owned())),
        };
        for (name, value) in flags {
            let values = values(&value).ok_or_else(|| wrong(format!("{name}: a value is expected")))?;
            defaults.entry(flag_name(name)).or_insert(values);
        }
    }
    defaults.retain(|_, values| !values.is_empty());
    Ok(defaults)
}

/// The flag of a key: one of them has another name.
fn flag_name(key: String) -> String {
    if key == "comment_required" { "require-comment".to_owned() } else { key }
}

fn values(value: &Tree) -> Option<Vec<String>> {
    Some(match value {
        Tree::Null => Vec::new(),
        Tree::Bool(value) => vec![value.to_string()],
        Tree::Int(value) => vec![value.to_string()],
        Tree::Float(value) => vec![value.to_string()],
        Tree::Text(value) => vec![value.clone()],
        Tree::List(items) => items.iter().map(values).collect::<Option<Vec<_>>>()?.concat(),
        Tree::Map(_) => return None,
    })
}
