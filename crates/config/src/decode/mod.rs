//! Nodes to values, with the originals' rules: what fits which type, what null means, which errors are collected.
//!
//! A field is decoded *into* a value that already holds its default. Wrong types, unknown keys and doubled keys are
//! collected, so that a user sees all of them at once; a bad value (a malformed duration, say) ends the decoding,
//! as it does in the originals. A section whose keys are in order is then asked whether they fit together ([`Check`]).
//!
//! Own decoding instead of a serde derive, since serde knows no place of a value after it is read, ends at
//! the first error, and cannot combine inlined sections with the refusal of unknown keys.

mod collections;
mod scalars;
mod section;
#[cfg(test)]
mod tests;

use std::path::Path;

use model::quote::quote;

pub use collections::List;
pub(crate) use section::{Check, Section, decode_onto, keys, section};

use crate::{
    error::{Fault, Problem},
    values::MASK,
    yaml::{Node, Position, Yaml, parse},
};

/// What ends the decoding.
pub(crate) type Invalid = Box<Problem>;

/// A value that stands in a file.
pub(crate) trait Field: Sized + 'static {
    /// What the field is when it is given as null, or not at all in a section that is null: the zero value of its type.
    fn zero() -> Self;

    /// The type's name in error messages.
    fn type_name() -> String;

    /// Takes the value from `node`, which is not null. `false`: it did not fit, and the decoder knows why.
    ///
    /// # Errors
    /// The value has the right type and cannot be.
    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid>;

    /// The value as it is printed; secrets masked.
    fn encode(&self) -> Yaml;

    /// Whether this is the zero value, which most keys do not print.
    fn is_zero(&self) -> bool;

    /// Makes relative file names relative to `folder`.
    fn join_folder(&mut self, _folder: &Path) {}
}

/// Which of the originals' YAML libraries reads the file: they word some problems differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// The older one: `prometheus.yml`, lists of targets, `web.config.file`.
    #[default]
    Second,
    /// The newer one: files of rules.
    Third,
}

/// The state of decoding one document.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    pub(crate) dialect: Dialect,
    /// Keys that lead to the node at work.
    path: Vec<String>,
    problems: Vec<Problem>,
    /// What cannot be and is told only when all else is in order.
    deferred: Option<Invalid>,
    /// What is accepted but deserves a word.
    pub(crate) warnings: Vec<Problem>,
    /// Unknown keys are passed over.
    pub(crate) ignore_unknown_keys: bool,
    steps: usize,
}

/// Nodes that are visited at most: aliases let a short text mean an endless one.
const STEPS_MAX: usize = 20_000_000;

/// Reads a document from `text` into `value`.
///
/// # Errors
/// The text is no YAML, or does not fit.
pub(crate) fn decode_document<T: Field>(
    value: &mut T,
    text: &str,
    decoder: &mut Decoder,
) -> Result<std::rc::Rc<Node>, Fault> {
    let root =
        parse(text).map_err(|error| Fault::Syntax(Box::new(Problem::new(error.at, "", error.message))))?;
    if !root.is_null() {
        value.decode(&root, decoder).map_err(Fault::Invalid)?;
    }
    decoder.finish()?;
    Ok(root)
}

impl Decoder {
    pub(crate) fn new(ignore_unknown_keys: bool) -> Decoder {
        Decoder { ignore_unknown_keys, ..Decoder::default() }
    }

    /// A problem of `node`, at the key that is being decoded.
    pub(crate) fn problem(&self, node: &Node, message: impl Into<String>) -> Problem {
        Problem::new(node.at, self.key(), message)
    }

    /// The value at `node` cannot be.
    pub(crate) fn invalid(&self, node: &Node, message: impl Into<String>) -> Invalid {
        self.invalid_at(node, self.key(), message)
    }

    fn invalid_at(&self, node: &Node, key: String, message: impl Into<String>) -> Invalid {
        let mut problem = Problem::new(node.at, key, message);
        if let Some(scalar) = node.scalar() {
            let shown = if is_secret(&problem.key) { MASK.into() } else { format!("`{}`", scalar.text) };
            problem = problem.found(shown);
        }
        Box::new(problem)
    }

    /// The value under `key` of the section at `node` cannot be, or is missing there.
    pub(crate) fn invalid_key(&self, node: &Node, key: &str, message: impl Into<String>) -> Invalid {
        let full_key = join_key(&self.key(), key);
        match node.get(key) {
            Some(value) => self.invalid_at(value, full_key, message),
            None => Box::new(Problem::new(node.at, full_key, message)),
        }
    }

    /// Collects that `node` has the wrong type.
    pub(crate) fn wrong_type(&mut self, node: &Node, type_name: &str) -> bool {
        let tag = node.short_tag();
        let message = match node.scalar() {
            None => format!("cannot unmarshal {tag} into {type_name}"),
            Some(scalar) => format!("cannot unmarshal {tag} `{}` into {type_name}", shortened(&scalar.text)),
        };
        let found = match node.scalar() {
            None => in_words(&tag).to_string(),
            Some(scalar) => format!("`{}`, {}", shortened(&scalar.text), in_words(&tag)),
        };
        let problem = self.problem(node, message).found(found).expected(expected_for(type_name));
        self.problems.push(problem);
        false
    }

    /// Collects that `key` of a section of type `type_name` stands a second time at `node`, first at `first`.
    pub(crate) fn doubled_key(&mut self, node: &Node, key: &str, type_name: &str, first: Position) {
        let message = match self.dialect {
            Dialect::Second => format!("field {key} already set in type {type_name}"),
            Dialect::Third => format!("mapping key {} already defined at line {}", quote(key), first.line),
        };
        let problem = self.problem(node, message);
        self.collect(problem.found(format!("`{key}` twice")).expected("each key once"));
    }

    pub(crate) fn collect(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub(crate) fn warn(&mut self, problem: Problem) {
        self.warnings.push(problem);
    }

    /// Keeps a value that cannot be until all else has been looked at.
    pub(crate) fn defer(&mut self, problem: Invalid) {
        self.deferred.get_or_insert(problem);
    }

    /// Takes a key that this program does not know, of a section that only the original's own programs know whole.
    pub(crate) fn pass_over(&mut self, node: &Node, what: &str) {
        let problem = self.problem(node, format!("this key of {what} is not known here and passed over"));
        self.warn(problem);
    }

    /// How many problems were collected so far.
    pub(crate) fn count(&self) -> usize {
        self.problems.len()
    }

    /// Runs `work` with `key` behind the keys so far.
    pub(crate) fn under<R>(&mut self, key: String, work: impl FnOnce(&mut Decoder) -> R) -> R {
        self.path.push(key);
        let result = work(self);
        self.path.pop();
        result
    }

    /// Counts a node; a document that stays within bounds never notices.
    pub(crate) fn step(&mut self, node: &Node) -> Result<(), Invalid> {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return Err(Box::new(self.problem(node, "yaml: document contains excessive aliasing")));
        }
        Ok(())
    }

    /// The keys that lead here, dotted.
    pub(crate) fn key(&self) -> String {
        self.path.iter().fold(String::new(), |key, part| join_key(&key, part))
    }

    /// Ends the decoding.
    ///
    /// # Errors
    /// Problems were collected.
    pub(crate) fn finish(&mut self) -> Result<(), Fault> {
        if !self.problems.is_empty() {
            return Err(Fault::Types(std::mem::take(&mut self.problems)));
        }
        self.deferred.take().map_or(Ok(()), |problem| Err(Fault::Invalid(problem)))
    }
}

fn join_key(before: &str, part: &str) -> String {
    if before.is_empty() || part.starts_with('[') {
        format!("{before}{part}")
    } else {
        format!("{before}.{part}")
    }
}

/// Whether the value of a key must not be shown, by the key's last word: files and ids of secrets may be.
fn is_secret(key: &str) -> bool {
    let word = key.rsplit_once('.').map_or(key, |(_, word)| word);
    let word = word.split('[').next().unwrap_or_default();
    ["password", "secret", "token", "credentials", "_key", "passphrase"].iter().any(|end| word.ends_with(end))
        || word == "key"
}

/// A scalar as messages quote it.
fn shortened(text: &str) -> String {
    if text.len() <= 10 {
        return text.into();
    }
    let mut end = 7;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}...", text.get(..end).unwrap_or_default())
}

fn in_words(tag: &str) -> &str {
    match tag {
        "!!str" => "a text",
        "!!int" => "a whole number",
        "!!float" => "a number",
        "!!bool" => "a boolean",
        "!!null" => "nothing",
        "!!seq" => "a list",
        "!!map" => "a mapping",
        "!!timestamp" => "a date",
        other => other,
    }
}

fn expected_for(type_name: &str) -> &'static str {
    match type_name {
        "bool" => "true or false",
        "int" | "int64" => "a whole number",
        "uint" | "uint32" | "uint64" => "a whole number that is not negative",
        "float64" => "a number",
        "time.Duration" => "a duration such as 1m30s",
        "flagext.ByteSize" => "a size such as 256KB",
        "string" => "a text",
        _ if type_name.starts_with("[]") || type_name.ends_with("LabelNames") => "a list",
        _ => "a mapping",
    }
}
