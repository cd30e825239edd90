//! The newer syntax: names and values are plain words or texts in quotes with Go's escapes.

use model::MatchOp;

use super::ParseError;
use crate::Matcher;
use crate::matcher::is_reserved;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Comma,
    Op(MatchOp),
    Text(String),
}

/// A token, where it stands (in characters) and how it is written.
struct Placed<'a> {
    token: Token,
    from: usize,
    to: usize,
    written: &'a str,
}

impl Placed<'_> {
    fn error(&self, message: &str) -> ParseError {
        ParseError::Utf8(format!("{}:{}: {message}", self.from, self.to))
    }

    fn unexpected(&self, expected: &str) -> ParseError {
        self.error(&format!("unexpected {}: expected {expected}", self.written))
    }
}

/// Reads one matcher.
pub(super) fn matcher(text: &str) -> Result<Matcher, ParseError> {
    let tokens = tokens(text)?;
    if let Some(brace) = tokens.iter().find(|placed| matches!(placed.token, Token::Open | Token::Close)) {
        return Err(brace.unexpected("a matcher without braces"));
    }
    let mut found = list(text, &tokens)?;
    match (found.pop(), found.len()) {
        (Some(matcher), 0) => Ok(matcher),
        (Some(_), before) => {
            Err(ParseError::Utf8(format!("expected 1 matcher, found {}", before.saturating_add(1))))
        }
        (None, _) => Err(ParseError::Utf8("no matchers".to_owned())),
    }
}

/// Reads a list.
pub(super) fn matchers(text: &str) -> Result<Vec<Matcher>, ParseError> {
    list(text, &tokens(text)?)
}

fn list(text: &str, tokens: &[Placed<'_>]) -> Result<Vec<Matcher>, ParseError> {
    let end = text.chars().count();
    let ended = |expected: &str| ParseError::Utf8(format!("0:{end}: end of input: expected {expected}"));
    let mut rest = tokens.iter().peekable();
    let braced = rest.next_if(|placed| placed.token == Token::Open).is_some();
    let mut found = Vec::new();
    loop {
        match rest.peek() {
            None if braced => return Err(ended("close brace")),
            None => return Ok(found),
            Some(close) if close.token == Token::Close => {
                if !braced {
                    return Err(ParseError::Utf8(format!(
                        "0:{}: {}: expected opening brace",
                        close.to, close.written
                    )));
                }
                rest.next();
                return match rest.next() {
                    Some(more) => Err(more.unexpected("end of input")),
                    None => Ok(found),
                };
            }
            Some(_) => {}
        }
        let mut next = |expected: &str| rest.next().ok_or_else(|| ended(expected));
        let name = match next("label name")? {
            Placed { token: Token::Text(name), .. } if !name.is_empty() => name.clone(),
            other => return Err(other.unexpected("label name")),
        };
        let op = match next("an operator such as '=', '!=', '=~' or '!~'")? {
            Placed { token: Token::Op(op), .. } => *op,
            other => return Err(other.unexpected("an operator such as '=', '!=', '=~' or '!~'")),
        };
        let value = match next("label value")? {
            Placed { token: Token::Text(value), .. } => value.clone(),
            other => return Err(other.unexpected("label value")),
        };
        found.push(Matcher::new(name, op, value)?);
        match rest.peek() {
            Some(placed) if placed.token == Token::Comma => {
                rest.next();
            }
            Some(placed) if placed.token != Token::Close => {
                return Err(placed.unexpected("a comma or close brace"));
            }
            _ => {}
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Placed<'_>>, ParseError> {
    let mut found = Vec::new();
    let (mut rest, mut at) = (text, 0);
    loop {
        let trimmed = rest.trim_start();
        at += rest.chars().count() - trimmed.chars().count();
        rest = trimmed;
        let Some(first) = rest.chars().next() else { return Ok(found) };
        let (token, bytes) = match first {
            '{' => (Token::Open, 1),
            '}' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            '=' if rest.starts_with("=~") => (Token::Op(MatchOp::Regex), 2),
            '=' => (Token::Op(MatchOp::Equal), 1),
            '!' if rest.starts_with("!=") => (Token::Op(MatchOp::NotEqual), 2),
            '!' if rest.starts_with("!~") => (Token::Op(MatchOp::NotRegex), 2),
            '"' => match quoted(rest) {
                Some((text, bytes)) => (Token::Text(text), bytes),
                None => return Err(ParseError::Utf8(format!("{at}:{at}: {rest}: invalid quoted text"))),
            },
            _ if is_reserved(first) => {
                return Err(ParseError::Utf8(format!("{at}:{}: {first}: invalid input", at + 1)));
            }
            _ => {
                let end = rest.find(is_reserved).unwrap_or(rest.len());
                (Token::Text(rest.get(..end).unwrap_or_default().to_owned()), end)
            }
        };
        let (written, after) = rest.split_at_checked(bytes).unwrap_or((rest, ""));
        let to = at + written.chars().count();
        found.push(Placed { token, from: at, to, written });
        (rest, at) = (after, to);
    }
}

/// Reads a text in double quotes from the front: what it says, and how many bytes it takes.
fn quoted(text: &str) -> Option<(String, usize)> {
    let mut bytes: Vec<u8> = Vec::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((String::from_utf8(bytes).ok()?, at + 1)),
            '\n' => return None,
            '\\' => escape(&mut characters, &mut bytes)?,
            _ => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    None
}

fn escape(characters: &mut impl Iterator<Item = (usize, char)>, bytes: &mut Vec<u8>) -> Option<()> {
    let (_, kind) = characters.next()?;
    let plain = match kind {
        'a' => 0x07,
        'b' => 0x08,
        'f' => 0x0c,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 0x0b,
        '\\' => b'\\',
        '"' => b'"',
        _ => 0,
    };
    if plain != 0 {
        bytes.push(plain);
        return Some(());
    }
    let mut digits = |count: usize, radix: u32, first: u32| {
        (0..count).try_fold(first, |number, _| {
            let (_, digit) = characters.next()?;
            Some(number * radix + digit.to_digit(radix)?)
        })
    };
    match kind {
        'x' => bytes.push(u8::try_from(digits(2, 16, 0)?).ok()?),
        '0'..='7' => bytes.push(u8::try_from(digits(2, 8, kind.to_digit(8)?)?).ok()?),
        'u' | 'U' => {
            let code = digits(if kind == 'u' { 4 } else { 8 }, 16, 0)?;
            bytes.extend_from_slice(char::from_u32(code)?.encode_utf8(&mut [0; 4]).as_bytes());
        }
        _ => return None,
    }
    Some(())
}
