//! What is code and what is comment.

use super::RustText;

fn code(text: &str) -> String {
    let split = RustText::new(text);
    assert_eq!(split.code.len(), text.len(), "columns moved in {text:?}");
    split.code.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn comments_and_literals_are_not_code() {
    assert_eq!(code("let a = 1; // unsafe"), "let a = 1;");
    assert_eq!(code("a /* x /* y */ z */ b"), "a b");
    assert_eq!(code(r#"f("un\"safe", b"x")"#), r#"f(" ", b" ")"#);
    assert_eq!(code(r##"f(r#"a " b"#, c)"##), r##"f(r#" #, c)"##);
    assert_eq!(code(r"let c = '\''; g('x', '\u{41}')"), "let c = ' ; g(' , ' )");
    assert_eq!(code("fn f<'a>(x: &'a str) {}"), "fn f<'a>(x: &'a str) {}");
    assert_eq!(code("let r#type = \"//\";"), "let r#type = \" \";");
    assert_eq!(code("'é' + '🙂'"), "' + '");
}

#[test]
fn comments_keep_their_lines() {
    let split = RustText::new("a\n// b\n\"// c\" /* d\ne */");
    assert_eq!(split.comments.lines().map(str::trim).collect::<Vec<_>>(), ["", "// b", "/* d", "e */"]);
}
