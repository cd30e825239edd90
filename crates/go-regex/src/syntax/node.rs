//! Expressions under construction, with what Go limits about them.

use regex_syntax::hir::{Capture, Class, ClassUnicode, Hir, Look, Repetition};

use super::repeat::Repeat;

/// The levels that an expression may have, as in Go.
const HEIGHT_MAX: u32 = 1000;

/// An expression under construction.
#[derive(Debug)]
pub(super) struct Node {
    hir: Hir,
    /// The `*`, `+` or `?` that is still to be put around `hir`. It waits since one more may follow: `(?:x*)*` is
    /// `x*`, and levels that Go does not count must not pile up here either.
    repeat: Option<Repeat>,
    kind: Kind,
    /// How many levels it has.
    height: u32,
    /// How often its most repeated part would stand there, were counted repetitions written out.
    copies: u32,
    /// How many parts it has, if it is a sequence or alternatives.
    width: usize,
}

/// What an expression is, as far as it tells whether one more level around it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One character or a class. Alternatives that are all of this kind are one class.
    Char,
    /// A sequence, which merges with one around it.
    Concat,
    /// Alternatives, which merge with others around them.
    Alternation,
    Other,
}

impl Node {
    fn leaf(kind: Kind, hir: Hir) -> Node {
        Node { hir, repeat: None, kind, height: 1, copies: 1, width: 1 }
    }

    pub(super) fn empty() -> Node {
        Node::leaf(Kind::Other, Hir::empty())
    }

    /// What matches no text at all.
    pub(super) fn nothing() -> Node {
        Node::leaf(Kind::Char, Hir::fail())
    }

    pub(super) fn literal(text: &str) -> Node {
        let kind = match text.chars().nth(1) {
            Some(_) => Kind::Other,
            None => Kind::Char,
        };
        Node::leaf(kind, Hir::literal(text.as_bytes()))
    }

    pub(super) fn class(class: ClassUnicode) -> Node {
        Node::leaf(Kind::Char, Hir::class(Class::Unicode(class)))
    }

    pub(super) fn look(look: Look) -> Node {
        Node::leaf(Kind::Other, Hir::look(look))
    }

    pub(super) fn concat(nodes: Vec<Node>) -> Node {
        Node::joined(Kind::Concat, nodes, Hir::concat)
    }

    pub(super) fn alternation(nodes: Vec<Node>) -> Node {
        let one_class = nodes.iter().all(|node| node.kind == Kind::Char);
        let mut node = Node::joined(Kind::Alternation, nodes, Hir::alternation);
        if one_class {
            (node.kind, node.height) = (Kind::Char, 1);
        }
        node
    }

    /// Joins `nodes`; one alone stays what it is.
    fn joined(kind: Kind, mut nodes: Vec<Node>, join: impl Fn(Vec<Hir>) -> Hir) -> Node {
        if nodes.len() < 2 {
            return nodes.pop().unwrap_or_else(Node::empty);
        }
        let below = |node: &Node| node.height - u32::from(node.kind == kind);
        let width = |node: &Node| if node.kind == kind { node.width } else { 1 };
        Node {
            kind,
            repeat: None,
            height: nodes.iter().map(below).max().unwrap_or(0) + 1,
            copies: nodes.iter().map(|node| node.copies).max().unwrap_or(1),
            width: nodes.iter().map(width).sum(),
            hir: join(nodes.into_iter().map(Node::into_hir).collect()),
        }
    }

    /// Makes a group of it, which is captured if it has an index. The engine never learns the group's name,
    /// since it takes no name twice and Go does.
    pub(super) fn grouped(self, index: Option<u32>) -> Node {
        let (height, copies) = (self.height + 1, self.copies);
        let hir = match index {
            Some(index) => Hir::capture(Capture { index, name: None, sub: Box::new(self.into_hir()) }),
            None => self.into_hir(),
        };
        Node { height, copies, ..Node::leaf(Kind::Other, hir) }
    }

    pub(super) fn repeated(mut self, repeat: Repeat) -> Node {
        if let Some(merged) = self.repeat.and_then(|inner| inner.merged(repeat)) {
            self.repeat = Some(merged);
            return self;
        }
        let (height, copies) = (self.height + 1, repeat.copies_of(self.copies));
        Node { repeat: Some(repeat), height, copies, ..Node::leaf(Kind::Other, self.into_hir()) }
    }

    pub(super) fn into_hir(self) -> Hir {
        match self.repeat {
            None => self.hir,
            Some(Repeat { min, max, greedy, .. }) => {
                Hir::repetition(Repetition { min, max, greedy, sub: Box::new(self.hir) })
            }
        }
    }

    /// What it costs to put it into a sequence or alternatives: as much again for every level that merges.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn copies(&self) -> u32 {
        self.copies
    }

    pub(super) fn height(&self) -> u32 {
        self.height
    }

    pub(super) fn is_too_high(&self) -> bool {
        self.height > HEIGHT_MAX
    }
}
