//! Quoted texts read as Go writes them.

use super::quote;

#[test]
fn escapes_are_those_of_go() {
    assert_eq!(quote("a\"b\\c\n\t\u{7}\u{0}\u{7f}"), r#""a\"b\\c\n\t\a\x00\x7f""#);
    assert_eq!(quote("ü日\u{301}b\u{6df}\u{93c}"), "\"ü日\u{301}b\u{6df}\u{93c}\"");
    assert_eq!(quote("\u{ad}\u{2028}\u{3000}\u{fdd0}"), r#""\u00ad\u2028\u3000\ufdd0""#);
    assert_eq!(quote("\u{a0}\u{200b}\u{1f600}\u{e000}"), "\"\\u00a0\\u200b\u{1f600}\\ue000\"");
}
