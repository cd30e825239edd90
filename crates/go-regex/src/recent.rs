//! The patterns that were asked for last, compiled: the same queries come again and again, and compiling takes longer than
//! many of them do.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Regex;
use crate::regex::Source;

/// So many are kept. What a compiled pattern takes grows with its use, up to a few MiB.
const KEPT_MAX: usize = 32;

/// Longer patterns are not kept: they are seldom written twice, and take much.
const TEXT_BYTES_MAX: usize = 256;

/// The one asked for last stands last.
static RECENT: Mutex<Vec<(Source, Regex)>> = Mutex::new(Vec::new());

/// The compiled form of a pattern, where it is kept.
pub(crate) fn find(source: &Source, pattern: &str) -> Option<Regex> {
    let mut recent = recent();
    let place = recent.iter().position(|(known, regex)| known == source && regex.as_str() == pattern)?;
    let found = recent.remove(place);
    let regex = found.1.clone();
    recent.push(found);
    Some(regex)
}

/// Keeps a compiled pattern, and lets the one go that was not asked for longest.
pub(crate) fn keep(source: Source, regex: &Regex) {
    if source.text.len() > TEXT_BYTES_MAX {
        return;
    }
    let mut recent = recent();
    if recent.len() >= KEPT_MAX {
        recent.remove(0);
    }
    recent.push((source, regex.clone()));
}

fn recent() -> MutexGuard<'static, Vec<(Source, Regex)>> {
    // Whoever panicked left whole entries.
    RECENT.lock().unwrap_or_else(PoisonError::into_inner)
}
