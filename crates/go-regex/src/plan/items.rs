//! Expressions as sequences of literals and gaps: `foo.*(bar|baz).+`.

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use crate::facts::{Letters, Strings, body, known};

/// How many sequences an expression with alternatives may become.
const SEQUENCES_MAX: usize = 16;

/// How many literals may stand in one place of a sequence.
const LITERALS_MAX: usize = 64;

/// How deep the walk goes.
const DEPTH_MAX: usize = 32;

/// A part of a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// One of these.
    Literals(Strings),
    Gap(Gap),
}

/// Any text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gap {
    /// Whether it is not empty.
    pub(super) some: bool,
    /// Whether it may hold line feeds.
    pub(super) lines: bool,
}

/// The sequences one of which matches the whole text where `hir` matches in it; none if it is no such expression.
pub(super) fn sequences(hir: &Hir) -> Option<Vec<Vec<Item>>> {
    let looks = hir.properties();
    let open = Item::Gap(Gap { some: false, lines: true });
    let mut whole = vec![vec![]];
    if !looks.look_set_prefix().contains(Look::Start) {
        push(&mut whole, &open)?;
    }
    for part in body(hir) {
        append(&mut whole, part, 0)?;
    }
    if !looks.look_set_suffix().contains(Look::End) {
        push(&mut whole, &open)?;
    }
    Some(whole)
}

/// Puts what `hir` matches behind each of `sequences`.
fn append(sequences: &mut Vec<Vec<Item>>, hir: &Hir, depth: usize) -> Option<()> {
    if depth > DEPTH_MAX || !hir.properties().look_set().is_empty() {
        return None;
    }
    if let Some(gap) = gap(hir) {
        return push(sequences, &Item::Gap(gap));
    }
    if let Some(set) = known(hir, Letters::Expanded).set {
        return push(sequences, &Item::Literals(set));
    }
    match hir.kind() {
        HirKind::Capture(capture) => append(sequences, &capture.sub, depth + 1),
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| append(sequences, part, depth + 1)),
        HirKind::Alternation(branches) => branch(sequences, branches, depth),
        HirKind::Repetition(Repetition { min: 0, max: Some(1), sub, .. }) => {
            let with = std::slice::from_ref(&**sub);
            let without = sequences.clone();
            branch(sequences, with, depth)?;
            sequences.extend(without);
            (sequences.len() <= SEQUENCES_MAX).then_some(())
        }
        _ => None,
    }
}

fn branch(sequences: &mut Vec<Vec<Item>>, branches: &[Hir], depth: usize) -> Option<()> {
    if sequences.len() * branches.len() > SEQUENCES_MAX {
        return None;
    }
    let mut all = Vec::new();
    for branch in branches {
        let mut own = sequences.clone();
        append(&mut own, branch, depth + 1)?;
        all.extend(own);
    }
    *sequences = all;
    (sequences.len() <= SEQUENCES_MAX).then_some(())
}

/// Puts `item` behind each of `sequences`, and makes one of two neighbours of a kind.
fn push(sequences: &mut [Vec<Item>], item: &Item) -> Option<()> {
    if matches!(item, Item::Literals(set) if set.iter().eq([""])) {
        return Some(());
    }
    for items in sequences {
        let joined = match (items.last(), item) {
            (Some(Item::Literals(left)), Item::Literals(right)) => {
                Some(Item::Literals(left.followed_by(right)?))
            }
            (Some(Item::Gap(left)), Item::Gap(right)) => Some(Item::Gap(join_gaps(*left, *right)?)),
            _ => None,
        };
        match joined {
            Some(joined) => *items.last_mut()? = joined,
            None => items.push(item.clone()),
        }
        if matches!(items.last(), Some(Item::Literals(set)) if set.len() > LITERALS_MAX) {
            return None;
        }
    }
    Some(())
}

fn join_gaps(left: Gap, right: Gap) -> Option<Gap> {
    if left.lines == right.lines {
        // Two characters at least: to be counted, which is for an engine.
        let both = left.some && right.some;
        return (!both).then_some(Gap { some: left.some || right.some, lines: left.lines });
    }
    let (across, within) = if left.lines { (left, right) } else { (right, left) };
    (!within.some).then_some(across)
}

/// `.*` or `.+`.
fn gap(hir: &Hir) -> Option<Gap> {
    let HirKind::Repetition(Repetition { min: min @ (0 | 1), max: None, sub, .. }) = hir.kind() else {
        return None;
    };
    let HirKind::Class(Class::Unicode(class)) = sub.kind() else {
        return None;
    };
    let mut spans = class.iter().map(|range| (range.start(), range.end()));
    let lines = match (spans.next(), spans.next(), spans.next()) {
        (Some(('\0', char::MAX)), None, None) => true,
        (Some(('\0', '\t')), Some(('\u{B}', char::MAX)), None) => false,
        _ => return None,
    };
    Some(Gap { some: *min == 1, lines })
}

/// Whether every text has this shape.
pub(super) fn is_everything(items: &[Item]) -> bool {
    matches!(items, [Item::Gap(Gap { some: false, lines: true })])
}

/// Whether every text but the empty one has this shape.
pub(super) fn is_non_empty(items: &[Item]) -> bool {
    matches!(items, [Item::Gap(Gap { some: true, lines: true })])
}

/// Whether the empty text has not this shape.
pub(super) fn needs_text(items: &[Item]) -> bool {
    items.iter().any(|item| match item {
        Item::Gap(gap) => gap.some,
        Item::Literals(set) => !set.has_empty(),
    })
}
