//! Templates with `$1`, `${1}`, `$name` and `${name}`, by the rules of Go's `Regexp.Expand`.

use crate::{Captures, syntax};

/// One piece of a template.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Number(usize),
    Name(&'a str),
}

/// Appends `template` to `out`, its references replaced by what `captures` holds.
pub(crate) fn expand(template: &str, captures: &Captures<'_>, out: &mut String) {
    for piece in pieces(template) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Number(index) => out.push_str(captures.get(index).unwrap_or_default()),
            Piece::Name(name) => out.push_str(captures.name(name).unwrap_or_default()),
        }
    }
}

/// Whether `template` stands for itself.
pub(crate) fn is_plain(template: &str) -> bool {
    !template.contains('$')
}

fn pieces(mut rest: &str) -> impl Iterator<Item = Piece<'_>> {
    std::iter::from_fn(move || {
        let Some((before, after)) = rest.split_once('$') else {
            let text = std::mem::take(&mut rest);
            return (!text.is_empty()).then_some(Piece::Text(text));
        };
        if !before.is_empty() {
            rest = rest.strip_prefix(before).unwrap_or_default();
            return Some(Piece::Text(before));
        }
        if let Some(after) = after.strip_prefix('$') {
            rest = after;
            return Some(Piece::Text("$"));
        }
        match reference(after) {
            Some((piece, after)) => {
                rest = after;
                Some(piece)
            }
            // A `$` that begins no reference stands for itself.
            None => {
                rest = after;
                Some(Piece::Text("$"))
            }
        }
    })
}

/// Reads what follows a `$`: a name, bare or in braces, and the rest of the template.
fn reference(after: &str) -> Option<(Piece<'_>, &str)> {
    let (braced, body) = match after.strip_prefix('{') {
        Some(body) => (true, body),
        None => (false, after),
    };
    let end = body.find(|c| !syntax::is_name_char(c)).unwrap_or(body.len());
    let (name, rest) = body.split_at_checked(end)?;
    if name.is_empty() {
        return None;
    }
    let rest = if braced { rest.strip_prefix('}')? } else { rest };
    Some((name_or_number(name), rest))
}

fn name_or_number(name: &str) -> Piece<'_> {
    let leading_zero = name.len() > 1 && name.starts_with('0');
    if leading_zero || !name.bytes().all(|b| b.is_ascii_digit()) {
        return Piece::Name(name);
    }
    name.parse().map_or(Piece::Name(name), Piece::Number)
}
