//! Nothing is left half done.

use crate::{Complaint, Repository};

/// Macros that stand for code to be written.
const MACROS: &[&str] = &["todo!", "unimplemented!"];

/// Words that mark work to be done. (In two parts each, so that this file does not hold them.)
const MARKERS: &[&str] =
    &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];

/// The kinds of files, apart from Rust, in which the markers are looked for.
const KINDS: &[&str] = &["toml", "yml", "yaml", "sh", "py", "ts", "js", "css"];

/// Complains of macros and words that mark work to be done.
pub fn check(repository: &Repository) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for file in &repository.files {
        let mut complain = |text: &str, words: &[&str]| {
            for (number, line) in text.lines().enumerate() {
                for word in words.iter().filter(|word| has_word(line, word)) {
                    let message = format!("`{word}`: do it, or leave it out");
                    complaints.push(Complaint::at(&file.path, number + 1, message));
                }
            }
        };
        match &file.rust {
            Some(rust) => {
                complain(&rust.code, MACROS);
                complain(&rust.comments, MARKERS);
            }
            None if KINDS.iter().any(|kind| file.path.ends_with(&format!(".{kind}"))) => {
                complain(&file.text, MARKERS)
            }
            None => {}
        }
    }
    complaints
}

/// Whether `word` stands in `line` and is no part of a longer one.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|text| text.chars().next());
        !is_part(before) && !is_part(after)
    })
}
