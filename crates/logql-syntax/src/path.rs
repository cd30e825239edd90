//! The expressions of `| json label="a.b[0][\"c\"]"` and `| logfmt label="key"`.

#[cfg(test)]
mod tests;

/// One step into a JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The value of a key.
    Key(String),
    /// The element of an array.
    Index(usize),
}

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// A character that stands for nothing.
    #[error("unexpected char {0}")]
    Character(char),
    /// A number that is no index.
    #[error("strconv.Atoi: parsing {}: invalid syntax", model::quote::quote(.0))]
    Index(String),
    /// A string without its end.
    #[error("unterminated string")]
    StringNotTerminated,
    /// A token where another one belongs.
    #[error("syntax error: unexpected {unexpected}{expected}")]
    Syntax {
        /// What stands there.
        unexpected: &'static str,
        /// What could stand there, ready to be shown.
        expected: &'static str,
    },
}

/// Reads the expression of `json`.
///
/// # Errors
/// [`PathError`]
pub fn parse_json_path(text: &str) -> Result<Vec<Step>, PathError> {
    let mut tokens = Tokens::new(text);
    let mut steps = Vec::new();
    match tokens.next(true) {
        Token::Field(name) => steps.push(Step::Key(name)),
        Token::Open => steps.push(tokens.bracketed()?),
        other => return Err(unexpected(&other, ", expecting LSB or FIELD")),
    }
    loop {
        match tokens.next(true) {
            Token::End => break,
            Token::Dot => match tokens.next(true) {
                Token::Field(name) => steps.push(Step::Key(name)),
                other => return Err(unexpected(&other, ", expecting FIELD")),
            },
            Token::Open => steps.push(tokens.bracketed()?),
            other => return Err(unexpected(&other, "")),
        }
    }
    tokens.broken.map_or(Ok(steps), Err)
}

/// Reads the expression of `logfmt`: one key.
///
/// # Errors
/// [`PathError`]
pub fn parse_logfmt_key(text: &str) -> Result<String, PathError> {
    let mut tokens = Tokens::new(text);
    let key = match tokens.next(false) {
        Token::Field(name) => name,
        _ => return Err(PathError::Syntax { unexpected: "$end", expected: ", expecting KEY" }),
    };
    match tokens.next(false) {
        Token::End => tokens.broken.map_or(Ok(key), Err),
        _ => Err(PathError::Syntax { unexpected: "KEY", expected: "" }),
    }
}

enum Token {
    End,
    Dot,
    Open,
    Close,
    Field(String),
    String(String),
    Index(usize),
}

fn unexpected(token: &Token, expected: &'static str) -> PathError {
    let unexpected = match token {
        Token::End => "$end",
        Token::Dot => "DOT",
        Token::Open => "LSB",
        Token::Close => "RSB",
        Token::Field(_) => "FIELD",
        Token::String(_) => "STRING",
        Token::Index(_) => "INDEX",
    };
    PathError::Syntax { unexpected, expected }
}

struct Tokens<'t> {
    rest: &'t str,
    /// What stopped the reading: the text ends there, and only where it may end is this told.
    broken: Option<PathError>,
}

impl<'t> Tokens<'t> {
    fn new(text: &'t str) -> Self {
        Self { rest: text, broken: None }
    }

    /// The next token; of `logfmt` only names are known.
    fn next(&mut self, json: bool) -> Token {
        if self.broken.is_some() {
            return Token::End;
        }
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
        let Some(first) = self.rest.chars().next() else { return Token::End };
        let simple = match first {
            '.' if json => Some(Token::Dot),
            '[' if json => Some(Token::Open),
            ']' if json => Some(Token::Close),
            _ => None,
        };
        if let Some(token) = simple {
            self.rest = self.rest.get(1..).unwrap_or("");
            return token;
        }
        match first {
            '_' | 'a'..='z' | 'A'..='Z' => Token::Field(
                self.take(|character| character == '_' || character.is_ascii_alphanumeric()).to_owned(),
            ),
            '0'..='9' if json => {
                let number = self.take(|character| character != ']' && !character.is_ascii_whitespace());
                match number.parse() {
                    Ok(index) => Token::Index(index),
                    Err(_) => self.stop(PathError::Index(number.to_owned())),
                }
            }
            '"' if json => self.string(),
            _ => self.stop(PathError::Character(first)),
        }
    }

    fn stop(&mut self, error: PathError) -> Token {
        self.broken = Some(error);
        Token::End
    }

    fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let length = self.rest.find(|character| !wanted(character)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// A string; a backslash lets the next character be part of it.
    fn string(&mut self) -> Token {
        let mut text = String::new();
        let mut characters = self.rest.chars();
        characters.next();
        loop {
            match characters.next() {
                Some('"') => break,
                Some('\\') => text.extend(characters.next()),
                Some(character) => text.push(character),
                None => return self.stop(PathError::StringNotTerminated),
            }
        }
        self.rest = characters.as_str();
        Token::String(text)
    }

    /// `0]` or `"key"]`
    fn bracketed(&mut self) -> Result<Step, PathError> {
        let step = match self.next(true) {
            Token::String(key) => Step::Key(key),
            Token::Index(index) => Step::Index(index),
            other => return Err(unexpected(&other, ", expecting STRING or INDEX")),
        };
        match self.next(true) {
            Token::Close => Ok(step),
            other => Err(unexpected(&other, ", expecting RSB")),
        }
    }
}
