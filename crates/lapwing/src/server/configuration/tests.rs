//! What a configuration asks for that the flags do not allow.

use super::encoding_problem;

#[test]
fn an_encoding_needs_its_feature_and_must_hold_what_others_ask_for() {
    let problem = |floats: &str, features: &[&str]| encoding_problem(floats, |name| features.contains(&name));
    assert_eq!(problem("", &[]), None);
    assert_eq!(problem("xor", &[]), None);
    assert_eq!(problem("xor2", &[]), Some("needs --enable-feature=xor2-encoding"));
    assert_eq!(problem("xor2", &["st-storage"]), Some("needs --enable-feature=xor2-encoding"));
    assert_eq!(problem("xor2", &["st-storage", "xor2-encoding"]), None);
    assert_eq!(problem("xor", &["xor2-encoding"]), None);
    let conflict = Some("cannot hold the start timestamps of --enable-feature=st-storage");
    assert_eq!(problem("xor", &["st-storage"]), conflict);
}
