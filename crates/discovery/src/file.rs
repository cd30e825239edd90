//! Targets in JSON and YAML files (`file_sd_configs`).
//!
//! Changes are looked for every second by time and length, which works on every file system and for files that
//! are replaced by renaming; every refresh interval the files are read anyway. A file that cannot be read keeps
//! its last targets; one that is gone loses them.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use platform::FileSystem;
use tokio::time::{MissedTickBehavior, interval};

use crate::discoverer::{Context, Updates};
use crate::{Error, FileSettings, TargetGroup, group};

/// How often changes are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The most that one file may hold.
const FILE_BYTES_MAX: u64 = 64 << 20;

pub(crate) async fn run(settings: FileSettings, context: Context, updates: Updates) {
    let mut watched = Watched::default();
    let mut ticks = interval(LOOK_EVERY.min(settings.refresh_interval));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut read_at = None;
    loop {
        ticks.tick().await;
        let now = context.clock.monotonic();
        let due = read_at.is_none_or(|read_at| now.saturating_sub(read_at) >= settings.refresh_interval);
        if due {
            read_at = Some(now);
        }
        let changed = watched.look(&settings.files, context.files.as_ref(), due, &mut |path, error| {
            context.metrics.file_read_errors.inc();
            tracing::error!(
                discovery = "file",
                config = context.set,
                path = %path.display(),
                err = %error,
                "error reading file"
            );
        });
        context
            .metrics
            .file_scan_duration
            .observe(context.clock.monotonic().saturating_sub(now).as_secs_f64());
        if changed || due {
            updates.send(watched.groups());
        }
    }
}

/// The files as they were seen last.
#[derive(Default)]
struct Watched {
    files: BTreeMap<PathBuf, Seen>,
}

#[derive(Default)]
struct Seen {
    stamp: Option<(SystemTime, u64)>,
    groups: Vec<Arc<TargetGroup>>,
}

impl Watched {
    /// Reads the files that changed (all of them where `all`); `true` where there is news.
    fn look(
        &mut self,
        patterns: &[String],
        files: &dyn FileSystem,
        all: bool,
        failed: &mut dyn FnMut(&Path, Error),
    ) -> bool {
        let paths: Vec<PathBuf> = patterns.iter().flat_map(|pattern| expand(pattern, files)).collect();
        let before = self.files.len();
        self.files.retain(|path, _| paths.contains(path));
        let mut changed = self.files.len() != before;
        for path in paths {
            let stamp = files.metadata(&path).ok().map(|metadata| (metadata.modified, metadata.len));
            let seen = self.files.entry(path.clone()).or_default();
            if !all && seen.stamp.is_some() && seen.stamp == stamp {
                continue;
            }
            let known = seen.stamp == stamp && stamp.is_some();
            seen.stamp = stamp;
            match read(&path, files) {
                Ok(groups) => {
                    seen.groups = groups;
                    changed = true;
                }
                // A broken file is complained about when it changes and at each refresh, not every second.
                Err(error) if all || !known => failed(&path, error),
                Err(_) => {}
            }
        }
        changed
    }

    fn groups(&self) -> Vec<Arc<TargetGroup>> {
        self.files.values().flat_map(|seen| seen.groups.iter().cloned()).collect()
    }
}

fn read(path: &Path, files: &dyn FileSystem) -> Result<Vec<Arc<TargetGroup>>, Error> {
    let shown = path.display().to_string();
    let bytes = files
        .read(path, FILE_BYTES_MAX)
        .map_err(|error| Error::File { path: shown.clone(), reason: error.to_string() })?;
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let groups = if extension.eq_ignore_ascii_case("json") {
        group::parse_json(&bytes)?
    } else {
        let text = std::str::from_utf8(&bytes).map_err(|error| Error::Syntax(error.to_string()))?;
        group::parse_yaml(text)?
    };
    Ok(groups
        .into_iter()
        .map(|group| {
            let source = format!("{shown}:{}", group.source);
            Arc::new(TargetGroup { source, ..group.with_label("__meta_filepath", &shown) })
        })
        .collect())
}

/// The files that a pattern names: itself, or those of its folder that match its last part.
fn expand(pattern: &str, files: &dyn FileSystem) -> Vec<PathBuf> {
    let path = Path::new(pattern);
    let last = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if !last.contains(['*', '?']) {
        return if files.exists(path).unwrap_or(true) { vec![path.to_owned()] } else { Vec::new() };
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = files.list(folder).unwrap_or_default();
    entries
        .into_iter()
        .filter(|entry| !entry.is_dir && matches(last.as_bytes(), entry.name.as_bytes()))
        .map(|entry| path.with_file_name(entry.name))
        .collect()
}

/// Whether a name matches a pattern of `*`, `?` and literal bytes.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut pattern, mut name) = (pattern, name);
    // Where to go on after the last star, with one byte more taken by it.
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        match (pattern.split_first(), name.split_first()) {
            (Some((b'*', after)), _) => {
                retry = Some((after, name));
                pattern = after;
            }
            (Some((wanted, after)), Some((byte, rest))) if *wanted == b'?' || wanted == byte => {
                (pattern, name) = (after, rest);
            }
            (None, None) => return true,
            _ => match retry.and_then(|(after, rest)| Some((after, rest.split_first()?.1))) {
                Some((after, rest)) => {
                    retry = Some((after, rest));
                    (pattern, name) = (after, rest);
                }
                None => return false,
            },
        }
    }
}
