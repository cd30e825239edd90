//! The parser proper.

use regex_syntax::hir::{ClassUnicode, Look};

use super::class::{read_bracket, read_escaped};
use super::escape::{invalid, read_escape};
use super::group::{Flags, Opening, read_opening};
use super::node::Node;
use super::ranges::{class_of, folded};
use super::repeat::Repeat;
use super::{Options, Parsed};
use crate::{Error, ErrorCode};

/// How many parts and ranges of characters the expression may hold before it is compiled.
/// More could not be compiled within the limit on the compiled form.
const PARTS_MAX: usize = 4_000_000;

/// What a part weighs against [`PARTS_MAX`], a range being one.
const PART_WEIGHT: usize = 4;

/// A group that is not closed yet.
#[derive(Debug, Default)]
struct Group {
    kind: GroupKind,
    /// The flags to go back to when it closes.
    outer_flags: Flags,
    alternatives: Vec<Node>,
    /// The parts of the present alternative.
    parts: Vec<Node>,
    /// Literal text after these parts.
    text: String,
}

#[derive(Debug, Default, Clone, Copy)]
enum GroupKind {
    #[default]
    Plain,
    Counted(u32),
}

impl Group {
    fn flush_text(&mut self) {
        if !self.text.is_empty() {
            self.parts.push(Node::literal(&self.text));
            self.text.clear();
        }
    }

    fn end_alternative(&mut self) {
        self.flush_text();
        let parts = std::mem::take(&mut self.parts);
        self.alternatives.push(Node::concat(parts));
    }

    /// Takes away the last part, of which a repetition is to be made.
    fn take_last(&mut self) -> Option<Node> {
        match self.text.pop() {
            Some(last) => {
                self.flush_text();
                Some(Node::literal(last.encode_utf8(&mut [0; 4])))
            }
            None => self.parts.pop(),
        }
    }

    fn closed(mut self, captures: bool) -> Node {
        self.end_alternative();
        let node = Node::alternation(self.alternatives);
        match self.kind {
            GroupKind::Plain => node,
            GroupKind::Counted(index) => node.grouped(captures.then_some(index)),
        }
    }
}

pub(super) struct Parser<'t> {
    pattern: &'t str,
    rest: &'t str,
    options: Options,
    flags: Flags,
    names: Vec<Option<Box<str>>>,
    /// The group in which we are, and those around it.
    group: Group,
    outer: Vec<Group>,
    /// Where the repetition operator just before began.
    last_repeat: Option<&'t str>,
    weight: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn new(pattern: &'t str, options: Options) -> Self {
        Parser {
            pattern,
            rest: pattern,
            options,
            flags: Flags { dot_all: options.dot_all, ..Flags::default() },
            names: vec![None],
            group: Group::default(),
            outer: Vec::new(),
            last_repeat: None,
            weight: 0,
        }
    }

    pub(super) fn run(mut self) -> Result<Parsed, Error> {
        while let Some(first) = self.rest.chars().next() {
            let before = self.last_repeat.take();
            match first {
                '(' => self.open()?,
                ')' => self.close()?,
                '|' => {
                    self.advance(1);
                    self.group.end_alternative();
                }
                '*' | '+' | '?' | '{' => self.repeat(before)?,
                '\\' => self.escape()?,
                '[' => {
                    let (class, rest) = read_bracket(self.rest, self.flags.fold)?;
                    self.rest = rest;
                    self.push_class(class)?;
                }
                '^' | '$' | '.' => self.symbol(first)?,
                c => {
                    self.advance(c.len_utf8());
                    self.push_char(c)?;
                }
            }
        }
        if !self.outer.is_empty() {
            return Err(self.whole(ErrorCode::MissingParenthesis));
        }
        let node = std::mem::take(&mut self.group).closed(false);
        self.check_height(&node)?;
        Ok(Parsed { height: node.height(), hir: node.into_hir(), names: self.names })
    }

    fn advance(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn whole(&self, code: ErrorCode) -> Error {
        Error::new(code, self.pattern)
    }

    fn check_height(&self, node: &Node) -> Result<(), Error> {
        match node.is_too_high() {
            true => Err(self.whole(ErrorCode::NestsTooDeeply)),
            false => Ok(()),
        }
    }

    fn add_weight(&mut self, weight: usize) -> Result<(), Error> {
        self.weight += weight;
        match self.weight > PARTS_MAX {
            true => Err(self.whole(ErrorCode::TooLarge)),
            false => Ok(()),
        }
    }

    fn push(&mut self, node: Node) -> Result<(), Error> {
        self.check_height(&node)?;
        self.add_weight(PART_WEIGHT + node.width())?;
        self.group.flush_text();
        self.group.parts.push(node);
        Ok(())
    }

    fn push_class(&mut self, class: ClassUnicode) -> Result<(), Error> {
        self.add_weight(class.ranges().len())?;
        self.push(Node::class(class))
    }

    fn push_char(&mut self, c: char) -> Result<(), Error> {
        let has_cases = self.flags.fold && (c.is_ascii_alphabetic() || !c.is_ascii());
        if !has_cases {
            self.group.text.push(c);
            return Ok(());
        }
        let class = folded(class_of(&[(u32::from(c), u32::from(c))]));
        if class.literal().is_some() {
            self.group.text.push(c);
            return Ok(());
        }
        self.push_class(class)
    }

    fn symbol(&mut self, symbol: char) -> Result<(), Error> {
        self.advance(1);
        let (line_feed, last) = (u32::from(b'\n'), u32::from(char::MAX));
        match symbol {
            '^' if self.flags.multi_line => self.push(Node::look(Look::StartLF)),
            '^' => self.push(Node::look(Look::Start)),
            '$' if self.flags.multi_line => self.push(Node::look(Look::EndLF)),
            '$' => self.push(Node::look(Look::End)),
            _ if self.flags.dot_all => self.push_class(class_of(&[(0, last)])),
            _ => self.push_class(class_of(&[(0, line_feed - 1), (line_feed + 1, last)])),
        }
    }

    fn open(&mut self) -> Result<(), Error> {
        let mut inner_flags = self.flags;
        let mut name = None;
        let mut is_counted = true;
        if self.rest.starts_with("(?") {
            let (opening, rest) = read_opening(self.rest, self.flags)?;
            self.rest = rest;
            match opening {
                Opening::Flags(flags) => {
                    self.flags = flags;
                    return Ok(());
                }
                Opening::Flagged(flags) => (inner_flags, is_counted) = (flags, false),
                Opening::Named(text) => name = Some(text.into()),
            }
        } else {
            self.advance(1);
        }
        self.add_weight(PART_WEIGHT)?;
        let group = Group {
            kind: if is_counted { self.count(name)? } else { GroupKind::Plain },
            outer_flags: self.flags,
            ..Group::default()
        };
        self.outer.push(std::mem::replace(&mut self.group, group));
        self.flags = inner_flags;
        Ok(())
    }

    fn count(&mut self, name: Option<Box<str>>) -> Result<GroupKind, Error> {
        let index = u32::try_from(self.names.len()).map_err(|_| self.whole(ErrorCode::TooLarge))?;
        self.names.push(name);
        Ok(GroupKind::Counted(index))
    }

    fn close(&mut self) -> Result<(), Error> {
        let Some(outer) = self.outer.pop() else {
            return Err(self.whole(ErrorCode::UnexpectedParenthesis));
        };
        self.advance(1);
        let group = std::mem::replace(&mut self.group, outer);
        self.flags = group.outer_flags;
        self.push(group.closed(self.options.captures))
    }

    fn repeat(&mut self, before: Option<&'t str>) -> Result<(), Error> {
        let start = self.rest;
        let Some((mut repeat, rest)) = Repeat::read(start) else {
            // A brace that begins no count stands for itself.
            self.advance(1);
            return self.push_char('{');
        };
        let refuse = |code, from: &str, rest| Err(Error::new(code, from.strip_suffix(rest).unwrap_or(from)));
        if !repeat.is_valid() {
            return refuse(ErrorCode::InvalidRepeatCount, start, rest);
        }
        self.rest = rest.strip_prefix('?').unwrap_or(rest);
        repeat.greedy = (self.rest.len() == rest.len()) != self.flags.swap_greed;
        if let Some(before) = before {
            return refuse(ErrorCode::NestedRepetition, before, self.rest);
        }
        let Some(node) = self.group.take_last() else {
            return refuse(ErrorCode::MissingRepeatArgument, start, self.rest);
        };
        if !repeat.may_repeat(node.copies()) {
            return refuse(ErrorCode::InvalidRepeatCount, start, self.rest);
        }
        self.last_repeat = Some(start);
        self.push(node.repeated(repeat))
    }

    fn escape(&mut self) -> Result<(), Error> {
        let (text, after) = (self.rest, self.rest.get(2..).unwrap_or_default());
        let look = match text.as_bytes().get(1) {
            Some(b'A') => Look::Start,
            Some(b'z') => Look::End,
            Some(b'b') => Look::WordAscii,
            Some(b'B') => Look::WordAsciiNegate,
            // A single byte, which could split a character.
            Some(b'C') => return Err(invalid(text, after)),
            Some(b'Q') => return self.quoted(after),
            _ => return self.escaped_char(text),
        };
        self.rest = after;
        self.push(Node::look(look))
    }

    /// Reads what stands between `\Q` and `\E`, or the end.
    fn quoted(&mut self, text: &'t str) -> Result<(), Error> {
        let (quoted, rest) = text.split_once("\\E").unwrap_or((text, ""));
        self.rest = rest;
        quoted.chars().try_for_each(|c| self.push_char(c))
    }

    fn escaped_char(&mut self, text: &'t str) -> Result<(), Error> {
        if let Some((class, rest)) = read_escaped(text, self.flags.fold)? {
            self.rest = rest;
            return self.push_class(class);
        }
        let (code, rest) = read_escape(text)?;
        self.rest = rest;
        match char::from_u32(code) {
            Some(c) => self.push_char(c),
            // No text holds a surrogate.
            None => self.push(Node::nothing()),
        }
    }
}
