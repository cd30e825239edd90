//! JSON as values: `fromJson`.

use std::sync::Arc;

use crate::Value;

/// How deep values may nest.
const DEPTH_MAX: usize = 128;

/// Reads a text that is one JSON value; `None` where it is none.
pub(super) fn read(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text };
    let value = reader.value(0)?;
    reader.skip();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn eat(&mut self, wanted: &str) -> bool {
        self.skip();
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEPTH_MAX {
            return None;
        }
        self.skip();
        match self.rest.chars().next()? {
            '{' => self.object(depth),
            '[' => self.array(depth),
            '"' => Some(Value::text(&self.string()?)),
            _ if self.eat("true") => Some(Value::Bool(true)),
            _ if self.eat("false") => Some(Value::Bool(false)),
            _ if self.eat("null") => Some(Value::Nil),
            '-' | '0'..='9' => {
                let number = |c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
                let end = self.rest.find(number).unwrap_or(self.rest.len());
                let (number, rest) = self.rest.split_at_checked(end)?;
                self.rest = rest;
                Some(Value::Float(number.parse().ok()?))
            }
            _ => None,
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut entries: Vec<(Arc<str>, Value)> = Vec::new();
        self.eat("{");
        if self.eat("}") {
            return Some(Value::any_map(entries));
        }
        loop {
            self.skip();
            let key = self.string()?;
            if !self.eat(":") {
                return None;
            }
            entries.push((key.into(), self.value(depth + 1)?));
            if self.eat("}") {
                return Some(Value::any_map(entries));
            }
            if !self.eat(",") {
                return None;
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Value> {
        let mut items = Vec::new();
        self.eat("[");
        if self.eat("]") {
            return Some(Value::list("[]interface {}", items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.eat("]") {
                return Some(Value::list("[]interface {}", items));
            }
            if !self.eat(",") {
                return None;
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        let mut characters = self.rest.strip_prefix('"')?.chars();
        let mut out = String::new();
        loop {
            match characters.next()? {
                '"' => break,
                '\\' => out.push(match characters.next()? {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'u' => unicode(&mut characters)?,
                    plain @ ('"' | '\\' | '/') => plain,
                    _ => return None,
                }),
                control if control < ' ' => return None,
                plain => out.push(plain),
            }
        }
        self.rest = characters.as_str();
        Some(out)
    }
}

/// The character behind `\u`; two escapes where they are a pair.
fn unicode(characters: &mut std::str::Chars<'_>) -> Option<char> {
    let unit = |characters: &mut std::str::Chars<'_>| {
        (0..4).try_fold(0, |value, _| Some(value << 4 | characters.next()?.to_digit(16)?))
    };
    let first = unit(characters)?;
    if (0xD800..0xDC00).contains(&first)
        && let Some(behind) = characters.as_str().strip_prefix("\\u")
    {
        let mut ahead = behind.chars();
        if let Some(second) = unit(&mut ahead).filter(|second| (0xDC00..0xE000).contains(second)) {
            *characters = ahead;
            return char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
        }
    }
    Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
}
