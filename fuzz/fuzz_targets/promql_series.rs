//! Series descriptions: never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use promql_syntax::parse_series_description;

fuzz_target!(|text: &str| {
    let _ = parse_series_description(text);
});
