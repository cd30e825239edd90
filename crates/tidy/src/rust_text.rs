//! Rust text split into code and comments, so that a check of the one does not stumble over the other.

/// A file's code and its comments, each with everything else blanked out, so that lines and columns stay as they are.
/// The insides of string and character literals are in neither.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RustText {
    /// The code.
    pub code: String,
    /// The comments, with the slashes that begin them.
    pub comments: String,
}

/// Where a byte belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Code,
    Comment,
    Neither,
}

impl RustText {
    /// Splits `text`, which is taken to be valid Rust.
    pub fn new(text: &str) -> RustText {
        let mut split = Split {
            bytes: text.as_bytes(),
            at: 0,
            code: Vec::with_capacity(text.len()),
            comments: Vec::with_capacity(text.len()),
        };
        while split.at < split.bytes.len() {
            split.next();
        }
        RustText {
            code: String::from_utf8_lossy(&split.code).into_owned(),
            comments: String::from_utf8_lossy(&split.comments).into_owned(),
        }
    }
}

struct Split<'t> {
    bytes: &'t [u8],
    at: usize,
    code: Vec<u8>,
    comments: Vec<u8>,
}

impl Split<'_> {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Takes `count` bytes as what `part` says.
    fn take(&mut self, count: usize, part: Part) {
        let bytes = self.bytes;
        let end = (self.at + count).min(bytes.len());
        for &byte in bytes.get(self.at..end).unwrap_or_default() {
            let kept = |wanted| if part == wanted || byte == b'\n' { byte } else { b' ' };
            self.code.push(kept(Part::Code));
            self.comments.push(kept(Part::Comment));
        }
        self.at = end;
    }

    fn next(&mut self) {
        let rest = self.rest();
        match rest {
            [b'/', b'/', ..] => {
                let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
                self.take(end, Part::Comment);
            }
            [b'/', b'*', ..] => self.take(block_comment_len(rest), Part::Comment),
            [b'"', ..] => self.string(),
            [b'r', b'"' | b'#', ..] if !self.is_in_word() => self.raw_string(1),
            [b'b' | b'c', b'r', b'"' | b'#', ..] if !self.is_in_word() => self.raw_string(2),
            [b'\'', ..] => {
                let len = char_literal_len(rest);
                self.take(1, Part::Code);
                self.take(len.saturating_sub(1), Part::Neither);
            }
            _ => self.take(1, Part::Code),
        }
    }

    /// Whether the byte before is part of the same word, as in `for"`.
    fn is_in_word(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.bytes.get(at));
        before.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
    }

    /// Takes a string literal from its first quote on.
    fn string(&mut self) {
        let (mut len, mut escaped) = (1, false);
        for &byte in self.rest().iter().skip(1) {
            len += 1;
            match byte {
                b'"' if !escaped => break,
                b'\\' => escaped = !escaped,
                _ => escaped = false,
            }
        }
        self.quoted(len);
    }

    /// Takes a raw string literal; the hashes begin after `prefix` bytes. (`r#type` is none.)
    fn raw_string(&mut self, prefix: usize) {
        let after = self.rest().get(prefix..).unwrap_or_default();
        let hashes = after.iter().take_while(|b| **b == b'#').count();
        if after.get(hashes) != Some(&b'"') {
            return self.take(prefix, Part::Code);
        }
        let mut close = vec![b'"'];
        close.resize(hashes + 1, b'#');
        let body = after.get(hashes + 1..).unwrap_or_default();
        let end = body.windows(close.len()).position(|window| window == close);
        let len = hashes + 1 + end.map_or(body.len(), |end| end + close.len());
        self.take(prefix + hashes, Part::Code);
        self.quoted(len - hashes);
    }

    /// Takes `len` bytes, of which the first and the last are kept as code.
    fn quoted(&mut self, len: usize) {
        self.take(1, Part::Code);
        self.take(len.saturating_sub(2), Part::Neither);
        self.take(1, Part::Code);
    }
}

/// The length of the block comment that `text` begins with; they nest.
fn block_comment_len(text: &[u8]) -> usize {
    let (mut at, mut depth) = (0, 0);
    loop {
        match text.get(at..) {
            Some([b'/', b'*', ..]) => (at, depth) = (at + 2, depth + 1),
            Some([b'*', b'/', ..]) => (at, depth) = (at + 2, depth - 1),
            Some([_, ..]) => at += 1,
            _ => return text.len(),
        }
        if depth == 0 {
            return at;
        }
    }
}

/// The length of the character literal that `text` begins with; 1 if it is a lifetime.
fn char_literal_len(text: &[u8]) -> usize {
    let Some(body) = text.get(1..) else { return 1 };
    if body.first() == Some(&b'\\') {
        let close = body.iter().skip(2).position(|b| *b == b'\'');
        return close.map_or(text.len(), |close| close + 4);
    }
    // At most four bytes of one character stand between the quotes.
    let first_len = match body.first() {
        Some(0xC0..=0xDF) => 2,
        Some(0xE0..=0xEF) => 3,
        Some(0xF0..) => 4,
        _ => 1,
    };
    match body.get(first_len) {
        Some(b'\'') => first_len + 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests;
