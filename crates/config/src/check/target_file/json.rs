//! Whether a text is JSON, with the words that Go has for what it is not.

/// Deepest nesting that is read.
const DEPTH_MAX: usize = 1_000;

/// Checks that the text is one JSON value.
///
/// # Errors
/// What is wrong first.
pub(super) fn check(text: &str) -> Result<(), String> {
    let mut reader = Reader { rest: text };
    reader.value("looking for beginning of value", 0)?;
    match reader.next() {
        None => Ok(()),
        Some(c) => Err(invalid(c, "after top-level value")),
    }
}

fn invalid(c: char, context: &str) -> String {
    let shown = match c {
        '\'' => "'\\''".into(),
        '"' => "'\"'".into(),
        c => {
            let quoted = model::quote::quote(&c.to_string());
            format!("'{}'", quoted.trim_matches('"'))
        }
    };
    format!("invalid character {shown} {context}")
}

const ENDS: &str = "unexpected end of JSON input";

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn take(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next();
        self.rest = chars.as_str();
        c
    }

    /// The next character that is no white space.
    fn next(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
        self.take()
    }

    fn value(&mut self, context: &str, depth: usize) -> Result<(), String> {
        if depth > DEPTH_MAX {
            return Err("exceeded max depth".into());
        }
        match self.next().ok_or(ENDS)? {
            '{' => self.object(depth),
            '[' => self.array(depth),
            '"' => self.string(),
            't' => self.word("true", "rue"),
            'f' => self.word("false", "alse"),
            'n' => self.word("null", "ull"),
            c @ ('-' | '0'..='9') => self.number(c),
            c => Err(invalid(c, context)),
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), String> {
        let mut context = "looking for beginning of object key string";
        loop {
            match self.next().ok_or(ENDS)? {
                '"' => self.string()?,
                '}' if !context.contains("after") => return Ok(()),
                c => return Err(invalid(c, context)),
            }
            match self.next().ok_or(ENDS)? {
                ':' => self.value("looking for beginning of value", depth + 1)?,
                c => return Err(invalid(c, "after object key")),
            }
            match self.next().ok_or(ENDS)? {
                ',' => context = "looking for beginning of object key string",
                '}' => return Ok(()),
                c => return Err(invalid(c, "after object key:value pair")),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<(), String> {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
        if let Some(rest) = self.rest.strip_prefix(']') {
            self.rest = rest;
            return Ok(());
        }
        loop {
            self.value("looking for beginning of value", depth + 1)?;
            match self.next().ok_or(ENDS)? {
                ',' => {}
                ']' => return Ok(()),
                c => return Err(invalid(c, "after array element")),
            }
        }
    }

    fn string(&mut self) -> Result<(), String> {
        loop {
            match self.take().ok_or(ENDS)? {
                '"' => return Ok(()),
                '\\' => match self.take().ok_or(ENDS)? {
                    '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' => {}
                    'u' => {
                        for _ in 0..4 {
                            let c = self.take().ok_or(ENDS)?;
                            if !c.is_ascii_hexdigit() {
                                return Err(invalid(c, "in \\u hexadecimal character escape"));
                            }
                        }
                    }
                    c => return Err(invalid(c, "in string escape code")),
                },
                c if c < ' ' => return Err(invalid(c, "in string literal")),
                _ => {}
            }
        }
    }

    fn word(&mut self, word: &str, rest: &str) -> Result<(), String> {
        for expected in rest.chars() {
            let c = self.take().ok_or(ENDS)?;
            if c != expected {
                return Err(invalid(c, &format!("in literal {word} (expecting '{expected}')")));
            }
        }
        Ok(())
    }

    fn digits(&mut self, context: &str) -> Result<(), String> {
        match self.take().ok_or(ENDS)? {
            c if c.is_ascii_digit() => {}
            c => return Err(invalid(c, context)),
        }
        self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_digit());
        Ok(())
    }

    fn number(&mut self, first: char) -> Result<(), String> {
        let first = if first == '-' { self.take().ok_or(ENDS)? } else { first };
        match first {
            '0' => {}
            '1'..='9' => self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_digit()),
            c => return Err(invalid(c, "in numeric literal")),
        }
        if let Some(rest) = self.rest.strip_prefix('.') {
            self.rest = rest;
            self.digits("after decimal point in numeric literal")?;
        }
        if let Some(rest) = self.rest.strip_prefix(['e', 'E']) {
            self.rest = rest.strip_prefix(['+', '-']).unwrap_or(rest);
            self.digits("in exponent of numeric literal")?;
        }
        Ok(())
    }
}
