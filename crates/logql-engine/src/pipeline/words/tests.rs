//! What is found at once is what an expression finds in each line.

use go_regex::Regex;
use proptest::prelude::*;

use super::*;

fn columns(lines: &[String]) -> EntryColumns {
    let mut columns = EntryColumns { rows: lines.len(), ..EntryColumns::default() };
    lines.iter().for_each(|line| columns.push_line(line.as_bytes()));
    columns
}

fn found(pattern: &str, columns: &EntryColumns) -> Vec<usize> {
    let regex = Regex::new(pattern).unwrap();
    let words = Words::new(regex.words().unwrap()).unwrap();
    let mut rows = Rows::default();
    rows.clear(columns.rows);
    words.search(columns, &mut rows);
    (0..columns.rows).filter(|row| rows.at_or_after(*row) == Some(*row)).collect()
}

#[test]
fn words_are_found_in_either_case_and_nothing_like_them() {
    let lines = ["an ERROR", "eRRo", "", "@-b", "`-b", "a\u{d}b", "A-B x", "a-b", "\u{c9}T\u{c9}"];
    let columns = columns(&lines.map(str::to_owned));
    assert_eq!(found("(?i)(error|fatal)", &columns), [0]);
    assert_eq!(found("(?i)a-b", &columns), [6, 7]);
    assert_eq!(found("(?i)été", &columns), [8]);
    assert_eq!(found("a-b|ERR", &columns), [0, 7]);
}

#[test]
fn a_word_is_found_wherever_pieces_of_the_text_end() {
    for before in PIECE_BYTES - 12..PIECE_BYTES + 2 {
        let lines = ["x".repeat(before), "a CRITICAL one".to_owned(), "critica l".to_owned()];
        assert_eq!(found("(?i)critical|fatal", &columns(&lines)), [1], "{before}");
        let one = columns(&[format!("{}critical", "x".repeat(before))]);
        assert_eq!(found("(?i)critical|fatal", &one), [0], "{before}");
    }
}

proptest! {
    #[test]
    fn lines_are_found_that_an_expression_finds(
        lines in prop::collection::vec("[aAbB@`_\u{7f}é0-]{0,12}", 1..200),
        pattern in "(\\(\\?i\\))?[abé_@-]{1,3}(\\|[ab0é]{1,4}){0,3}",
    ) {
        let columns = columns(&lines);
        let regex = Regex::new(&pattern).unwrap();
        // A single character is not looked for in this way.
        prop_assume!(regex.words().and_then(Words::new).is_some());
        let expected: Vec<usize> =
            (0..lines.len()).filter(|row| regex.is_match_bytes(columns.line(*row))).collect();
        prop_assert_eq!(found(&pattern, &columns), expected);
    }
}
