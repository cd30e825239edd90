//! Capital and small letters, one for one, as Go's `strings.ToUpper` and `strings.ToLower` have them.

/// Every letter as a capital one, where that is one letter.
pub(crate) fn upper(text: &str) -> String {
    let one = |character: char| {
        let mut all = character.to_uppercase();
        match (all.next(), all.next()) {
            (Some(upper), None) => upper,
            _ => with_iota(character),
        }
    };
    text.chars().map(one).collect()
}

/// Every letter as a small one.
pub(crate) fn lower(text: &str) -> String {
    // The first is what the letter is; a capital I with a dot has the dot behind it.
    text.chars().filter_map(|character| character.to_lowercase().next()).collect()
}

/// Greek letters with an iota below have capital ones; others that would become two stay as they are.
fn with_iota(character: char) -> char {
    let code = u32::from(character);
    let upper = match code {
        0x1f80..=0x1f87 | 0x1f90..=0x1f97 | 0x1fa0..=0x1fa7 => code + 8,
        0x1fb3 | 0x1fc3 | 0x1ff3 => code + 9,
        _ => code,
    };
    char::from_u32(upper).unwrap_or(character)
}
