//! Scripts of commands run, differ and are rewritten.

use super::{Directive, Error, run_folder, run_text};

fn upper(directive: &Directive) -> String {
    match directive.command.as_str() {
        "upper" => directive.input.to_uppercase(),
        "arguments" => format!("{:?} {}", directive.value("a"), directive.has("b")),
        "blank" => "one\n\nthree\n".to_owned(),
        _ => String::new(),
    }
}

const SCRIPT: &str = "# A comment.

upper
some
text
----
SOME
TEXT

arguments a=1=2 b
----
Some(\"1=2\") true

nothing
----

blank
----
----
one

three
----
----
";

#[test]
fn a_script_that_holds_is_not_changed() {
    let outcome = run_text(SCRIPT, upper).unwrap();
    assert_eq!(outcome.rewritten, SCRIPT);
    assert_eq!(outcome.differences, []);
}

#[test]
fn differences_are_told_and_written() {
    let stale = SCRIPT.replace("SOME", "OTHER").replace("one\n\nthree\n", "one\n");
    let outcome = run_text(&stale, upper).unwrap();
    assert_eq!(outcome.rewritten, SCRIPT);
    let fenced = |text: &str| format!("----\n{text}----\n----\n");
    assert_eq!(
        outcome.differences,
        [
            (3, "OTHER\nTEXT\n".to_owned(), "SOME\nTEXT\n".to_owned()),
            (17, fenced("one\n"), fenced("one\n\nthree\n")),
        ]
    );
}

#[test]
fn a_directive_needs_a_fence() {
    assert_eq!(run_text("upper\nsome\n", upper).map(|_| ()), Err(1));
}

#[test]
fn a_folder_without_scripts_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(run_folder(folder.path(), "txt", upper), Err(Error::Empty(_))));
}

#[test]
fn all_files_of_a_folder_are_run() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "upper\nx\n----\nY\n").unwrap();
    std::fs::write(folder.path().join("b.txt"), "upper\ny\n----\nX\n").unwrap();
    std::fs::write(folder.path().join("c.md"), "nothing").unwrap();
    let Err(Error::Mismatch(text)) = run_folder(folder.path(), "txt", upper) else { panic!("no mismatch") };
    assert!(text.contains("a.txt:1:\nexpected:\nY\ngot:\nX\n"), "{text}");
    assert!(text.contains("b.txt:1:\nexpected:\nX\ngot:\nY\n"), "{text}");
}
