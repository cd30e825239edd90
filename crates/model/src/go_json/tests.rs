//! Forms that Go's documentation of `encoding/json` tells.

use super::{push_number, text};

#[test]
fn what_html_takes_for_its_own_is_escaped() {
    assert_eq!(text("a<b>&\u{2028}\u{7}\u{8}\"\\ü"), r#""a\u003cb\u003e\u0026\u2028\u0007\b\"\\ü""#);
}

#[test]
fn small_and_large_numbers_have_short_exponents() {
    let written = |number| {
        let mut out = String::from("x");
        push_number(&mut out, number);
        out
    };
    for (number, form) in [
        (0.0, "x0"),
        (-1.5, "x-1.5"),
        (1e20, "x100000000000000000000"),
        (1e21, "x1e+21"),
        (1e-6, "x0.000001"),
        (1.25e-7, "x1.25e-7"),
        (1e-10, "x1e-10"),
    ] {
        assert_eq!(written(number), form);
    }
}
