//! Text to nodes: the parser's events folded into a tree, aliases resolved, sizes bounded.

use std::{collections::HashMap, rc::Rc};

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, Span};

use super::{Node, Position, Scalar, Value};

/// Deepest nesting that is read, aliases followed. Beyond it a file is hostile: recursion over it would end the process.
const DEPTH_MAX: usize = 1_000;

/// Why a text is no YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) at: Position,
    pub(crate) message: String,
}

/// Reads the first document of `text`, null when it holds none. What stands after it is not looked at, as the
/// originals do not.
///
/// # Errors
/// The text is no YAML, names an unknown anchor, or nests too deeply.
pub(crate) fn parse(text: &str) -> Result<Rc<Node>, SyntaxError> {
    let options = granit_parser::options! { emit_comments: false, simple_key_max_lookahead: 1024 };
    let mut builder = Builder::default();
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = match event {
            Ok(found) => found,
            // The first document is whole: what is wrong behind it is not read by the originals either.
            Err(_) if builder.finished.is_some() => break,
            Err(error) => return Err(SyntaxError { at: start_of(&error), message: describe(error.kind()) }),
        };
        if matches!(event, Event::DocumentStart(..)) && builder.finished.is_some() {
            break;
        }
        builder.take(event, span, text)?;
    }
    Ok(builder.finished.unwrap_or_else(|| Rc::new(Node::null(Position { line: 1, column: 1 }))))
}

/// Collections that are open, innermost last, and what has been named so far.
#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    finished: Option<Rc<Node>>,
}

struct Open {
    at: Position,
    tag: Option<String>,
    anchor: usize,
    mapping: bool,
    children: Vec<Rc<Node>>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span, text: &str) -> Result<(), SyntaxError> {
        let mut at = position(span.start);
        if let Event::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded, ..) = event {
            at = block_indicator(text, &span).unwrap_or(at);
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = matches!(style, ScalarStyle::Plain);
                let value = Value::Scalar(Scalar { text: text.into_owned(), plain });
                let tag = tag.map(|tag| tag_text(&tag));
                self.add(Rc::new(Node { value, tag, at, depth: 0 }), anchor)
            }
            Event::SequenceStart(_, anchor, tag) => self.open(at, tag.map(|t| tag_text(&t)), anchor, false),
            Event::MappingStart(_, anchor, tag) => self.open(at, tag.map(|t| tag_text(&t)), anchor, true),
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(id) => match self.anchors.get(&id).cloned() {
                Some(node) => self.add(node, 0),
                None => Err(SyntaxError { at, message: "anchor value contains itself".into() }),
            },
            _ => Ok(()),
        }
    }

    fn open(
        &mut self,
        at: Position,
        tag: Option<String>,
        anchor: usize,
        mapping: bool,
    ) -> Result<(), SyntaxError> {
        self.open.push(Open { at, tag, anchor, mapping, children: Vec::new() });
        Ok(())
    }

    fn close(&mut self) -> Result<(), SyntaxError> {
        let Some(done) = self.open.pop() else { return Ok(()) };
        let depth = done.children.iter().map(|child| child.depth + 1).max().unwrap_or(0);
        if depth > DEPTH_MAX {
            return Err(SyntaxError { at: done.at, message: format!("exceeded max depth of {DEPTH_MAX}") });
        }
        let value = if done.mapping {
            let mut children = done.children.into_iter();
            let mut entries = Vec::new();
            while let (Some(key), Some(value)) = (children.next(), children.next()) {
                entries.push((key, value));
            }
            Value::Mapping(entries)
        } else {
            Value::Sequence(done.children)
        };
        self.add(Rc::new(Node { value, tag: done.tag, at: done.at, depth }), done.anchor)
    }

    fn add(&mut self, node: Rc<Node>, anchor: usize) -> Result<(), SyntaxError> {
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => self.finished = Some(node),
        }
        Ok(())
    }
}

fn position(mark: granit_parser::Marker) -> Position {
    Position { line: mark.line(), column: mark.col() + 1 }
}

/// Where the `|` or `>` of a block stands whose text begins at `span`: there the originals take the block to begin.
fn block_indicator(text: &str, span: &Span) -> Option<Position> {
    let before = text.get(..span.byte_range()?.start)?;
    let above = before.get(..before.trim_end().len())?;
    let header = above.rsplit('\n').next()?;
    let line = above.matches('\n').count() + 1;
    header.char_indices().enumerate().find_map(|(column, (at, c))| {
        let behind = header.get(at + 1..).filter(|_| matches!(c, '|' | '>'))?;
        let behind = behind.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'));
        let ends = behind.trim().is_empty()
            || (behind.starts_with([' ', '\t']) && behind.trim_start().starts_with('#'));
        ends.then_some(Position { line, column: column + 1 })
    })
}

fn start_of(error: &granit_parser::ScanError) -> Position {
    position(*error.marker())
}

fn tag_text(tag: &granit_parser::Tag) -> String {
    let (handle, suffix) = tag.parts();
    format!("{handle}{suffix}")
}

/// The parser's finding in the words that the originals' users know from libyaml, where it has words for it.
fn describe(kind: &ErrorKind) -> String {
    let known = match kind {
        ErrorKind::UnclosedQuotedScalar => "found unexpected end of stream",
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation | ErrorKind::SimpleKeyExpected => {
            "did not find expected key"
        }
        ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::UnclosedFlowCollection { open: '[' } => "did not find expected ',' or ']'",
        ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::UnclosedFlowCollection { .. } => "did not find expected ',' or '}'",
        ErrorKind::UnexpectedEof | ErrorKind::ExpectedNodeContent | ErrorKind::MisplacedFlowCollectionEnd => {
            "did not find expected node content"
        }
        ErrorKind::ExpectedBlockSequenceEntry => "did not find expected '-' indicator",
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            "mapping values are not allowed in this context"
        }
        ErrorKind::BlockSequenceEntryNotAllowed => "block sequence entries are not allowed in this context",
        ErrorKind::UnexpectedCharacter { .. }
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation => "found character that cannot start any token",
        ErrorKind::UnknownQuotedScalarEscape => "found unknown escape character",
        ErrorKind::MissingAnchorOrAliasName => "did not find expected alphabetic or numeric character",
        ErrorKind::InvalidBlockScalarHeader => "did not find expected comment or line break",
        ErrorKind::UnknownAnchor => "unknown anchor referenced",
        ErrorKind::UnsupportedYamlMajorVersion => "found incompatible YAML document",
        ErrorKind::RecursionLimitExceeded => "exceeded max depth",
        other => return other.to_string(),
    };
    known.into()
}
