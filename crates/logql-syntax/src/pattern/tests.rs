//! Patterns are read, or told why not, as the original does.

use super::*;

fn literal(text: &str) -> Piece {
    Piece::Literal(text.to_owned())
}

#[test]
fn captures_stand_between_literals() {
    assert_eq!(
        parse_stage_pattern("<ip> - <_> \"<verb _x> <path>").unwrap(),
        [
            Piece::Capture("ip".to_owned()),
            literal(" - "),
            Piece::Anything,
            literal(" \"<verb _x> "),
            Piece::Capture("path".to_owned())
        ]
    );
    assert_eq!(parse_filter_pattern("<_> <1a> <").unwrap(), [Piece::Anything, literal(" <1a> <")]);
    assert_eq!(parse_filter_pattern("").unwrap(), []);
}

#[test]
fn what_is_no_pattern_is_told() {
    for (text, told) in [
        ("<_>", "at least one capture is required"),
        ("noname", "at least one capture is required"),
        ("<a><b>", "found consecutive capture '<a><b>': invalid expression"),
        ("<a> <a>", "duplicate capture name (a): invalid expression"),
    ] {
        assert_eq!(parse_stage_pattern(text).unwrap_err().to_string(), told);
    }
    for (text, told) in [
        ("<msg> x", "named captures are not allowed: found '<msg>'"),
        ("<_><_>", "found consecutive capture '<_><_>': invalid expression"),
    ] {
        assert_eq!(parse_filter_pattern(text).unwrap_err().to_string(), told);
    }
}
