//! Media types of headers (RFC 2045, section 5.1), with the errors that Go's `mime` package words.

/// Why a header is no media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MediaTypeError(pub(super) &'static str);

const PARAMETER: MediaTypeError = MediaTypeError("mime: invalid media parameter");

/// The media type of a header in lower case; its parameters are checked and dropped.
pub(super) fn parse(header: &str) -> Result<String, MediaTypeError> {
    let (media_type, parameters) = match header.find(';') {
        Some(position) => header.split_at(position),
        None => (header, ""),
    };
    let media_type = media_type.trim().to_ascii_lowercase();
    check_type(&media_type)?;
    let mut rest = parameters.trim_start();
    while !rest.is_empty() {
        match parameter(rest) {
            Some(behind) => rest = behind.trim_start(),
            // A semicolon at the very end is forgiven.
            None if rest.trim() == ";" => break,
            None => return Err(PARAMETER),
        }
    }
    Ok(media_type)
}

fn check_type(media_type: &str) -> Result<(), MediaTypeError> {
    let (main, rest) = token(media_type);
    if main.is_empty() {
        return Err(MediaTypeError("mime: no media type"));
    }
    if rest.is_empty() {
        return Ok(());
    }
    let Some(rest) = rest.strip_prefix('/') else {
        return Err(MediaTypeError("mime: expected slash after first token"));
    };
    match token(rest) {
        ("", _) => Err(MediaTypeError("mime: expected token after slash")),
        (_, "") => Ok(()),
        _ => Err(MediaTypeError("mime: unexpected content after media subtype")),
    }
}

/// What stands behind the parameter that `text` begins with.
fn parameter(text: &str) -> Option<&str> {
    let (name, rest) = token(text.strip_prefix(';')?.trim_start());
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    if name.is_empty() {
        return None;
    }
    match rest.strip_prefix('"') {
        Some(quoted) => behind_quoted(quoted),
        None => match token(rest) {
            ("", _) => None,
            (_, behind) => Some(behind),
        },
    }
}

fn behind_quoted(text: &str) -> Option<&str> {
    let mut characters = text.char_indices();
    while let Some((position, character)) = characters.next() {
        match character {
            '"' => return text.get(position + 1..),
            '\\' => {
                characters.next();
            }
            '\r' | '\n' => return None,
            _ => {}
        }
    }
    None
}

/// Splits the token off that `text` begins with; it may be empty.
fn token(text: &str) -> (&str, &str) {
    let is_token = |byte: u8| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&byte);
    let len = text.bytes().position(|byte| !is_token(byte)).unwrap_or(text.len());
    text.split_at_checked(len).unwrap_or((text, ""))
}
