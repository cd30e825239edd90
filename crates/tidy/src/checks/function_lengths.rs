//! Functions fit a screen. Those that do not are listed with their lengths, and may only get shorter.

use crate::{Complaint, Repository, RustText};

/// What a function may have, in lines.
const LINES_MAX: usize = 70;

/// The list of longer functions: `path function lines`, one a line.
pub const LIST: &str = "crates/tidy/long-functions.txt";

/// A function that is too long.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Long {
    path: String,
    name: String,
    lines: usize,
    /// The line it begins on.
    at: usize,
}

/// Complains of functions that are too long and not listed, or longer than listed, and of entries that are
/// needed no more.
pub fn check(repository: &Repository) -> Vec<Complaint> {
    let allowed = allowed(repository);
    let long = long_functions(repository);
    let mut complaints = Vec::new();
    for function in &long {
        let most = lines_allowed(&allowed, function).unwrap_or(LINES_MAX);
        if function.lines > most {
            let message = format!("`{}` has {} lines, and {most} are allowed", function.name, function.lines);
            complaints.push(Complaint::at(&function.path, function.at, message));
        }
    }
    if list(&kept(&allowed, &long)) != list(&allowed) {
        let message = "functions got shorter: run `cargo run -p tidy -- --write` to hold them to it";
        complaints.push(Complaint::about(LIST, message));
    }
    complaints
}

/// The text of the list with entries lowered to what is needed; it never gets longer.
pub fn rewritten(repository: &Repository) -> String {
    list(&kept(&allowed(repository), &long_functions(repository)))
}

fn lines_allowed(allowed: &[Long], function: &Long) -> Option<usize> {
    let same = |entry: &&Long| entry.path == function.path && entry.name == function.name;
    allowed.iter().find(same).map(|entry| entry.lines)
}

/// The entries of `allowed` that are still needed, each with as few lines as are needed.
fn kept(allowed: &[Long], long: &[Long]) -> Vec<Long> {
    let lowered = |function: &Long| {
        let lines = lines_allowed(allowed, function)?.min(function.lines);
        Some(Long { lines, ..function.clone() })
    };
    long.iter().filter_map(lowered).collect()
}

fn allowed(repository: &Repository) -> Vec<Long> {
    let text = repository.file(LIST).map_or("", |file| file.text.as_str());
    let entry = |line: &str| {
        let mut words = line.split(' ');
        Some(Long {
            path: words.next()?.to_owned(),
            name: words.next()?.to_owned(),
            lines: words.next()?.parse().ok()?,
            at: 0,
        })
    };
    let mut entries: Vec<Long> = text.lines().filter_map(entry).collect();
    entries.sort();
    entries
}

fn list(entries: &[Long]) -> String {
    let mut lines: Vec<String> =
        entries.iter().map(|e| format!("{} {} {}\n", e.path, e.name, e.lines)).collect();
    lines.sort();
    lines.concat()
}

fn long_functions(repository: &Repository) -> Vec<Long> {
    let mut long = Vec::new();
    for (file, rust) in repository.rust_files().filter(|(file, _)| !file.is_test()) {
        let too_long = functions(rust).into_iter().filter(|(_, _, lines)| *lines > LINES_MAX);
        long.extend(too_long.map(|(name, at, lines)| Long { path: file.path.clone(), name, lines, at }));
    }
    long.sort();
    long
}

/// Every function with a body: its name, the line it begins on and how many lines it has.
fn functions(rust: &RustText) -> Vec<(String, usize, usize)> {
    let code = rust.code.as_str();
    let line_of = |at: usize| code.get(..at).unwrap_or_default().matches('\n').count() + 1;
    let mut functions = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let before = code.get(..at).and_then(|text| text.chars().next_back());
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let signature = code.get(at + 3..).unwrap_or_default();
        let name: String = signature.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if let Some(len) = function_len(signature).filter(|_| !name.is_empty()) {
            let (first, last) = (line_of(at), line_of(at + 3 + len));
            functions.push((name, first, last - first + 1));
        }
    }
    functions
}

/// How far it is from the name of a function to the end of its body; none if it has no body.
fn function_len(signature: &str) -> Option<usize> {
    let (mut brackets, mut braces) = (0, 0);
    for (at, c) in signature.char_indices() {
        match c {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets -= 1,
            ';' if brackets == 0 && braces == 0 => return None,
            '{' => braces += 1,
            '}' => {
                braces -= 1;
                if braces == 0 && brackets == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}
