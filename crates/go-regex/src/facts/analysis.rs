//! The walk over an expression that finds the strings in it.

use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Repetition};

use super::strings::Strings;

/// How deep the walk goes; what nests deeper counts as unknown.
const DEPTH_MAX: usize = 64;

/// The characters that a class may have to be written out.
const CLASS_MAX: usize = 16;

/// The alternatives that required literals may have.
const REQUIRED_MAX: usize = 64;

/// The alternatives that they may have if one of them is a single byte, which most texts hold.
const REQUIRED_BYTES_MAX: usize = 4;

/// How often a repetition is written out.
const COPIES_MAX: u32 = 16;

/// How many strings one walk may build in all, so that it takes no longer than compiling does.
const WORK_MAX: usize = 1 << 20;

/// What to make of a class that holds an ASCII letter in both cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letters {
    /// One string for each case.
    Expanded,
    /// Nothing is known of it.
    Opaque,
    /// All strings are in lower case, and stand for themselves in any ASCII case.
    Folded,
}

/// What is known of the matches of an expression.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// All of them. (Look-around counts for nothing here, so that some may be no matches after all.)
    pub(crate) set: Option<Strings>,
    /// What they begin and end with, where `set` does not tell.
    prefix: String,
    suffix: String,
    /// Each match holds a string of each of these sets, apart from what `set` tells.
    required: Vec<Strings>,
}

impl Known {
    fn nothing() -> Known {
        Known { set: None, prefix: String::new(), suffix: String::new(), required: Vec::new() }
    }

    fn all_of(set: Strings) -> Known {
        Known { set: Some(set), ..Known::nothing() }
    }

    /// What all matches begin with.
    pub(crate) fn prefix(&self) -> String {
        self.set.as_ref().map_or_else(|| self.prefix.clone(), Strings::common_prefix)
    }

    /// What all matches end with.
    pub(crate) fn suffix(&self) -> String {
        self.set.as_ref().map_or_else(|| self.suffix.clone(), Strings::common_suffix)
    }

    /// Sets of which every match holds a string each.
    pub(crate) fn into_required(self) -> Vec<Strings> {
        let mut required = self.required;
        required.extend(self.set.filter(is_usable));
        required
    }

    /// The one set that tells most: the longest strings, then the fewest.
    fn into_best_required(self) -> Option<Strings> {
        let shortest = |set: &Strings| set.iter().map(str::len).min().unwrap_or(0);
        self.into_required().into_iter().max_by_key(|set| (shortest(set), std::cmp::Reverse(set.len())))
    }
}

/// Whether a text without any of these strings can be passed over.
fn is_usable(set: &Strings) -> bool {
    let most = match set.iter().map(str::len).min() {
        None | Some(0) => return false,
        Some(1) => REQUIRED_BYTES_MAX,
        Some(_) => REQUIRED_MAX,
    };
    set.len() <= most
}

/// What is known of the matches of `hir`.
pub(crate) fn known(hir: &Hir, letters: Letters) -> Known {
    let mut walk = Walk { letters, work: 0 };
    walk.visit(hir, 0)
}

/// Whether `hir` holds a class of which [`Letters::Folded`] makes one letter.
pub(super) fn has_folded_letters(hir: &Hir) -> bool {
    parts(hir)
        .any(|hir| matches!(hir.kind(), HirKind::Class(Class::Unicode(class)) if holds_both_cases(class)))
}

/// Whether U+FFFD stands in a literal or a small class of `hir`.
pub(crate) fn holds_replacement(hir: &Hir) -> bool {
    let text = char::REPLACEMENT_CHARACTER;
    parts(hir).any(|hir| match hir.kind() {
        HirKind::Literal(literal) => str::from_utf8(&literal.0).is_ok_and(|literal| literal.contains(text)),
        HirKind::Class(Class::Unicode(class)) => is_small(class) && has(class, text),
        _ => false,
    })
}

/// The ASCII characters that matches of `hir` may hold, a bit for each; `None` where they depend on what stands around them.
pub(crate) fn held_ascii(hir: &Hir) -> Option<u128> {
    if !hir.properties().look_set().is_empty() {
        return None;
    }
    let of_ascii = |holds: &dyn Fn(u8) -> bool| {
        (0..128_u8).filter(|byte| holds(*byte)).fold(0, |set, byte| set | 1_u128 << byte)
    };
    Some(parts(hir).fold(0, |set, hir| {
        set | match hir.kind() {
            HirKind::Literal(literal) => of_ascii(&|byte| literal.0.contains(&byte)),
            HirKind::Class(Class::Unicode(class)) => of_ascii(&|byte| has(class, char::from(byte))),
            HirKind::Class(Class::Bytes(class)) if !class.ranges().is_empty() => u128::MAX,
            _ => 0,
        }
    }))
}

/// Whether it makes no difference in which case an ASCII letter of a match is written.
pub(super) fn takes_any_case(hir: &Hir) -> bool {
    parts(hir).all(|hir| match hir.kind() {
        HirKind::Literal(literal) => !literal.0.iter().any(u8::is_ascii_alphabetic),
        HirKind::Class(Class::Unicode(class)) => {
            ('a'..='z').all(|c| has(class, c) == has(class, c.to_ascii_uppercase()))
        }
        HirKind::Class(Class::Bytes(class)) => class.ranges().is_empty(),
        _ => true,
    })
}

/// `hir` and all that is in it.
fn parts(hir: &Hir) -> impl Iterator<Item = &Hir> {
    let mut open = vec![hir];
    std::iter::from_fn(move || {
        let hir = open.pop()?;
        open.extend(hir.kind().subs());
        Some(hir)
    })
}

fn has(class: &ClassUnicode, c: char) -> bool {
    class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&c))
}

fn holds_both_cases(class: &ClassUnicode) -> bool {
    is_small(class) && ('a'..='z').any(|c| has(class, c) && has(class, c.to_ascii_uppercase()))
}

fn is_small(class: &ClassUnicode) -> bool {
    class.ranges().iter().map(|range| range.len()).sum::<usize>() <= CLASS_MAX
}

struct Walk {
    letters: Letters,
    work: usize,
}

impl Walk {
    fn visit(&mut self, hir: &Hir, depth: usize) -> Known {
        if depth > DEPTH_MAX || self.work > WORK_MAX {
            return Known::nothing();
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Known::all_of(Strings::one("")),
            HirKind::Literal(literal) => self.literal(&literal.0),
            HirKind::Class(Class::Unicode(class)) => self.class(class),
            // Only the class of nothing is not one of characters.
            HirKind::Class(Class::Bytes(class)) if class.ranges().is_empty() => {
                Known::all_of(Strings::none())
            }
            HirKind::Class(Class::Bytes(_)) => Known::nothing(),
            HirKind::Capture(capture) => self.visit(&capture.sub, depth + 1),
            HirKind::Repetition(repetition) => self.repetition(repetition, depth),
            HirKind::Concat(parts) => {
                let parts: Vec<Known> = parts.iter().map(|part| self.visit(part, depth + 1)).collect();
                self.concat(parts)
            }
            HirKind::Alternation(branches) => self.alternation(branches, depth),
        }
    }

    fn literal(&mut self, bytes: &[u8]) -> Known {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Known::nothing();
        };
        self.work += 1;
        Known::all_of(match self.letters {
            Letters::Folded => Strings::one(text.to_ascii_lowercase()),
            _ => Strings::one(text),
        })
    }

    fn class(&mut self, class: &ClassUnicode) -> Known {
        if !is_small(class) || (self.letters == Letters::Opaque && holds_both_cases(class)) {
            return Known::nothing();
        }
        self.work += CLASS_MAX;
        let chars = class.iter().flat_map(|range| range.start()..=range.end());
        Known::all_of(match self.letters {
            Letters::Folded => Strings::from_chars(chars.map(|c| c.to_ascii_lowercase())),
            _ => Strings::from_chars(chars),
        })
    }

    /// A repetition is so many copies, and then some that may be there or not.
    fn repetition(&mut self, repetition: &Repetition, depth: usize) -> Known {
        let one = self.visit(&repetition.sub, depth + 1);
        let certain = repetition.min.min(COPIES_MAX);
        let mut copies = vec![one.clone(); usize::try_from(certain).unwrap_or(0)];
        let optional = one.set.and_then(|set| set.or(Strings::one("")));
        match (repetition.max, optional) {
            (Some(max), Some(optional)) if max <= COPIES_MAX => {
                let uncertain = usize::try_from(max - certain).unwrap_or(0);
                copies.extend(vec![Known::all_of(optional); uncertain]);
            }
            (max, _) if max != Some(certain) => copies.push(Known::nothing()),
            _ => {}
        }
        self.concat(copies)
    }

    fn concat(&mut self, parts: Vec<Known>) -> Known {
        let mut whole = Known::nothing();
        // The strings that end where we are, as far back as they are known.
        let mut run = Strings::one("");
        let mut unbroken = true;
        for part in parts {
            let joined = part.set.as_ref().and_then(|set| self.join(&run, set));
            if let Some(joined) = joined {
                run = joined;
                continue;
            }
            // Nothing is lost of the run but its right end, where the next part begins.
            let (begins, ends) = (part.prefix(), part.suffix());
            let ended = self.join(&run, &Strings::one(begins)).unwrap_or(run);
            if unbroken {
                whole.prefix = ended.common_prefix();
                unbroken = false;
            }
            whole.required.extend(Some(ended).filter(is_usable));
            whole.required.extend(part.required);
            run = part.set.unwrap_or_else(|| Strings::one(ends));
        }
        if unbroken {
            return Known::all_of(run);
        }
        whole.suffix = run.common_suffix();
        whole.required.extend(Some(run).filter(is_usable));
        whole
    }

    fn join(&mut self, left: &Strings, right: &Strings) -> Option<Strings> {
        self.work += left.len() * right.len();
        if self.work > WORK_MAX {
            return None;
        }
        left.followed_by(right)
    }

    fn alternation(&mut self, branches: &[Hir], depth: usize) -> Known {
        let branches: Vec<Known> = branches.iter().map(|branch| self.visit(branch, depth + 1)).collect();
        let set = branches.iter().try_fold(Strings::none(), |all, branch| all.or(branch.set.clone()?));
        if let Some(set) = set {
            return Known::all_of(set);
        }
        let edge = |of: fn(&Known) -> String| {
            let edges = branches.iter().map(of).map(Strings::one);
            edges.fold(Strings::none(), |all, edge| all.or(edge).unwrap_or(Strings::one("")))
        };
        let (prefix, suffix) = (edge(Known::prefix).common_prefix(), edge(Known::suffix).common_suffix());
        let required = branches
            .into_iter()
            .try_fold(Strings::none(), |all, branch| all.or(branch.into_best_required()?));
        Known { set: None, prefix, suffix, required: required.filter(is_usable).into_iter().collect() }
    }
}
