//! A compiled pattern.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use regex_syntax::hir::{Hir, Look};

use crate::engine::Engines;
use crate::facts::{self, Facts, RequiredLiterals, Strings};
use crate::plan::Plan;
use crate::syntax::{self, Options, Parsed};
use crate::{Captures, Error, FindIter, decode, expand, recent};

/// A compiled pattern. Cloning it is cheap; all clones share one compiled form.
#[derive(Clone)]
pub struct Regex {
    inner: Arc<Inner>,
}

struct Inner {
    pattern: Box<str>,
    names: Vec<Option<Box<str>>>,
    plan: Plan,
    /// All the texts that match, sorted.
    set: Option<Vec<String>>,
    prefix: Option<String>,
    suffix: Option<String>,
    required: Vec<RequiredLiterals>,
    words: Option<RequiredLiterals>,
    matches_empty: bool,
    /// The ASCII characters that matches may hold, a bit for each, where they depend on nothing around them.
    held_ascii: Option<u128>,
    /// Bytes of the shortest match.
    len_min: usize,
    /// Whether a literal could match a byte that is no UTF-8, which Go reads as U+FFFD.
    has_replacement: bool,
    engines: Engines,
}

/// A pattern as the parser is to read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) text: Box<str>,
    /// Whether a match must be the whole text, and `.` matches line feeds.
    pub(crate) whole: bool,
}

impl Source {
    pub(crate) fn parse(&self, captures: bool) -> Result<Parsed, Error> {
        let options = Options { dot_all: self.whole, captures };
        let mut parsed = syntax::parse(&self.text, options)?;
        if self.whole {
            parsed.hir = Hir::concat(vec![Hir::look(Look::Start), parsed.hir, Hir::look(Look::End)]);
        }
        Ok(parsed)
    }
}

/// What stands for something else than itself.
const SYMBOLS: &[u8] = br"\.+*?()[]{}^$";

/// Shorter patterns are parsed whatever they are: more is found out of them.
const WORDS_BYTES_MIN: usize = 4096;

/// Nothing is found out of longer patterns than this, which would take as long as it takes to compile them.
const EXAMINED_BYTES_MAX: usize = 128 << 10;

impl Regex {
    /// Compiles a pattern that may match anywhere in a text, as Go's `regexp.Compile`.
    ///
    /// # Errors
    /// The pattern is not valid in Go, or too large.
    pub fn new(pattern: &str) -> Result<Regex, Error> {
        Regex::build(pattern, pattern.into(), false)
    }

    /// Compiles a pattern that must match the whole text, and in which `.` matches a line feed too, as the
    /// matchers of Prometheus and Loki do. The pattern is read by itself: an unbalanced `a)(b` is refused.
    ///
    /// # Errors
    /// The pattern is not valid in Go, or too large.
    pub fn anchored(pattern: &str) -> Result<Regex, Error> {
        Regex::build(pattern, pattern.into(), true)
    }

    /// Compiles `open`, `pattern` and `close` joined as text, and shows `pattern` alone in [`Regex::as_str`].
    /// Relabelling and `label_replace` wrap theirs in `^(?s:` and `)$`, Alertmanager in `^(?:` and `)$`;
    /// errors then name the wrapped text, and an unbalanced `a)(b` is valid.
    ///
    /// # Errors
    /// The joined text is not valid in Go, or too large.
    pub fn wrapped(open: &str, pattern: &str, close: &str) -> Result<Regex, Error> {
        Regex::build(pattern, [open, pattern, close].concat().into(), false)
    }

    fn build(pattern: &str, text: Box<str>, whole: bool) -> Result<Regex, Error> {
        let source = Source { text, whole };
        if let Some(known) = recent::find(&source, pattern) {
            return Ok(known);
        }
        let key = source.clone();
        let regex = Regex::compile(pattern, source)?;
        recent::keep(key, &regex);
        Ok(regex)
    }

    fn compile(pattern: &str, source: Source) -> Result<Regex, Error> {
        if let Some(regex) = Regex::of_words(pattern, &source) {
            return Ok(regex);
        }
        let parsed = source.parse(false)?;
        let (facts, plan) = if source.text.len() <= EXAMINED_BYTES_MAX {
            let facts = Facts::of(&parsed.hir);
            let plan = Plan::of(&parsed.hir, &facts);
            (facts, plan)
        } else {
            (Facts::default(), Plan::Engine)
        };
        let engines = match plan {
            Plan::Engine => Engines::compiled(&parsed, source)?,
            _ => Engines::deferred(source),
        };
        let empty = plan.is_match(b"").or_else(|| Some(engines.search()?.is_match("")));
        Ok(Regex {
            inner: Arc::new(Inner {
                pattern: pattern.into(),
                set: facts.exact_set(|text| engines.search().is_some_and(|engine| engine.is_match(text))),
                prefix: facts.prefix,
                suffix: facts.suffix,
                required: facts.required,
                words: facts.words,
                matches_empty: empty.unwrap_or(false),
                held_ascii: facts::held_ascii(&parsed.hir),
                len_min: parsed.hir.properties().minimum_len().unwrap_or(0),
                has_replacement: facts::holds_replacement(&parsed.hir),
                names: parsed.names,
                plan,
                engines,
            }),
        })
    }

    /// A pattern that is nothing but many words, which needs neither a parser nor an engine.
    fn of_words(pattern: &str, source: &Source) -> Option<Regex> {
        if !source.whole
            || pattern.len() < WORDS_BYTES_MIN
            || pattern.bytes().any(|byte| SYMBOLS.contains(&byte))
        {
            return None;
        }
        let strings = Strings::from_words(pattern.split('|'))?;
        let end = |text: String| Some(text).filter(|text| !text.is_empty());
        Some(Regex {
            inner: Arc::new(Inner {
                pattern: pattern.into(),
                names: vec![None],
                plan: Plan::words(&strings),
                prefix: end(strings.common_prefix()),
                suffix: end(strings.common_suffix()),
                required: Vec::new(),
                words: None,
                matches_empty: strings.has_empty(),
                held_ascii: None,
                len_min: 0,
                has_replacement: pattern.contains(char::REPLACEMENT_CHARACTER),
                set: Some(strings.into_sorted()),
                engines: Engines::deferred(source.clone()),
            }),
        })
    }

    /// The pattern as it was given.
    pub fn as_str(&self) -> &str {
        &self.inner.pattern
    }

    /// Whether the pattern matches in `text`.
    pub fn is_match(&self, text: &str) -> bool {
        match self.inner.plan.is_match(text.as_bytes()) {
            Some(answer) => answer,
            None => {
                self.may_match(text)
                    && self.inner.engines.search().is_some_and(|engine| engine.is_match(text))
            }
        }
    }

    /// Whether the pattern matches in `text`, of which every byte that is no UTF-8 is read as U+FFFD, as Go does.
    pub fn is_match_bytes(&self, text: &[u8]) -> bool {
        if !self.inner.has_replacement
            && let Some(answer) = self.inner.plan.is_match(text)
        {
            return answer;
        }
        self.is_match(&decode::decoded(text))
    }

    /// Whether `text` has what all matches have at their ends.
    fn may_match(&self, text: &str) -> bool {
        let has = |literal: &Option<String>, test: fn(&str, &str) -> bool| {
            literal.as_ref().is_none_or(|l| test(text, l))
        };
        has(&self.inner.prefix, |text, prefix| text.starts_with(prefix))
            && has(&self.inner.suffix, |text, suffix| text.ends_with(suffix))
    }

    /// The groups of the leftmost match in `text`.
    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        if self.inner.plan.is_match(text.as_bytes()) == Some(false) || !self.may_match(text) {
            return None;
        }
        let engine = self.inner.engines.groups()?;
        let mut slots = engine.create_captures();
        engine.captures(text, &mut slots);
        slots.is_match().then(|| self.captures_of(text, &slots))
    }

    fn captures_of<'t>(
        &self,
        text: &'t str,
        slots: &regex_automata::util::captures::Captures,
    ) -> Captures<'t> {
        let groups =
            (0..self.inner.names.len()).map(|index| slots.get_group(index).map(Range::from)).collect();
        Captures { text, regex: self.clone(), groups }
    }

    /// The successive matches in `text` that do not overlap.
    pub fn find_iter<'r, 't>(&'r self, text: &'t str) -> FindIter<'r, 't> {
        FindIter { matches: self.inner.engines.search().map(|engine| engine.find_iter(text)) }
    }

    /// `text` with every match replaced by `template`, in which `$1`, `${1}`, `$name` and `${name}` stand for groups.
    pub fn replace_all(&self, text: &str, template: &str) -> String {
        if expand::is_plain(template) {
            return self.replace_all_literal(text, template);
        }
        let (mut out, mut from) = (String::with_capacity(text.len()), 0);
        let matches = self.inner.engines.groups().map(|engine| engine.captures_iter(text));
        for slots in matches.into_iter().flatten() {
            let Some(found) = slots.get_match() else { continue };
            out.push_str(text.get(from..found.start()).unwrap_or_default());
            expand::expand(template, &self.captures_of(text, &slots), &mut out);
            from = found.end();
        }
        out.push_str(text.get(from..).unwrap_or_default());
        out
    }

    /// `text` with every match replaced by `replacement` as it stands.
    pub fn replace_all_literal(&self, text: &str, replacement: &str) -> String {
        let (mut out, mut from) = (String::with_capacity(text.len()), 0);
        for found in self.find_iter(text) {
            out.push_str(text.get(from..found.start).unwrap_or_default());
            out.push_str(replacement);
            from = found.end;
        }
        out.push_str(text.get(from..).unwrap_or_default());
        out
    }

    /// Appends `template` to `out` with its references replaced by `captures`. The name after a `$` is as long as
    /// it can be (`$1x` is the group `1x`); what names no group that took part is replaced by nothing; `$$` is `$`.
    pub fn expand(&self, template: &str, captures: &Captures<'_>, out: &mut String) {
        expand::expand(template, captures, out);
    }

    /// The name of each group by index; group 0, the whole match, has none.
    pub fn capture_names(&self) -> impl Iterator<Item = Option<&str>> {
        self.inner.names.iter().map(Option::as_deref)
    }

    /// All the texts that the pattern matches, sorted, where they are few and it must match the whole text.
    /// `None` says nothing; `Some` of an empty slice means that it matches nothing.
    pub fn set_matches(&self) -> Option<&[String]> {
        self.inner.set.as_deref()
    }

    /// What every text that the pattern matches begins with; never empty.
    pub fn prefix(&self) -> Option<&str> {
        self.inner.prefix.as_deref()
    }

    /// What every text that the pattern matches ends with; never empty.
    pub fn suffix(&self) -> Option<&str> {
        self.inner.suffix.as_deref()
    }

    /// What every text that the pattern matches contains: at least one literal of each of these groups.
    /// A text that lacks all the literals of one group need not be looked at.
    pub fn required_literals(&self) -> &[RequiredLiterals] {
        &self.inner.required
    }

    /// Where the pattern is nothing but words: a text matches where it holds one of them, wherever it stands.
    pub fn words(&self) -> Option<&RequiredLiterals> {
        self.inner.words.as_ref()
    }

    /// Whether the pattern matches the empty text.
    pub fn matches_empty(&self) -> bool {
        self.inner.matches_empty
    }

    /// Whether no match holds a line feed or depends on what stands around it: the matches in a text of many lines are
    /// then those in its lines.
    pub fn stays_in_line(&self) -> bool {
        self.is_without(b"\n")
    }

    /// Whether no match holds one of these ASCII characters, or depends on what stands around it.
    pub fn is_without(&self, ascii: &[u8]) -> bool {
        let is_held =
            |held: u128, byte: u8| held.checked_shr(u32::from(byte)).is_none_or(|held| held & 1 == 1);
        self.inner.held_ascii.is_some_and(|held| !ascii.iter().any(|byte| is_held(held, *byte)))
    }

    /// The bytes that every match has at least.
    pub fn len_min(&self) -> usize {
        self.inner.len_min
    }

    /// Whether the pattern is known to match every text, as an anchored `.*` does.
    pub fn matches_everything(&self) -> bool {
        matches!(self.inner.plan, Plan::Everything)
    }

    /// Whether the pattern is known to match every text but the empty one, as an anchored `.+` does.
    pub fn matches_non_empty(&self) -> bool {
        matches!(self.inner.plan, Plan::NonEmpty)
    }
}

impl fmt::Debug for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Regex").field(&self.inner.pattern).finish()
    }
}

impl fmt::Display for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.pattern)
    }
}
