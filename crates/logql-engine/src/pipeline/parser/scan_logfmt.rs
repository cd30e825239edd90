//! `key=value` pairs of a line, one after the other.

/// A pair; the key is never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair<'l> {
    pub(crate) key: &'l [u8],
    /// What stands between the quotes, or up to the next blank; empty where there is no value.
    pub(crate) value: &'l [u8],
    /// Whether the value has escapes.
    pub(crate) escaped: bool,
}

/// What is no pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// A character that cannot stand at this place, from 1.
    Unexpected { place: usize, byte: u8 },
    /// A quote without its end; the place behind the line, from 1.
    Unterminated { place: usize },
    /// Escapes that are none.
    Escape { place: usize },
}

impl std::fmt::Display for Broken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unexpected { place, byte } => {
                let shown = char::from(*byte);
                write!(formatter, "logfmt syntax error at pos {place} : unexpected '{shown}'")
            }
            Self::Unterminated { place } => {
                write!(formatter, "logfmt syntax error at pos {place} : unterminated quoted value")
            }
            Self::Escape { place } => {
                write!(formatter, "logfmt syntax error at pos {place} : invalid quoted value")
            }
        }
    }
}

/// The pairs of a line; blanks and control characters stand between them.
#[derive(Debug, Clone)]
pub(crate) struct Pairs<'l> {
    line: &'l [u8],
    next: usize,
}

impl<'l> Pairs<'l> {
    pub(crate) fn new(line: &'l [u8]) -> Self {
        Self { line, next: 0 }
    }

    /// Where the next pair is looked for.
    pub(crate) fn place(&self) -> usize {
        self.next
    }

    fn rest(&self) -> &'l [u8] {
        self.line.get(self.next..).unwrap_or_default()
    }

    /// Goes behind what is broken: to the next blank.
    fn skip(&mut self) {
        let rest = self.rest();
        self.next += rest.iter().position(|byte| *byte <= b' ').unwrap_or(rest.len());
    }

    /// A character that cannot stand `length` bytes further on.
    fn unexpected(&mut self, length: usize, byte: u8) -> Option<Result<Pair<'l>, Broken>> {
        let place = self.next + length + 1;
        self.skip();
        Some(Err(Broken::Unexpected { place, byte }))
    }

    fn quoted(&mut self, key: &'l [u8]) -> Option<Result<Pair<'l>, Broken>> {
        let rest = self.rest();
        let mut from = 0;
        let mut escaped = false;
        loop {
            let Some(found) = rest.get(from..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) else {
                self.next = self.line.len();
                return Some(Err(Broken::Unterminated { place: self.line.len() + 1 }));
            };
            let end = from + found;
            if rest.get(end) == Some(&b'"') {
                self.next += end + 1;
                let value = rest.get(..end).unwrap_or_default();
                return Some(Ok(Pair { key, value, escaped }));
            }
            escaped = true;
            from = end + 2;
        }
    }
}

impl<'l> Iterator for Pairs<'l> {
    type Item = Result<Pair<'l>, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest();
        let Some(blanks) = rest.iter().position(|byte| *byte > b' ') else {
            self.next = self.line.len();
            return None;
        };
        self.next += blanks;
        let rest = self.rest();
        let end = rest.iter().position(|byte| *byte <= b' ' || *byte == b'=' || *byte == b'"');
        let Some(end) = end else {
            self.next = self.line.len();
            return Some(Ok(Pair { key: rest, value: &[], escaped: false }));
        };
        let key = rest.get(..end).unwrap_or_default();
        match rest.get(end) {
            Some(b'=') if end > 0 => {}
            Some(byte @ (b'=' | b'"')) => return self.unexpected(end, *byte),
            _ => {
                self.next += end;
                return Some(Ok(Pair { key, value: &[], escaped: false }));
            }
        }
        self.next += end + 1;
        let rest = self.rest();
        if rest.first() == Some(&b'"') {
            self.next += 1;
            return self.quoted(key);
        }
        let end = rest.iter().position(|byte| *byte <= b' ' || *byte == b'=' || *byte == b'"');
        let end = end.unwrap_or(rest.len());
        if let Some(byte @ (b'=' | b'"')) = rest.get(end) {
            return self.unexpected(end, *byte);
        }
        self.next += end;
        Some(Ok(Pair { key, value: rest.get(..end).unwrap_or_default(), escaped: false }))
    }
}
