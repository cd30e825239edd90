//! Names are judged and escaped as the specification's section 3.1 says.

use super::{EscapingScheme, escape, is_legacy_label_name, is_legacy_metric_name, unescape_values};

#[test]
fn classic_syntax_is_told_apart() {
    assert!(is_legacy_metric_name("job:rate_5m"));
    assert!(!is_legacy_label_name("job:rate"));
    for name in ["", "9a", "a.b", "ü", "a-b"] {
        assert!(!is_legacy_metric_name(name), "{name}");
        assert!(!is_legacy_label_name(name), "{name}");
    }
}

#[test]
fn each_scheme_escapes_in_its_way() {
    assert_eq!(escape("my.metric_x", EscapingScheme::Underscores), "my_metric_x");
    assert_eq!(escape("my.metric_x", EscapingScheme::Dots), "my_dot_metric__x");
    assert_eq!(escape("my.metric_x", EscapingScheme::Values), "U__my_2e_metric__x");
    assert_eq!(escape("my.metric_x", EscapingScheme::AllowUtf8), "my.metric_x");
    assert_eq!(escape("plain_name", EscapingScheme::Values), "plain_name");
}

#[test]
fn values_can_be_undone() {
    for name in ["my.metric_x", "9lives", "ünï", "__", "日本"] {
        let escaped = escape(name, EscapingScheme::Values);
        assert_eq!(unescape_values(&escaped), name);
    }
    for broken in ["U__a_zz_", "U__a_2e", "U__a_1234567_", "U__a_d800_", "plain"] {
        assert_eq!(unescape_values(broken), broken);
    }
}
