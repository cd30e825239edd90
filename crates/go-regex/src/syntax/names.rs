//! Named sets of characters: `\d`, `[:alpha:]`, `\p{Greek}`.

use std::cmp::Ordering;
use std::sync::OnceLock;

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, HirKind};

use super::ranges::class_of;

/// `\d`, `\s` and `\w` by their letter: ASCII alone, and no vertical tab in `\s`.
pub(super) fn perl_class(letter: char) -> Option<ClassUnicode> {
    ascii_class(match letter {
        'd' => "digit",
        's' => return Some(class_of(&[(9, 10), (12, 13), (32, 32)])),
        'w' => "word",
        _ => return None,
    })
}

/// `[:name:]`.
pub(super) fn ascii_class(name: &str) -> Option<ClassUnicode> {
    Some(class_of(match name {
        "alnum" => &[(0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)],
        "alpha" => &[(0x41, 0x5A), (0x61, 0x7A)],
        "ascii" => &[(0, 0x7F)],
        "blank" => &[(9, 9), (0x20, 0x20)],
        "cntrl" => &[(0, 0x1F), (0x7F, 0x7F)],
        "digit" => &[(0x30, 0x39)],
        "graph" => &[(0x21, 0x7E)],
        "lower" => &[(0x61, 0x7A)],
        "print" => &[(0x20, 0x7E)],
        "punct" => &[(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)],
        "space" => &[(9, 13), (0x20, 0x20)],
        "upper" => &[(0x41, 0x5A)],
        "word" => &[(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)],
        "xdigit" => &[(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)],
        _ => return None,
    }))
}

/// `\p{name}`: a general category or a script. Case, spaces, hyphens and underscores in the name do not count.
/// So reads Go since 1.25; matchers of Prometheus releases built on an older parser refuse all but the short names of
/// categories and the exact names of scripts.
pub(super) fn unicode_class(name: &str) -> Option<ClassUnicode> {
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b" -_".contains(&b)) {
        return None;
    }
    let mut name = name.to_ascii_lowercase();
    name.retain(|c| c.is_ascii_alphanumeric());
    match name.as_str() {
        "" => None,
        // Go knows no such prefix; regex-syntax does.
        name if name.starts_with("is") => None,
        "any" => Some(class_of(&[(0, 0x10FFFF)])),
        "ascii" => Some(class_of(&[(0, 0x7F)])),
        "assigned" => category("cn").map(|mut class| {
            class.negate();
            class
        }),
        "cs" | "surrogate" => Some(ClassUnicode::empty()),
        name if SCRIPTS.contains(&name) => newer_script(name).or_else(|| look_up("sc", name)),
        name => category(name),
    }
}

/// Whether the name of a group may hold `c` in a template: a letter, a decimal digit or an underscore.
pub(crate) fn is_name_char(c: char) -> bool {
    static LETTERS_AND_DIGITS: OnceLock<ClassUnicode> = OnceLock::new();
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    let class = LETTERS_AND_DIGITS.get_or_init(|| {
        let mut class = category("l").unwrap_or_else(ClassUnicode::empty);
        class.union(&category("nd").unwrap_or_else(ClassUnicode::empty));
        class
    });
    let side = |range: &ClassUnicodeRange| match (range.start()..=range.end()).contains(&c) {
        true => Ordering::Equal,
        false => range.start().cmp(&c),
    };
    class.ranges().binary_search_by(side).is_ok()
}

fn category(name: &str) -> Option<ClassUnicode> {
    look_up("gc", name)
}

/// Scripts that Go knows and `regex-syntax` does not yet (Unicode 17).
fn newer_script(name: &str) -> Option<ClassUnicode> {
    Some(class_of(match name {
        "beriaerfe" => &[(0x16EA0, 0x16EB8), (0x16EBB, 0x16ED3)],
        "sidetic" => &[(0x10940, 0x10959)],
        "taiyo" => &[(0x1E6C0, 0x1E6DE), (0x1E6E0, 0x1E6F5), (0x1E6FE, 0x1E6FF)],
        "tolongsiki" => &[(0x11DB0, 0x11DDB), (0x11DE0, 0x11DE9)],
        _ => return None,
    }))
}

/// Takes a set from the tables of `regex-syntax`, which has no other door to them than its parser.
fn look_up(property: &str, name: &str) -> Option<ClassUnicode> {
    let hir = regex_syntax::Parser::new().parse(&format!("\\p{{{property}={name}}}")).ok()?;
    match hir.into_kind() {
        HirKind::Class(Class::Unicode(class)) => Some(class),
        // A set of one character.
        HirKind::Literal(literal) => {
            let only = u32::from(std::str::from_utf8(&literal.0).ok()?.chars().next()?);
            Some(class_of(&[(only, only)]))
        }
        _ => None,
    }
}

/// The scripts of Unicode 17 by their long names, as [`unicode_class`] compares them. The four-letter codes that
/// Unicode gives them too (`Grek`) are not known to Go.
#[rustfmt::skip]
const SCRIPTS: &[&str] = &[
    "adlam", "ahom", "anatolianhieroglyphs", "arabic", "armenian", "avestan", "balinese", "bamum", "bassavah",
    "batak", "bengali", "beriaerfe", "bhaiksuki", "bopomofo", "brahmi", "braille", "buginese", "buhid",
    "canadianaboriginal", "carian", "caucasianalbanian", "chakma", "cham", "cherokee", "chorasmian", "common",
    "coptic", "cuneiform", "cypriot", "cyprominoan", "cyrillic", "deseret", "devanagari", "divesakuru", "dogra",
    "duployan", "egyptianhieroglyphs", "elbasan", "elymaic", "ethiopic", "garay", "georgian", "glagolitic", "gothic",
    "grantha", "greek", "gujarati", "gunjalagondi", "gurmukhi", "gurungkhema", "han", "hangul", "hanifirohingya",
    "hanunoo", "hatran", "hebrew", "hiragana", "imperialaramaic", "inherited", "inscriptionalpahlavi",
    "inscriptionalparthian", "javanese", "kaithi", "kannada", "katakana", "kawi", "kayahli", "kharoshthi",
    "khitansmallscript", "khmer", "khojki", "khudawadi", "kiratrai", "lao", "latin", "lepcha", "limbu", "lineara",
    "linearb", "lisu", "lycian", "lydian", "mahajani", "makasar", "malayalam", "mandaic", "manichaean", "marchen",
    "masaramgondi", "medefaidrin", "meeteimayek", "mendekikakui", "meroiticcursive", "meroitichieroglyphs", "miao",
    "modi", "mongolian", "mro", "multani", "myanmar", "nabataean", "nagmundari", "nandinagari", "newtailue", "newa",
    "nko", "nushu", "nyiakengpuachuehmong", "ogham", "olchiki", "olonal", "oldhungarian", "olditalic",
    "oldnortharabian", "oldpermic", "oldpersian", "oldsogdian", "oldsoutharabian", "oldturkic", "olduyghur", "oriya",
    "osage", "osmanya", "pahawhhmong", "palmyrene", "paucinhau", "phagspa", "phoenician", "psalterpahlavi", "rejang",
    "runic", "samaritan", "saurashtra", "sharada", "shavian", "siddham", "sidetic", "signwriting", "sinhala",
    "sogdian", "sorasompeng", "soyombo", "sundanese", "sunuwar", "sylotinagri", "syriac", "tagalog", "tagbanwa",
    "taile", "taitham", "taiviet", "taiyo", "takri", "tamil", "tangsa", "tangut", "telugu", "thaana", "thai",
    "tibetan", "tifinagh", "tirhuta", "todhri", "tolongsiki", "toto", "tulutigalari", "ugaritic", "vai", "vithkuqi",
    "wancho", "warangciti", "yezidi", "yi", "zanabazarsquare",
];
