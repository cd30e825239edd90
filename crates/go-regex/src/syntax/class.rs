//! Sets of characters: `[a-z]`, `\d`, `\pL`.

use regex_syntax::hir::ClassUnicode;

use super::escape::read_escape;
use super::names::{ascii_class, perl_class, unicode_class};
use super::ranges::{folded, negated_if, span};
use crate::{Error, ErrorCode};

/// A set and the text that follows it.
pub(super) type Read<'t> = (ClassUnicode, &'t str);

/// Reads the bracket expression that `text` begins with.
pub(super) fn read_bracket(text: &str, fold: bool) -> Result<Read<'_>, Error> {
    let missing = || Error::new(ErrorCode::MissingBracket, text);
    let mut rest = text.strip_prefix('[').unwrap_or(text);
    let negate = rest.starts_with('^');
    rest = rest.strip_prefix('^').unwrap_or(rest);

    // Named sets are folded before they are negated, and then left alone.
    let (mut plain, mut named) = (Vec::new(), Vec::new());
    // A `]` right at the start stands for itself.
    let mut first = true;
    while first || !rest.starts_with(']') {
        first = false;
        if let Some((class, after)) = read_named(rest, fold)? {
            named.extend_from_slice(class.ranges());
            rest = after;
            continue;
        }
        let start = rest;
        let (low, after) = read_char(rest)?.ok_or_else(missing)?;
        rest = after;
        let mut high = low;
        if let Some(after) = rest.strip_prefix('-').filter(|after| !after.starts_with(']')) {
            (high, rest) = read_char(after)?.ok_or_else(missing)?;
            if high < low {
                let range = start.strip_suffix(rest).unwrap_or(start);
                return Err(Error::new(ErrorCode::InvalidCharacterRange, range));
            }
        }
        plain.extend(span(low, high));
    }
    let mut class = ClassUnicode::new(plain);
    if fold {
        class = folded(class);
    }
    class.union(&ClassUnicode::new(named));
    let after = rest.strip_prefix(']').ok_or_else(missing)?;
    Ok((negated_if(negate, class), after))
}

/// Reads one character of a bracket expression; `None` at the end of the pattern.
fn read_char(text: &str) -> Result<Option<(u32, &str)>, Error> {
    if text.starts_with('\\') {
        return read_escape(text).map(Some);
    }
    let mut chars = text.chars();
    Ok(chars.next().map(|c| (u32::from(c), chars.as_str())))
}

/// Reads the named set that `text` begins with, if it does, as it stands inside of brackets.
fn read_named(text: &str, fold: bool) -> Result<Option<Read<'_>>, Error> {
    match read_ascii(text, fold)? {
        None => read_escaped(text, fold),
        found => Ok(found),
    }
}

/// Reads `[:alpha:]` or `[:^alpha:]`.
fn read_ascii(text: &str, fold: bool) -> Result<Option<Read<'_>>, Error> {
    let Some((name, rest)) = text.strip_prefix("[:").and_then(|body| body.split_once(":]")) else {
        return Ok(None);
    };
    let (negate, bare) = match name.strip_prefix('^') {
        Some(bare) => (true, bare),
        None => (false, name),
    };
    let class = ascii_class(bare).ok_or_else(|| invalid_name(text, rest))?;
    Ok(Some((finished(class, fold, negate), rest)))
}

/// Reads `\d`, `\D`, `\pL`, `\p{Greek}`, `\p{^Greek}` and the like.
pub(super) fn read_escaped(text: &str, fold: bool) -> Result<Option<Read<'_>>, Error> {
    let mut chars = text.chars();
    if chars.next() != Some('\\') {
        return Ok(None);
    }
    let Some(letter) = chars.next() else { return Ok(None) };
    let (negate, rest) = (letter.is_ascii_uppercase(), chars.as_str());
    if matches!(letter, 'p' | 'P') {
        return read_unicode(text, rest, fold, negate).map(Some);
    }
    let class = perl_class(letter.to_ascii_lowercase());
    Ok(class.map(|class| (finished(class, fold, negate), rest)))
}

/// Reads `L`, `{Greek}` or `{^Greek}` after `\p`.
fn read_unicode<'t>(text: &'t str, rest: &'t str, fold: bool, negate: bool) -> Result<Read<'t>, Error> {
    let (name, rest) = match rest.strip_prefix('{') {
        Some(body) => body.split_once('}').ok_or_else(|| invalid_name(text, ""))?,
        None => {
            let mut chars = rest.chars();
            chars.next();
            (rest.strip_suffix(chars.as_str()).unwrap_or(rest), chars.as_str())
        }
    };
    let (inverted, bare) = match name.strip_prefix('^') {
        Some(bare) => (true, bare),
        None => (false, name),
    };
    let class = unicode_class(bare).ok_or_else(|| invalid_name(text, rest))?;
    Ok((finished(class, fold, negate != inverted), rest))
}

fn finished(class: ClassUnicode, fold: bool, negate: bool) -> ClassUnicode {
    negated_if(negate, if fold { folded(class) } else { class })
}

fn invalid_name(text: &str, rest: &str) -> Error {
    Error::new(ErrorCode::InvalidCharacterRange, text.strip_suffix(rest).unwrap_or(text))
}
