//! Addresses are escaped where no address could hold what they hold.

use super::without_gaps;

#[test]
fn what_no_address_holds_is_escaped_and_the_rest_stays() {
    for (given, expected) in [
        ("http://a/b?c=d%20e&f#g", "http://a/b?c=d%20e&f#g"),
        ("http://a/rk firing", "http://a/rk%20firing"),
        ("http://a/\u{e9}|{x}", "http://a/%C3%A9%7C%7Bx%7D"),
    ] {
        assert_eq!(without_gaps(given), expected);
        assert!(without_gaps(given).parse::<http::Uri>().is_ok(), "{given}");
    }
}
