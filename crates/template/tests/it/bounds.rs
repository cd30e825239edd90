//! Whatever is written, nothing panics and nothing runs on for ever.

use proptest::prelude::*;
use template::{Limits, MissingKey, NoFunctions, Templates, Value};

use crate::recorded::expand;

/// Words of which texts are made that look like templates.
const WORDS: &[&str] = &[
    "{{",
    "}}",
    "{{-",
    "-}}",
    " ",
    "\n",
    "if",
    "else",
    "end",
    "range",
    "with",
    "define",
    "template",
    "block",
    "break",
    "continue",
    "nil",
    "true",
    ".",
    ".a",
    "$",
    "$x",
    ":=",
    "=",
    ",",
    "|",
    "(",
    ")",
    "\"a\"",
    "\"",
    "`",
    "'x'",
    "'",
    "1",
    "-1",
    "1.5",
    "0x",
    "1e9",
    "len",
    "index",
    "slice",
    "printf",
    "\"%*d %[2]s %q\"",
    "eq",
    "lt",
    "and",
    "or",
    "not",
    "query",
    "\"y\"",
    "first",
    "value",
    "humanize",
    ".Labels",
    ".Value",
    "$labels",
    "/*",
    "*/",
    "é",
    "\\",
    "text",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = expand(&text);
        let _ = expand(&format!("{{{{{text}}}}}"));
    }

    #[test]
    fn no_words_panic(words in prop::collection::vec(prop::sample::select(WORDS), 0..24)) {
        let _ = expand(&words.join(" "));
        let _ = expand(&format!("{{{{ {} }}}}", words.concat()));
    }
}

fn bounded(text: &str, limits: Limits) -> String {
    let mut templates = Templates::new(MissingKey::Zero, limits);
    templates.parse("t", text, &NoFunctions).unwrap();
    templates.execute("t", &Value::Nil, &NoFunctions).unwrap_err().to_string()
}

#[test]
fn loops_calls_and_output_end() {
    let small = Limits { steps_max: 1000, depth_max: 10, output_bytes_max: 100 };
    let error = bounded("{{ range 1000000000 }}{{ end }}", small);
    assert!(error.ends_with("exceeded maximum number of steps (1000)"), "{error}");
    let error = bounded("{{ define \"r\" }}{{ template \"r\" }}{{ end }}{{ template \"r\" }}", small);
    assert!(error.ends_with("exceeded maximum template depth (10)"), "{error}");
    let error = bounded("{{ range 100 }}0123456789{{ end }}", small);
    assert!(error.ends_with("wrote more than 100 bytes"), "{error}");
}

#[test]
fn texts_between_functions_are_bounded() {
    let small = Limits { steps_max: 100_000, depth_max: 10, output_bytes_max: 100 };
    for text in [
        // Each makes a little more of what the one before made.
        format!("{{{{ len (\"a\" {}) }}}}", "| printf \"%s--\" ".repeat(200)),
        format!("{{{{ $x := \"ab\" }}}}{}", "{{ $x = print $x $x }}".repeat(100)),
        format!(
            "{{{{ $x := print \"{}\" }}}}{{{{ printf \"{}\" $x }}}}",
            "a".repeat(60),
            "%[1]s".repeat(1000)
        ),
        // Each is short, and they are many.
        format!("{{{{ range 100 }}}}{{{{ $x := print \"{}\" }}}}{{{{ end }}}}", "a".repeat(60)),
    ] {
        let error = bounded(&text, small);
        assert!(error.ends_with("the text would be too long"), "{error}");
    }
}

#[test]
fn a_text_within_the_bound_is_written_however_long_one_argument_is() {
    let small = Limits { steps_max: 1000, depth_max: 10, output_bytes_max: 100 };
    let mut templates = Templates::new(MissingKey::Zero, small);
    let long = "a".repeat(60);
    templates
        .parse("t", &format!("{{{{ printf \"%s%s%s\" \"x\" \"{long}\" \"y\" }}}}"), &NoFunctions)
        .unwrap();
    assert_eq!(templates.execute("t", &Value::Nil, &NoFunctions).unwrap(), format!("x{long}y"));
}

#[test]
fn deep_nesting_is_refused() {
    let text = format!("{{{{ {}1{} }}}}", "(".repeat(5000), ")".repeat(5000));
    let error = expand(&text).unwrap_err();
    assert!(error.contains("nested more than"), "{error}");
    let text = format!("{}{}", "{{ if 1 }}".repeat(5000), "{{ end }}".repeat(5000));
    assert!(expand(&text).unwrap_err().contains("nested more than"));
}
