//! Where parts stand: `parts/<tenant>/<day>/<name>.part`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

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
    // The calendar repeats itself every 400 years, whose last day is the last of a February.
    let shifted = day + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
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
