//! Log queries: never a panic, and what is printed reads back as the same tree.
#![no_main]

use libfuzzer_sys::fuzz_target;
use logql_syntax::{AnyTemplate, ErrorKind, Options, check_stages, parse, parse_selector};

fuzz_target!(|text: &str| {
    let _ = parse_selector(text, Options::STRICT);
    let Ok(expr) = parse(text, Options::default()) else { return };
    let _ = check_stages(&expr, &AnyTemplate);
    let line = expr.to_string();
    for printed in [&line, &expr.pretty()] {
        match parse(printed, Options::default()) {
            Ok(again) => assert_eq!(again.to_string(), line),
            // A long chain of operators is printed with all its parentheses, and a number computed from others may be
            // none that can be written.
            Err(error) => assert!(
                matches!(error.kind(), ErrorKind::TooDeep(_) | ErrorKind::TooLong { .. })
                    || line.contains("NaN")
                    || line.contains("Inf"),
                "{printed}: {error}"
            ),
        }
    }
});
