//! JSON as it stands in lines: read forward, value by value, nothing copied.

/// How deep objects may nest.
const DEPTH_MAX: usize = 128;

/// A value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Json<'l> {
    /// What stands between the quotes, and whether it has escapes.
    String(&'l [u8], bool),
    /// A number or a truth value as it is written.
    Plain(&'l [u8]),
    /// `null`
    Null,
    /// An object as it is written.
    Object(&'l [u8]),
    /// An array as it is written.
    Array(&'l [u8]),
}

/// What is no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Broken {
    /// No object, or one without its end.
    #[error("Value looks like object, but can't find closing '}}' symbol")]
    Object,
    /// Anything else.
    #[error("Malformed JSON error")]
    Malformed,
}

/// What to do with a key of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Go on; an object is passed over.
    Next,
    /// Go into the object.
    Into,
    /// Nothing else is wanted.
    End,
}

/// A place in a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'l> {
    text: &'l [u8],
    next: usize,
}

impl<'l> Reader<'l> {
    pub(crate) fn new(text: &'l [u8]) -> Self {
        Self { text, next: 0 }
    }

    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.get(self.next) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.next += 1,
                other => return other.copied(),
            }
        }
    }

    /// Goes over a character if it is the next one.
    fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.next += usize::from(is_next);
        is_next
    }

    /// A string whose first quote is the next character.
    fn string(&mut self) -> Result<(&'l [u8], bool), Broken> {
        let start = self.next + 1;
        let mut from = start;
        let mut escaped = false;
        loop {
            let rest = self.text.get(from..).ok_or(Broken::Malformed)?;
            let end = from + memchr::memchr2(b'"', b'\\', rest).ok_or(Broken::Malformed)?;
            if self.text.get(end) == Some(&b'"') {
                self.next = end + 1;
                return Ok((self.text.get(start..end).unwrap_or_default(), escaped));
            }
            escaped = true;
            from = end + 2;
        }
    }

    /// Passes over an object or array, whose first character is the next one: up to the end that belongs to it.
    fn pass(&mut self, open: u8, close: u8) -> Result<&'l [u8], Broken> {
        let start = self.next;
        let mut depth = 0usize;
        loop {
            let rest = self.text.get(self.next..).ok_or(Broken::Object)?;
            self.next += memchr::memchr3(b'"', open, close, rest).ok_or(Broken::Object)?;
            match self.text.get(self.next) {
                Some(b'"') => {
                    self.string()?;
                    continue;
                }
                Some(byte) if *byte == open => depth += 1,
                _ => depth -= 1,
            }
            self.next += 1;
            if depth == 0 {
                return Ok(self.text.get(start..self.next).unwrap_or_default());
            }
        }
    }

    /// A value.
    fn value(&mut self) -> Result<Json<'l>, Broken> {
        let first = self.peek().ok_or(Broken::Malformed)?;
        self.value_from(first)
    }

    /// A value whose first character is the next one.
    fn value_from(&mut self, first: u8) -> Result<Json<'l>, Broken> {
        match first {
            b'"' => self.string().map(|(text, escaped)| Json::String(text, escaped)),
            b'{' => self.pass(b'{', b'}').map(Json::Object),
            b'[' => self.pass(b'[', b']').map(Json::Array),
            _ => {
                let start = self.next;
                let rest = self.text.get(start..).unwrap_or_default();
                let ends = |byte: &u8| ENDS_WORD.get(usize::from(*byte)) == Some(&true);
                let length = rest.iter().position(ends).unwrap_or(rest.len());
                let word = rest.get(..length).unwrap_or_default();
                self.next += length;
                match word {
                    b"null" => Ok(Json::Null),
                    b"true" | b"false" => Ok(Json::Plain(word)),
                    [b'-' | b'0'..=b'9', ..] => Ok(Json::Plain(word)),
                    _ => Err(Broken::Malformed),
                }
            }
        }
    }
}

/// The bytes that end a number or a word.
const ENDS_WORD: [bool; 256] = {
    let mut ends = [false; 256];
    let mut rest: &[u8] = b",}] \t\n\r";
    while let Some((byte, after)) = rest.split_first() {
        if let Some((place, _)) = ends.split_at_mut(*byte as usize).1.split_first_mut() {
            *place = true;
        }
        rest = after;
    }
    ends
};

/// Calls `visit` for each key of the object at the beginning of a text, and of those objects in it that it goes into,
/// with the number of objects around; for an object the value is not there yet.
pub(crate) fn walk<'l>(
    text: &'l [u8],
    mut visit: impl FnMut(usize, (&'l [u8], bool), Option<Json<'l>>) -> Step,
) -> Result<(), Broken> {
    let mut reader = Reader::new(text);
    if !reader.eat(b'{') {
        return Err(Broken::Object);
    }
    let mut depth = 0;
    let mut is_first = true;
    loop {
        match reader.peek() {
            Some(b'}') if depth == 0 => return Ok(()),
            Some(b'}') => {
                reader.next += 1;
                depth -= 1;
                is_first = false;
                continue;
            }
            Some(b',') if !is_first => {
                reader.next += 1;
                match reader.peek() {
                    Some(b'"') => {}
                    Some(_) => return Err(Broken::Malformed),
                    None => return Err(Broken::Object),
                }
            }
            Some(b'"') if is_first => {}
            Some(_) => return Err(Broken::Malformed),
            None => return Err(Broken::Object),
        }
        let key = reader.string()?;
        if !reader.eat(b':') {
            return Err(Broken::Malformed);
        }
        is_first = false;
        let first = reader.peek().ok_or(Broken::Malformed)?;
        if first == b'{' {
            match visit(depth, key, None) {
                Step::Into if depth + 1 < DEPTH_MAX => {
                    reader.next += 1;
                    depth += 1;
                    is_first = true;
                }
                Step::End => return Ok(()),
                _ => drop(reader.pass(b'{', b'}')?),
            }
        } else {
            let value = reader.value_from(first)?;
            if visit(depth, key, Some(value)) == Step::End {
                return Ok(());
            }
        }
    }
}

/// The value of a key of an object, or the element of an array; `None` where there is none.
pub(crate) fn find<'l>(text: &'l [u8], step: &logql_syntax::path::Step) -> Result<Option<Json<'l>>, Broken> {
    use logql_syntax::path::Step;
    let mut reader = Reader::new(text);
    match step {
        Step::Key(wanted) => {
            if !reader.eat(b'{') {
                return Ok(None);
            }
            while reader.peek() == Some(b'"') {
                let (key, escaped) = reader.string()?;
                if !reader.eat(b':') {
                    return Ok(None);
                }
                let is_wanted = match escaped {
                    false => key == wanted.as_bytes(),
                    true => super::text::unescape(key).is_some_and(|key| key == *wanted),
                };
                let value = reader.value();
                if is_wanted {
                    return value.map(Some);
                }
                if value.is_err() || !reader.eat(b',') {
                    return Ok(None);
                }
            }
            Ok(None)
        }
        Step::Index(wanted) => {
            if !reader.eat(b'[') || reader.peek() == Some(b']') {
                return Ok(None);
            }
            for index in 0.. {
                let Ok(value) = reader.value() else { return Ok(None) };
                if index == *wanted {
                    return Ok(Some(value));
                }
                if !reader.eat(b',') {
                    return Ok(None);
                }
            }
            Ok(None)
        }
    }
}
