//! Where parts stand: `parts/<tenant>/<day>/<name>.part`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use model::calendar::date_of_day;

/// What names of parts end with.
pub(crate) const PART_SUFFIX: &str = ".part";
/// What the name of a part ends with that is not finished.
pub(crate) const UNFINISHED_SUFFIX: &str = ".tmp";

/// The folder of all parts.
pub(crate) fn parts_folder(store: &Path) -> PathBuf {
    store.join("parts")
}

/// The folder of a tenant's day.
pub(crate) fn day_folder(store: &Path, tenant: &str, day: i64) -> PathBuf {
    parts_folder(store).join(escape(tenant)).join(day_name(day))
}

/// The file of a part.
pub(crate) fn part_name(until: u32, level: u32) -> String {
    format!("{until:08}.{level}{PART_SUFFIX}")
}

/// A tenant's name as the name of a folder: what might mean something else there is written as `%` and two digits.
pub(crate) fn escape(tenant: &str) -> String {
    let mut name = String::new();
    for byte in tenant.bytes() {
        // A dot may not stand first: neither `.` nor `..` is a tenant.
        let is_plain =
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || (byte == b'.' && !name.is_empty());
        if is_plain {
            name.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(name, "%{byte:02X}");
        }
    }
    if name.is_empty() { "%".to_owned() } else { name }
}

/// The tenant that a folder's name stands for; `None` where [`escape`] gives no such name.
pub(crate) fn unescape(name: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = name.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' || name == "%" {
            bytes.extend((name != "%").then_some(byte));
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = after;
    }
    let tenant = String::from_utf8(bytes).ok()?;
    (escape(&tenant) == name).then_some(tenant)
}

/// A day as `2024-05-31`.
pub(crate) fn day_name(day: i64) -> String {
    let (year, month, day) = date_of_day(day);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_dates() {
        for (day, name) in
            [(0, "1970-01-01"), (-1, "1969-12-31"), (19_782, "2024-02-29"), (11_016, "2000-02-29")]
        {
            assert_eq!(day_name(day), name);
        }
    }

    #[test]
    fn tenants_come_back_from_their_folders() {
        for tenant in ["fake", "a.b", "..", ".", "", "a/b%", "größe", "A-1_x"] {
            let name = escape(tenant);
            assert!(!name.contains('/') && !name.starts_with('.'), "{name}");
            assert_eq!(unescape(&name).as_deref(), Some(tenant), "{name}");
        }
        assert_eq!(unescape("a b"), None);
    }
}
