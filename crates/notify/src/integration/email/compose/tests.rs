//! Texts as mails carry them.

use super::*;

#[test]
fn lines_are_short_and_plain() {
    assert_eq!(quoted_printable("a=b é \nnext"), "a=3Db =C3=A9=20\r\nnext");
    let long = quoted_printable(&"x".repeat(200));
    assert!(long.split("\r\n").all(|line| line.len() <= LINE_CHARS_MAX), "{long}");
    assert_eq!(long.replace("=\r\n", ""), "x".repeat(200));
}

#[test]
fn headers_cannot_end_their_line() {
    assert_eq!(encoded_word("plain [text]"), "plain [text]");
    assert_eq!(encoded_word("S é"), "=?utf-8?q?S_=c3=a9?=");
    assert!(!encoded_word("a\r\nBcc: x@y").contains("\r\nBcc"));
}

#[test]
fn addresses_are_taken_out_of_a_list() {
    let found = addresses("a@example.org, \"B, C\" <b@example.org>").unwrap();
    assert_eq!(found, ["a@example.org", "b@example.org"]);
    assert!(addresses("nobody").is_err());
    assert!(addresses("a@b\r\nRCPT TO:<x@y>").is_err());
}
