//! The notation of a text: plain where that reads back the same, quoted or as a block where it does not.

use super::{INDENT, Printer};
use crate::yaml::{Resolved, resolve::resolve_plain};

/// The column behind which a text is folded at its next space.
pub(super) const WIDTH: usize = 80;

/// Where a text stands; it decides what plain notation may hold and whether lines may be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    Block,
    Flow,
    Key,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notation {
    Plain,
    Single,
    Double,
    Literal,
}

/// What stands in the way of the simpler notations.
#[derive(Debug, Default)]
struct Obstacles {
    /// Plain notation is out, in blocks and in flows.
    plain: bool,
    /// Plain notation is out inside a flow collection.
    plain_in_flow: bool,
    single: bool,
    literal: bool,
}

impl Printer {
    /// A text; `indent` is where its further lines begin.
    pub(super) fn text(&mut self, text: &str, indent: usize, context: Context) {
        let breaks_allowed = context != Context::Key;
        match notation(text, context) {
            Notation::Plain => self.folded(text, indent, breaks_allowed, |printer, c| printer.push_char(c)),
            Notation::Single => {
                self.push("'");
                self.folded(text, indent, breaks_allowed, |printer, c| {
                    printer.push_char(c);
                    if c == '\'' {
                        printer.push_char(c);
                    }
                });
                self.push("'");
            }
            Notation::Double => self.double_quoted(text, indent, breaks_allowed),
            Notation::Literal => self.literal(text, indent),
        }
    }

    fn push_char(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    /// A text with its lines folded: a single space behind the width becomes a line break.
    fn folded(
        &mut self,
        text: &str,
        indent: usize,
        breaks_allowed: bool,
        write: impl Fn(&mut Printer, char),
    ) {
        let (mut before, mut chars) = (' ', text.chars().peekable());
        let mut first = true;
        while let Some(c) = chars.next() {
            let lone = c == ' ' && before != ' ' && chars.peek().is_some_and(|next| *next != ' ');
            if lone && breaks_allowed && !first && self.column > WIDTH {
                self.start_line(indent);
            } else {
                write(self, c);
            }
            before = c;
            first = false;
        }
    }

    fn double_quoted(&mut self, text: &str, indent: usize, breaks_allowed: bool) {
        self.push("\"");
        let (mut before, mut first, mut chars) = (None, true, text.chars().peekable());
        while let Some(c) = chars.next() {
            let breakable = c == ' ' && before != Some(' ') && !first && chars.peek().is_some();
            if breakable && breaks_allowed && self.column > WIDTH {
                self.start_line(indent);
                if chars.peek() == Some(&' ') {
                    self.push("\\");
                }
            } else {
                self.escaped(c);
            }
            before = Some(c);
            first = false;
        }
        self.push("\"");
    }

    fn escaped(&mut self, c: char) {
        let short = match c {
            '\0' => "\\0",
            '\u{7}' => "\\a",
            '\u{8}' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\u{b}' => "\\v",
            '\u{c}' => "\\f",
            '\r' => "\\r",
            '\u{1b}' => "\\e",
            '"' => "\\\"",
            '\\' => "\\\\",
            '\u{85}' => "\\N",
            '\u{a0}' => "\\_",
            '\u{2028}' => "\\L",
            '\u{2029}' => "\\P",
            _ if is_printable(c) => return self.push_char(c),
            _ => {
                let code = u32::from(c);
                let long = match code {
                    0..=0xff => format!("\\x{code:02X}"),
                    0x100..=0xffff => format!("\\u{code:04X}"),
                    _ => format!("\\U{code:08X}"),
                };
                return self.push(&long);
            }
        };
        self.push(short);
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.push("|");
        if text.starts_with([' ', '\n']) {
            self.push(&INDENT.to_string());
        }
        let body = match text.strip_suffix('\n') {
            None => {
                self.push("-");
                text
            }
            Some(body) => {
                if body.is_empty() || body.ends_with('\n') {
                    self.push("+");
                }
                body
            }
        };
        for line in body.split('\n') {
            self.end_line();
            if !line.is_empty() {
                self.indent(indent);
                self.push(line);
            }
        }
    }
}

fn notation(text: &str, context: Context) -> Notation {
    let obstacles = obstacles(text);
    let wanted = if text.contains('\n') {
        Notation::Literal
    } else if matches!(resolve_plain(text), Resolved::Text | Resolved::Merge) && !is_base_60(text) {
        Notation::Plain
    } else {
        Notation::Double
    };
    let plain_is_out = obstacles.plain || (context == Context::Flow && obstacles.plain_in_flow);
    match wanted {
        Notation::Plain if !plain_is_out => Notation::Plain,
        Notation::Plain if !obstacles.single => Notation::Single,
        Notation::Literal if !obstacles.literal && context == Context::Block => Notation::Literal,
        _ => Notation::Double,
    }
}

fn obstacles(text: &str) -> Obstacles {
    let mut found = Obstacles::default();
    if text.starts_with("---") || text.starts_with("...") {
        found.plain = true;
    }
    let mut chars = text.chars().peekable();
    let mut before: Option<char> = None;
    while let Some(c) = chars.next() {
        let blank_follows = chars.peek().is_none_or(|next| matches!(next, ' ' | '\t' | '\r' | '\n'));
        look_at_indicator(c, before, blank_follows, &mut found);
        if !(is_printable(c) || c == '\n') || c == '\u{85}' || c == '\u{2028}' || c == '\u{2029}' {
            found.plain = true;
            found.single = true;
            found.literal = true;
        }
        match (c, before) {
            ('\n', Some(' ')) => {
                found.plain = true;
                found.single = true;
                found.literal = true;
            }
            (' ', Some('\n')) => {
                found.plain = true;
                found.single = true;
            }
            ('\n', _) => found.plain = true,
            _ => {}
        }
        before = Some(c);
    }
    if text.starts_with(' ') || text.ends_with(' ') {
        found.plain = true;
    }
    if text.ends_with(' ') {
        found.literal = true;
    }
    found
}

/// Notes what the character means to plain notation at its place.
fn look_at_indicator(c: char, before: Option<char>, blank_follows: bool, found: &mut Obstacles) {
    let first = before.is_none();
    match c {
        '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`'
            if first =>
        {
            found.plain = true;
        }
        '?' if first => {
            found.plain_in_flow = true;
            found.plain |= blank_follows;
        }
        '-' if first => found.plain |= blank_follows,
        ',' | '?' | '[' | ']' | '{' | '}' => found.plain_in_flow = true,
        ':' => {
            found.plain_in_flow = true;
            found.plain |= blank_follows;
        }
        '#' => found.plain |= matches!(before, Some(' ' | '\t' | '\r' | '\n')),
        _ => {}
    }
}

/// What is printed as it is; other characters are escaped. Emoji are among those, as in the originals.
fn is_printable(c: char) -> bool {
    match u32::from(c) {
        0x0a | 0x20..=0x7e => true,
        0xa0..=0xd7ff | 0xe000..=0xfffd => c != '\u{feff}',
        _ => false,
    }
}

/// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`: what YAML 1.1 readers take for a number to the base 60.
fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut parts = unsigned.split(':');
    let Some(head) = parts.next() else { return false };
    let head_fits = head.starts_with(|c: char| c.is_ascii_digit())
        && head.chars().all(|c| c.is_ascii_digit() || c == '_');
    let mut tail: Vec<&str> = parts.collect();
    let Some(last) = tail.pop() else { return false };
    let (last, fraction) = last.split_once('.').unwrap_or((last, ""));
    let sixtieth = |part: &str| match part.as_bytes() {
        [one] => one.is_ascii_digit(),
        [ten, one] => (b'0'..=b'5').contains(ten) && one.is_ascii_digit(),
        _ => false,
    };
    head_fits
        && tail.into_iter().all(sixtieth)
        && sixtieth(last)
        && fraction.chars().all(|c| c.is_ascii_digit() || c == '_')
}
