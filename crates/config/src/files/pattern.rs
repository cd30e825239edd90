//! Patterns of file names: `*`, `?`, `[a-z]`, `[^a-z]` and backslash; none of them matches a slash.

/// A pattern with a set that nothing closes, or a backslash at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadPattern;

/// Whether the text has a character that makes it a pattern.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '\\'])
}

/// Refuses a malformed pattern.
pub(super) fn check(pattern: &str) -> Result<(), BadPattern> {
    let mut rest = pattern;
    while let Some((_, after)) = next_element(rest)? {
        rest = after;
    }
    Ok(())
}

/// Whether `name` fits the pattern, which is well-formed and holds no slash.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let mut elements = Vec::new();
    let mut rest = pattern;
    while let Ok(Some((element, after))) = next_element(rest) {
        elements.push(element);
        rest = after;
    }
    let name: Vec<char> = name.chars().collect();
    // After each element: which lengths of the name's front it fits, all elements before it included.
    let mut fits: Vec<bool> = vec![false; name.len() + 1];
    if let Some(empty) = fits.first_mut() {
        *empty = true;
    }
    for element in elements {
        let mut next = vec![false; fits.len()];
        let mut any_before = false;
        for (length, slot) in next.iter_mut().enumerate() {
            let at = fits.get(length).copied().unwrap_or_default();
            any_before |= at;
            *slot = match &element {
                Element::Any => any_before,
                one => {
                    let before = length.checked_sub(1);
                    let fitted = before.and_then(|before| fits.get(before)).copied().unwrap_or_default();
                    fitted && before.and_then(|before| name.get(before)).is_some_and(|c| one.fits(*c))
                }
            };
        }
        fits = next;
    }
    fits.last().copied().unwrap_or_default()
}

#[derive(Debug)]
enum Element {
    Any,
    One,
    Char(char),
    Set { negated: bool, ranges: Vec<(char, char)> },
}

impl Element {
    fn fits(&self, c: char) -> bool {
        match self {
            Element::Any | Element::One => true,
            Element::Char(own) => *own == c,
            Element::Set { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
        }
    }
}

/// Takes an element off the front.
fn next_element(pattern: &str) -> Result<Option<(Element, &str)>, BadPattern> {
    let mut chars = pattern.chars();
    let Some(c) = chars.next() else { return Ok(None) };
    let element = match c {
        '*' => Element::Any,
        '?' => Element::One,
        '\\' => Element::Char(chars.next().ok_or(BadPattern)?),
        '[' => return next_set(chars.as_str()).map(Some),
        c => Element::Char(c),
    };
    Ok(Some((element, chars.as_str())))
}

/// Takes what stands behind a `[` off the front, up to its `]`.
fn next_set(pattern: &str) -> Result<(Element, &str), BadPattern> {
    let (negated, mut rest) = match pattern.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    let mut ranges = Vec::new();
    loop {
        if let Some(after) = rest.strip_prefix(']').filter(|_| !ranges.is_empty()) {
            return Ok((Element::Set { negated, ranges }, after));
        }
        let (low, after) = set_char(rest)?;
        let (high, after) = match after.strip_prefix('-') {
            Some(after) => set_char(after)?,
            None => (low, after),
        };
        ranges.push((low, high));
        rest = after;
    }
}

/// A character of a set, escaped or not; something must follow it.
fn set_char(text: &str) -> Result<(char, &str), BadPattern> {
    let mut chars = text.chars();
    let c = match chars.next() {
        None | Some('-' | ']') => return Err(BadPattern),
        Some('\\') => chars.next().ok_or(BadPattern)?,
        Some(c) => c,
    };
    if chars.as_str().is_empty() { Err(BadPattern) } else { Ok((c, chars.as_str())) }
}
