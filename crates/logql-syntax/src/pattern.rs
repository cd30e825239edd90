//! The patterns of `| pattern` and `|>`: literal text with captures `<name>` and `<_>` between.

#[cfg(test)]
mod tests;

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text that must stand there.
    Literal(String),
    /// `<name>`: what becomes a label.
    Capture(String),
    /// `<_>`: what may be anything.
    Anything,
}

impl Piece {
    fn is_capture(&self) -> bool {
        !matches!(self, Self::Literal(_))
    }

    fn shown(&self) -> String {
        match self {
            Self::Literal(text) => text.clone(),
            Self::Capture(name) => format!("<{name}>"),
            Self::Anything => String::from("<_>"),
        }
    }
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing stands there.
    #[error("parse error at line 1, col 1: syntax error: unexpected $end, expecting IDENTIFIER or LITERAL")]
    Empty,
    /// A stage without a name.
    #[error("at least one capture is required")]
    NoCapture,
    /// Two captures without text between.
    #[error("found consecutive capture '{0}': invalid expression")]
    Consecutive(String),
    /// A name twice.
    #[error("duplicate capture name ({0}): invalid expression")]
    Duplicate(String),
    /// A filter with a name.
    #[error("named captures are not allowed: found '{0}'")]
    Named(String),
}

/// Reads the pattern of a `pattern` stage.
///
/// # Errors
/// [`PatternError`]
pub fn parse_stage_pattern(text: &str) -> Result<Vec<Piece>, PatternError> {
    if text.is_empty() {
        return Err(PatternError::Empty);
    }
    let pieces = pieces(text);
    let names: Vec<&String> = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Capture(name) => Some(name),
            _ => None,
        })
        .collect();
    if names.is_empty() {
        return Err(PatternError::NoCapture);
    }
    check_consecutive(&pieces)?;
    for (position, name) in names.iter().enumerate() {
        if names.iter().take(position).any(|earlier| earlier == name) {
            return Err(PatternError::Duplicate((*name).clone()));
        }
    }
    Ok(pieces)
}

/// Reads the pattern of a line filter; an empty one stands for the empty line.
///
/// # Errors
/// [`PatternError`]
pub fn parse_filter_pattern(text: &str) -> Result<Vec<Piece>, PatternError> {
    let pieces = pieces(text);
    if let Some(named) = pieces.iter().find(|piece| matches!(piece, Piece::Capture(_))) {
        return Err(PatternError::Named(named.shown()));
    }
    check_consecutive(&pieces)?;
    Ok(pieces)
}

fn check_consecutive(pieces: &[Piece]) -> Result<(), PatternError> {
    for (first, second) in pieces.iter().zip(pieces.iter().skip(1)) {
        if first.is_capture() && second.is_capture() {
            return Err(PatternError::Consecutive(format!("{}{}", first.shown(), second.shown())));
        }
    }
    Ok(())
}

/// What looks like a capture is one, everything else is text.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some((name, behind)) = capture(rest) {
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            }
            pieces.push(if name == "_" { Piece::Anything } else { Piece::Capture(name.to_owned()) });
            rest = behind;
        } else {
            literal.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or("");
        }
    }
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    pieces
}

/// The name of the capture at the beginning of a text, and what is behind it.
fn capture(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('<')?;
    let length = inside.find(|character: char| character != '_' && !character.is_ascii_alphanumeric())?;
    let (name, behind) = inside.split_at_checked(length)?;
    let named = name.starts_with(|first: char| first == '_' || first.is_ascii_alphabetic());
    Some((name, behind.strip_prefix('>')?)).filter(|_| named)
}
