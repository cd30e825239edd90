//! Matchers of routes and silences in both notations: no panic, and what is printed reads back as the same.
#![no_main]

use alerting::matchers::{Syntax, parse_matcher, parse_matchers};
use alerting::print_matchers;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for syntax in [Syntax::Both, Syntax::Classic, Syntax::Utf8] {
        let _ = parse_matcher(text, syntax);
        let Ok(parsed) = parse_matchers(text, syntax) else { continue };
        let printed = print_matchers(&parsed.value);
        match parse_matchers(&printed, Syntax::Utf8) {
            Ok(again) => assert_eq!(again.value, parsed.value, "{printed}"),
            // An empty list is one in the classic notation alone.
            Err(error) => assert!(parsed.value.is_empty(), "{printed}: {error}"),
        }
    }
});
