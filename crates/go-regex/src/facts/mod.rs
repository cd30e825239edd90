//! What can be said of every text that a pattern matches, without an engine: whoever holds an index
//! asks it for these strings first and runs the pattern over what is left.

mod analysis;
mod strings;

use regex_syntax::hir::{Hir, HirKind, Look};

pub(crate) use self::analysis::{Letters, held_ascii, holds_replacement, known};
pub(crate) use self::strings::Strings;

/// How many texts an engine is asked about when a pattern is compiled.
const ASKED_MAX: usize = 256;

/// How literals compare with the text that holds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folding {
    /// Byte for byte.
    None,
    /// In any mixture of ASCII upper and lower case; the literals themselves are given in lower case.
    Ascii,
}

/// Every match holds at least one of these literals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredLiterals {
    /// The alternatives; there is at least one, and none of them is empty.
    pub any_of: Vec<String>,
    /// How all of them compare with the text.
    pub folding: Folding,
}

/// What is known of a pattern; `None` and the empty list mean "nothing".
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// What all matches begin with, where they begin at the start of the text.
    pub(crate) prefix: Option<String>,
    /// What all matches end with, where they end at the end of the text.
    pub(crate) suffix: Option<String>,
    /// The texts that can match at all, where they are few and a match is the whole text.
    pub(crate) set: Option<Strings>,
    /// Whether all of `set` does match.
    pub(crate) set_is_exact: bool,
    pub(crate) required: Vec<RequiredLiterals>,
    /// The literals of which a text must hold one, and need hold no more, to match.
    pub(crate) words: Option<RequiredLiterals>,
}

impl Facts {
    pub(crate) fn of(hir: &Hir) -> Facts {
        let looks = hir.properties();
        let from_start = looks.look_set_prefix().contains(Look::Start);
        let to_end = looks.look_set_suffix().contains(Look::End);
        let strings = known(hir, Letters::Expanded);
        let present = |text: String, anchored: bool| Some(text).filter(|t| anchored && !t.is_empty());
        Facts {
            prefix: present(strings.prefix(), from_start),
            suffix: present(strings.suffix(), to_end),
            set: strings.set.filter(|_| from_start && to_end),
            set_is_exact: body(hir).iter().all(|part| part.properties().look_set().is_empty()),
            required: required(hir),
            words: words(hir),
        }
    }

    /// All the texts that match, sorted. `matches` is asked where looking at the expression does not tell.
    pub(crate) fn exact_set(&self, matches: impl Fn(&str) -> bool) -> Option<Vec<String>> {
        let mut set = self.set.clone()?.into_sorted();
        if !self.set_is_exact {
            if set.len() > ASKED_MAX {
                return None;
            }
            set.retain(|text| matches(text));
        }
        Some(set)
    }
}

/// The parts of `hir`, without what ties it to the start and the end of the text.
pub(crate) fn body(hir: &Hir) -> &[Hir] {
    let mut parts = match hir.kind() {
        HirKind::Concat(parts) => parts.as_slice(),
        _ => std::slice::from_ref(hir),
    };
    while let Some((HirKind::Look(Look::Start), rest)) = parts.split_first().map(|(p, rest)| (p.kind(), rest))
    {
        parts = rest;
    }
    while let Some((HirKind::Look(Look::End), rest)) = parts.split_last().map(|(p, rest)| (p.kind(), rest)) {
        parts = rest;
    }
    parts
}

fn words(hir: &Hir) -> Option<RequiredLiterals> {
    if !hir.properties().look_set().is_empty() {
        return None;
    }
    let takes_any_case = analysis::has_folded_letters(hir) && analysis::takes_any_case(hir);
    let (letters, folding) =
        if takes_any_case { (Letters::Folded, Folding::Ascii) } else { (Letters::Expanded, Folding::None) };
    let any_of = known(hir, letters).set?.into_sorted();
    let are_words = !any_of.is_empty() && !any_of.iter().any(String::is_empty);
    are_words.then_some(RequiredLiterals { any_of, folding })
}

fn required(hir: &Hir) -> Vec<RequiredLiterals> {
    let groups = |letters, folding| {
        let required = known(hir, letters).into_required();
        required.into_iter().map(move |strings| RequiredLiterals { any_of: strings.into_sorted(), folding })
    };
    let exact: Vec<_> = groups(Letters::Opaque, Folding::None).collect();
    if !analysis::has_folded_letters(hir) {
        return exact;
    }
    exact.into_iter().chain(groups(Letters::Folded, Folding::Ascii)).collect()
}
