//! The selectors of Kubernetes: by fields, `a=b,c!=d`, and by labels, `a=b,c in (d,e),!f`.

/// Checks a selector by fields.
///
/// # Errors
/// What is wrong, in Kubernetes's words.
pub(super) fn check_fields(selector: &str) -> Result<(), String> {
    for part in split_fields(selector) {
        if !part.is_empty() && !part.contains('=') {
            return Err(format!("invalid selector: '{selector}'; can't understand '{part}'"));
        }
    }
    Ok(())
}

/// Splits at commas that no backslash escapes.
fn split_fields(selector: &str) -> Vec<&str> {
    let (mut parts, mut start, mut escaped) = (Vec::new(), 0, false);
    for (at, c) in selector.char_indices() {
        if c == ',' && !escaped {
            parts.extend(selector.get(start..at));
            start = at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    parts.extend(selector.get(start..));
    parts
}

/// Operators that compare with one value.
const COMPARISONS: [&str; 6] = ["=", "==", "!=", "in", "notin", "gt"];

/// Checks a selector by labels.
///
/// # Errors
/// What is wrong, in Kubernetes's words.
pub(super) fn check_labels(selector: &str) -> Result<(), String> {
    let tokens = tokens(selector);
    let mut rest = tokens.as_slice();
    if rest.is_empty() {
        return Ok(());
    }
    loop {
        rest =
            check_requirement(rest).map_err(|message| format!("unable to parse requirement: {message}"))?;
        match rest.split_first() {
            None => return Ok(()),
            Some((&",", after)) => match after.first() {
                None => return Err("found '', expected: identifier after ','".into()),
                Some(&",") => return Err("found ',', expected: identifier after ','".into()),
                Some(_) => rest = after,
            },
            Some((other, _)) => return Err(format!("found '{other}', expected: ',' or 'end of string'")),
        }
    }
}

/// Takes one requirement off the front.
fn check_requirement<'a, 't>(tokens: &'t [&'a str]) -> Result<&'t [&'a str], String> {
    let (negated, tokens) = match tokens.split_first() {
        Some((&"!", after)) => (true, after),
        _ => (false, tokens),
    };
    let Some((key, rest)) = tokens.split_first() else { return Err("found '', expected: identifier".into()) };
    if !is_identifier(key) {
        return Err(format!("found '{key}', expected: identifier"));
    }
    let operator = rest.first().copied();
    if negated || operator.is_none_or(|operator| operator == ",") {
        return Ok(rest);
    }
    let operator = operator.unwrap_or_default();
    let rest = rest.get(1..).unwrap_or_default();
    match operator {
        "in" | "notin" => check_values(rest),
        "=" | "==" | "!=" | ">" | "<" | "gt" | "lt" => match rest.split_first() {
            None | Some((&",", _)) => Ok(rest),
            Some((value, after)) if is_identifier(value) || COMPARISONS.contains(value) => Ok(after),
            Some((value, _)) => Err(format!("found '{value}', expected: identifier")),
        },
        _ => Err(format!("found '{operator}', expected: in, notin, =, ==, !=, gt, lt")),
    }
}

/// Takes `(a, b)` off the front.
fn check_values<'a, 't>(tokens: &'t [&'a str]) -> Result<&'t [&'a str], String> {
    let Some((&"(", mut rest)) = tokens.split_first() else {
        return Err(format!("found '{}' expected: '('", tokens.first().copied().unwrap_or_default()));
    };
    loop {
        match rest.split_first() {
            Some((&")", after)) => return Ok(after),
            Some((&",", after)) => rest = after,
            Some((value, after)) if is_identifier(value) => rest = after,
            other => {
                let found = other.map(|(found, _)| *found).unwrap_or_default();
                return Err(format!("found '{found}', expected: ',', ')' or identifier"));
            }
        }
    }
}

fn is_identifier(token: &str) -> bool {
    !token.is_empty() && !token.starts_with(is_special)
}

fn is_special(c: char) -> bool {
    matches!(c, '=' | '!' | '(' | ')' | ',' | '>' | '<')
}

/// Words and operators of a selector by labels.
fn tokens(selector: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = selector.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if is_special(first) {
            if rest.starts_with("==") || rest.starts_with("!=") { 2 } else { 1 }
        } else {
            rest.find(|c: char| is_special(c) || c.is_whitespace()).unwrap_or(rest.len())
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after.trim_start();
    }
    tokens
}
