//! What may follow `(?`.

use crate::{Error, ErrorCode};

/// The flags in force.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Flags {
    /// `i`: case does not count.
    pub(super) fold: bool,
    /// `m`: `^` and `$` also match at line ends.
    pub(super) multi_line: bool,
    /// `s`: `.` also matches a line feed.
    pub(super) dot_all: bool,
    /// `U`: `x*` is lazy and `x*?` greedy.
    pub(super) swap_greed: bool,
}

/// What a `(` begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opening<'t> {
    /// `(?P<name>` or `(?<name>`.
    Named(&'t str),
    /// `(?i:`
    Flagged(Flags),
    /// `(?i)`: no group, but other flags up to the end of the one it stands in.
    Flags(Flags),
}

/// Reads `text`, which begins with `(?`.
pub(super) fn read_opening(text: &str, flags: Flags) -> Result<(Opening<'_>, &str), Error> {
    // Cut off right after the `<`, it is no name but a flag nobody knows.
    let name = text.strip_prefix("(?P<").or_else(|| text.strip_prefix("(?<"));
    if let Some(body) = name.filter(|body| !body.is_empty()) {
        return read_name(text, body);
    }
    read_flags(text, flags)
}

fn read_name<'t>(text: &'t str, body: &'t str) -> Result<(Opening<'t>, &'t str), Error> {
    let invalid = |shown: &str| Error::new(ErrorCode::InvalidNamedCapture, shown);
    let (name, rest) = body.split_once('>').ok_or_else(|| invalid(text))?;
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(invalid(text.strip_suffix(rest).unwrap_or(text)));
    }
    Ok((Opening::Named(name), rest))
}

fn read_flags(text: &str, mut flags: Flags) -> Result<(Opening<'_>, &str), Error> {
    let mut rest = text.strip_prefix("(?").unwrap_or(text).chars();
    let (mut on, mut any_off) = (true, false);
    loop {
        let flag = match rest.next() {
            Some('i') => &mut flags.fold,
            Some('m') => &mut flags.multi_line,
            Some('s') => &mut flags.dot_all,
            Some('U') => &mut flags.swap_greed,
            Some('-') if on => {
                on = false;
                continue;
            }
            Some(':') if on || any_off => return Ok((Opening::Flagged(flags), rest.as_str())),
            Some(')') if on || any_off => return Ok((Opening::Flags(flags), rest.as_str())),
            _ => {
                let read = text.strip_suffix(rest.as_str()).unwrap_or(text);
                return Err(Error::new(ErrorCode::InvalidPerlSyntax, read));
            }
        };
        *flag = on;
        any_off |= !on;
    }
}
