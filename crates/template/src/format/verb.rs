//! `printf`: directives, flags, widths, and what each kind of value does with them.

use std::fmt::Write;

use model::quote::quote;

use super::number;
use crate::{
    syntax::unicode,
    value::{Type, Value},
};

/// Wider than this is not padded, deeper than this is not shown: a template cannot ask for the memory of the machine.
const WIDTH_MAX: usize = 1_000_000;
const DEPTH_MAX: usize = 32;

/// A directive.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spec {
    pub(crate) verb: char,
    pub(crate) plus: bool,
    pub(crate) named: bool,
    pub(crate) minus: bool,
    pub(crate) alternate: bool,
    pub(crate) space: bool,
    pub(crate) zero: bool,
    pub(crate) width: Option<usize>,
    pub(crate) precision: Option<usize>,
}

impl Spec {
    pub(crate) fn plain(verb: char) -> Spec {
        Spec { verb, ..Spec::default() }
    }
}

/// The values that directives take, in order or by number.
struct Given<'a> {
    values: &'a [Value],
    next: usize,
    /// A directive took a value by its number: what is left over is not told then.
    reordered: bool,
    bad_index: bool,
}

/// Writes values into a text that tells where and how.
pub(crate) fn sprintf(format: &str, values: &[Value]) -> String {
    let mut out = String::new();
    let mut given = Given { values, next: 0, reordered: false, bad_index: false };
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        rest = directive(&mut out, after, &mut given);
    }
    out.push_str(rest);
    if !given.reordered && given.next < values.len() {
        out.push_str("%!(EXTRA ");
        for (index, value) in values.iter().skip(given.next).enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            match value {
                Value::Nil => out.push_str("<nil>"),
                _ => {
                    out.push_str(&value.type_name());
                    out.push('=');
                    push_value(&mut out, value, &Spec::plain('v'), 0);
                }
            }
        }
        out.push(')');
    }
    out
}

/// Reads what stands behind `%`, writes the value, and returns what follows.
fn directive<'a>(out: &mut String, text: &'a str, given: &mut Given<'_>) -> &'a str {
    let mut spec = Spec::default();
    let mut rest = text;
    given.bad_index = false;
    while let Some(flag) = rest.chars().next() {
        match flag {
            '+' => spec.plus = true,
            '-' => spec.minus = true,
            '#' => spec.alternate = true,
            ' ' => spec.space = true,
            '0' => spec.zero = true,
            _ => break,
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    rest = index(rest, given);
    (rest, spec.width) = amount(out, rest, given, "%!(BADWIDTH)", &mut spec.minus);
    if let Some(after) = rest.strip_prefix('.') {
        let after = index(after, given);
        let mut negative = false;
        let (after, precision) = amount(out, after, given, "%!(BADPREC)", &mut negative);
        spec.precision = if negative { None } else { precision.or(Some(0)) };
        rest = after;
    }
    rest = index(rest, given);
    let Some(verb) = rest.chars().next() else {
        out.push_str("%!(NOVERB)");
        return rest;
    };
    spec.verb = verb;
    if verb == 'v' {
        // For `v` the plus asks for the names of fields, not for signs.
        (spec.named, spec.plus) = (spec.plus, false);
    }
    let after = rest.get(verb.len_utf8()..).unwrap_or_default();
    if verb == '%' {
        out.push('%');
        return after;
    }
    // Writing to a String cannot fail, here and below.
    match given.values.get(given.next) {
        _ if given.bad_index => {
            let _ = write!(out, "%!{verb}(BADINDEX)");
        }
        None => {
            let _ = write!(out, "%!{verb}(MISSING)");
        }
        Some(value) => {
            given.next += 1;
            push_value(out, value, &spec, 0);
        }
    }
    after
}

/// `[n]`: the next value by its number.
fn index<'a>(text: &'a str, given: &mut Given<'_>) -> &'a str {
    let Some(inside) = text.strip_prefix('[') else { return text };
    given.reordered = true;
    let Some((number, after)) = inside.split_once(']') else {
        given.bad_index = true;
        return inside;
    };
    match number.parse::<usize>() {
        Ok(number) if (1..=given.values.len()).contains(&number) => given.next = number - 1,
        _ => given.bad_index = true,
    }
    after
}

/// A width or a precision: digits, or `*` for the next value.
fn amount<'a>(
    out: &mut String,
    text: &'a str,
    given: &mut Given<'_>,
    complaint: &str,
    negative: &mut bool,
) -> (&'a str, Option<usize>) {
    if let Some(after) = text.strip_prefix('*') {
        let value = given.values.get(given.next).cloned();
        given.next += 1;
        let amount = match value {
            Some(Value::Int(amount)) if amount.unsigned_abs() <= WIDTH_MAX as u64 => {
                *negative |= amount < 0;
                usize::try_from(amount.unsigned_abs()).ok()
            }
            _ => {
                out.push_str(complaint);
                None
            }
        };
        return (after, amount);
    }
    let digits = text.len() - text.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
    let (number, after) = text.split_at(digits);
    (after, number.parse().ok().map(|amount: usize| amount.min(WIDTH_MAX)))
}

/// Pads to the width: with zeros behind the sign, or with blanks.
fn push_padded(out: &mut String, sign: &str, body: &str, spec: &Spec, zeros: bool) {
    let length = sign.chars().count() + body.chars().count();
    let missing = spec.width.unwrap_or(0).saturating_sub(length);
    let pad = |out: &mut String, with: char| out.extend(std::iter::repeat_n(with, missing));
    if spec.minus {
        out.push_str(sign);
        out.push_str(body);
        pad(out, ' ');
    } else if spec.zero && zeros {
        out.push_str(sign);
        pad(out, '0');
        out.push_str(body);
    } else {
        pad(out, ' ');
        out.push_str(sign);
        out.push_str(body);
    }
}

/// Writes a value by a directive; `depth` is how many lists and maps it stands in.
pub(crate) fn push_value(out: &mut String, value: &Value, spec: &Spec, depth: usize) {
    if spec.verb == 'T' && depth == 0 {
        let name = value.type_name();
        return push_padded(out, "", &name, spec, false);
    }
    if depth > DEPTH_MAX {
        out.push_str("...");
        return;
    }
    let written = match value {
        Value::Nil if spec.verb == 'v' => {
            push_padded(out, "", "<nil>", spec, false);
            true
        }
        Value::Nil => {
            let _ = write!(out, "%!{}(<nil>)", spec.verb);
            return;
        }
        Value::Bool(value) => {
            let fits = matches!(spec.verb, 'v' | 't');
            if fits {
                push_padded(out, "", if *value { "true" } else { "false" }, spec, false);
            }
            fits
        }
        Value::Int(value) => push_integer(out, value.unsigned_abs(), *value < 0, spec),
        Value::Uint(value) => push_integer(out, *value, false, spec),
        Value::Float(value) => match number::float(*value, spec) {
            Some((sign, body)) => {
                let zeros = value.is_finite();
                push_padded(out, &sign, &body, spec, zeros);
                true
            }
            None => false,
        },
        Value::Text(text) | Value::Trusted(_, text) => push_text(out, text, spec),
        Value::Time(time) => is_for_text(spec.verb) && push_text(out, &time.to_text(), spec),
        Value::Duration(span) if is_for_text(spec.verb) => push_text(out, &span.to_text(), spec),
        Value::Duration(span) => push_integer(out, span.nanos().unsigned_abs(), span.nanos() < 0, spec),
        Value::List(list) => {
            push_list(out, list.type_name, &list.items, spec, depth);
            true
        }
        Value::Map(map) => {
            push_map(out, map.element, &map.entries, spec, depth);
            true
        }
        Value::Object(object) => {
            if is_for_text(spec.verb)
                && let Some(text) = object.text()
            {
                push_text(out, &text, spec);
            } else if let Some(base) = object.base() {
                push_value(out, &base, spec, depth);
            } else {
                push_struct(out, object.as_ref(), spec, depth);
            }
            true
        }
    };
    if !written {
        let _ = write!(out, "%!{}({}=", spec.verb, value.type_name());
        // Width, precision and sign stay what the directive asks for.
        let shown = Spec { verb: 'v', named: false, alternate: false, ..spec.clone() };
        push_value(out, value, &shown, depth);
        out.push(')');
    }
}

fn is_for_text(verb: char) -> bool {
    matches!(verb, 'v' | 's' | 'q' | 'x' | 'X')
}

fn push_integer(out: &mut String, magnitude: u64, negative: bool, spec: &Spec) -> bool {
    if let Some((sign, body)) = number::integer(magnitude, negative, spec) {
        let zeros = spec.precision.is_none();
        push_padded(out, &sign, &body, spec, zeros);
        return true;
    }
    let code = u32::try_from(magnitude).ok().filter(|_| !negative).and_then(char::from_u32);
    let character = code.unwrap_or(char::REPLACEMENT_CHARACTER);
    let body = match spec.verb {
        'c' => character.to_string(),
        'q' => quote(&character.to_string())
            .replace('\'', "\\'")
            .replace("\\\"", "\"")
            .trim_matches('"')
            .to_owned(),
        'U' if spec.alternate => unicode(character),
        'U' => format!("U+{magnitude:04X}"),
        _ => return false,
    };
    let body = if spec.verb == 'q' { format!("'{body}'") } else { body };
    push_padded(out, "", &body, spec, false);
    true
}

fn push_text(out: &mut String, text: &str, spec: &Spec) -> bool {
    let cut: String = match spec.precision {
        Some(precision) if matches!(spec.verb, 'v' | 's' | 'q') => text.chars().take(precision).collect(),
        _ => text.to_owned(),
    };
    let body = match spec.verb {
        'v' if spec.alternate => quote(&cut),
        'v' | 's' => cut,
        'q' if spec.alternate && !cut.contains('`') => format!("`{cut}`"),
        'q' if spec.plus => ascii(&quote(&cut)),
        'q' => quote(&cut),
        'x' | 'X' => {
            let mut hex = String::with_capacity(cut.len() * 2);
            let kept = spec.precision.unwrap_or(usize::MAX);
            for (index, byte) in cut.bytes().take(kept).enumerate() {
                if spec.space && index > 0 {
                    hex.push(' ');
                }
                let _ = if spec.verb == 'x' { write!(hex, "{byte:02x}") } else { write!(hex, "{byte:02X}") };
            }
            if spec.alternate { format!("0{}{hex}", spec.verb) } else { hex }
        }
        _ => return false,
    };
    push_padded(out, "", &body, spec, true);
    true
}

/// What is no ASCII character by its number.
fn ascii(quoted: &str) -> String {
    let mut out = String::with_capacity(quoted.len());
    for character in quoted.chars() {
        let code = u32::from(character);
        let _ = match code {
            0..0x80 => write!(out, "{character}"),
            0x80..0x1_0000 => write!(out, "\\u{code:04x}"),
            _ => write!(out, "\\U{code:08x}"),
        };
    }
    out
}

fn push_list(out: &mut String, type_name: &str, items: &[Value], spec: &Spec, depth: usize) {
    let literal = spec.alternate && spec.verb == 'v';
    out.push_str(if literal { type_name } else { "" });
    out.push(if literal { '{' } else { '[' });
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(if literal { ", " } else { " " });
        }
        push_value(out, item, spec, depth + 1);
    }
    out.push(if literal { '}' } else { ']' });
}

fn push_map<'a>(
    out: &mut String,
    element: Type,
    entries: impl IntoIterator<Item = (&'a std::sync::Arc<str>, &'a Value)>,
    spec: &Spec,
    depth: usize,
) {
    let literal = spec.alternate && spec.verb == 'v';
    if literal {
        let _ = write!(out, "map[string]{}{{", element.name());
    } else {
        out.push_str("map[");
    }
    for (index, (name, value)) in entries.into_iter().enumerate() {
        if index > 0 {
            out.push_str(if literal { ", " } else { " " });
        }
        push_value(out, &Value::Text(name.clone()), &Spec { width: None, ..spec.clone() }, depth + 1);
        out.push(':');
        push_value(out, value, spec, depth + 1);
    }
    out.push(if literal { '}' } else { ']' });
}

fn push_struct(out: &mut String, object: &dyn crate::value::Object, spec: &Spec, depth: usize) {
    if object.type_name().starts_with('*') {
        if depth > 0 {
            // Where it lies in memory; a number that means nothing.
            out.push_str("0xc000000000");
            return;
        }
        out.push('&');
    }
    out.push('{');
    for (index, (name, value)) in object.fields().iter().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        if spec.named {
            let _ = write!(out, "{name}:");
        }
        push_value(out, value, spec, depth + 1);
    }
    out.push('}');
}
