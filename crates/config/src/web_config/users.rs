//! Hashes of passwords: those of bcrypt, `$2y$10$…`.

/// Characters of a hash.
const HASH_CHARS_MIN: usize = 59;
/// The newest version of the algorithm.
const VERSION_MAX: char = '2';

/// Checks that a text is a hash that passwords can be compared with.
///
/// # Errors
/// It is none; the message is that of Go's bcrypt.
pub(super) fn check_hash(hash: &str) -> Result<(), String> {
    if hash.len() < HASH_CHARS_MIN {
        return Err("crypto/bcrypt: hashedSecret too short to be a bcrypted password".into());
    }
    let mut chars = hash.chars();
    match chars.next() {
        Some('$') => {}
        other => {
            let found = other.unwrap_or_default();
            return Err(format!(
                "crypto/bcrypt: bcrypt hashes must start with '$', but hashedSecret started with '{found}'"
            ));
        }
    }
    let version = chars.next().unwrap_or_default();
    if version > VERSION_MAX {
        return Err(format!(
            "crypto/bcrypt: bcrypt algorithm version '{version}' requested is newer than current version '{VERSION_MAX}'"
        ));
    }
    // The version may have a letter behind it.
    let rest = chars.as_str();
    let rest = rest.strip_prefix('$').or_else(|| rest.get(2..)).unwrap_or_default();
    let cost = rest.get(..2).unwrap_or_default();
    let number: i32 = cost
        .parse()
        .map_err(|_| format!("strconv.Atoi: parsing {}: invalid syntax", model::quote::quote(cost)))?;
    if !(4..=31).contains(&number) {
        return Err(format!("crypto/bcrypt: cost {number} is outside allowed inclusive range 4..31"));
    }
    Ok(())
}
