//! Sets of characters.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

/// The characters from `low` to `high`; none if both are surrogates, which no text holds.
pub(super) fn span(low: u32, high: u32) -> Option<ClassUnicodeRange> {
    let is_surrogate = |code| (0xD800..=0xDFFF).contains(&code);
    let low = if is_surrogate(low) { 0xE000 } else { low };
    let high = if is_surrogate(high) { 0xD7FF } else { high };
    let range = || Some(ClassUnicodeRange::new(char::from_u32(low)?, char::from_u32(high)?));
    (low <= high).then(range).flatten()
}

/// The class of `spans`.
pub(super) fn class_of(spans: &[(u32, u32)]) -> ClassUnicode {
    ClassUnicode::new(spans.iter().filter_map(|&(low, high)| span(low, high)))
}

/// `class` with all that differs from its characters by case alone.
pub(super) fn folded(mut class: ClassUnicode) -> ClassUnicode {
    // Fails only in a build of regex-syntax without its tables.
    let _ = class.try_case_fold_simple();
    class
}

/// `class`, or all that is not in it.
pub(super) fn negated_if(negate: bool, mut class: ClassUnicode) -> ClassUnicode {
    if negate {
        class.negate();
    }
    class
}
