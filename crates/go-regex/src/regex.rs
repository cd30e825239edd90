//! A compiled pattern.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use regex_automata::meta;
use regex_syntax::hir::{Hir, Look};

use crate::facts::{Facts, RequiredLiterals};
use crate::syntax::{self, Parsed};
use crate::{Captures, Error, ErrorCode, FindIter, expand};

/// What the compiled form of one pattern may take, in bytes.
const COMPILED_BYTES_MAX: usize = 64 << 20;

/// A compiled pattern. Cloning it is cheap; all clones share one compiled form.
#[derive(Clone)]
pub struct Regex {
    inner: Arc<Inner>,
}

struct Inner {
    pattern: Box<str>,
    names: Vec<Option<Box<str>>>,
    facts: Facts,
    engine: meta::Regex,
}

impl Regex {
    /// Compiles a pattern that may match anywhere in a text, as Go's `regexp.Compile`.
    ///
    /// # Errors
    /// The pattern is not valid in Go, or too large.
    pub fn new(pattern: &str) -> Result<Regex, Error> {
        Regex::build(pattern, syntax::parse(pattern, false)?)
    }

    /// Compiles a pattern that must match the whole text, and in which `.` matches a line feed too, as the
    /// matchers of Prometheus and Loki do. The pattern is read by itself: an unbalanced `a)(b` is refused.
    ///
    /// # Errors
    /// The pattern is not valid in Go, or too large.
    pub fn anchored(pattern: &str) -> Result<Regex, Error> {
        let Parsed { hir, names } = syntax::parse(pattern, true)?;
        let hir = Hir::concat(vec![Hir::look(Look::Start), hir, Hir::look(Look::End)]);
        Regex::build(pattern, Parsed { hir, names })
    }

    /// Compiles `open`, `pattern` and `close` joined as text, and shows `pattern` alone in [`Regex::as_str`].
    /// Relabelling and `label_replace` wrap theirs in `^(?s:` and `)$`, Alertmanager in `^(?:` and `)$`;
    /// errors then name the wrapped text, and an unbalanced `a)(b` is valid.
    ///
    /// # Errors
    /// The joined text is not valid in Go, or too large.
    pub fn wrapped(open: &str, pattern: &str, close: &str) -> Result<Regex, Error> {
        Regex::build(pattern, syntax::parse(&[open, pattern, close].concat(), false)?)
    }

    fn build(pattern: &str, parsed: Parsed) -> Result<Regex, Error> {
        let config = meta::Config::new().nfa_size_limit(Some(COMPILED_BYTES_MAX));
        let engine = meta::Builder::new()
            .configure(config)
            .build_from_hir(&parsed.hir)
            .map_err(|_| Error::new(ErrorCode::TooLarge, pattern))?;
        Ok(Regex {
            inner: Arc::new(Inner {
                pattern: pattern.into(),
                names: parsed.names,
                facts: Facts::default(),
                engine,
            }),
        })
    }

    /// The pattern as it was given.
    pub fn as_str(&self) -> &str {
        &self.inner.pattern
    }

    /// Whether the pattern matches in `text`.
    pub fn is_match(&self, text: &str) -> bool {
        self.inner.engine.is_match(text)
    }

    /// Whether the pattern matches in `text`, which need not be UTF-8.
    pub fn is_match_bytes(&self, text: &[u8]) -> bool {
        self.is_match(&String::from_utf8_lossy(text))
    }

    /// The groups of the leftmost match in `text`.
    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        let mut slots = self.inner.engine.create_captures();
        self.inner.engine.captures(text, &mut slots);
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
        FindIter { matches: Some(self.inner.engine.find_iter(text)) }
    }

    /// `text` with every match replaced by `template`, in which `$1`, `${1}`, `$name` and `${name}` stand for groups.
    pub fn replace_all(&self, text: &str, template: &str) -> String {
        if expand::is_plain(template) {
            return self.replace_all_literal(text, template);
        }
        let (mut out, mut from) = (String::with_capacity(text.len()), 0);
        for slots in self.inner.engine.captures_iter(text) {
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
        self.inner.facts.set.as_deref()
    }

    /// What every text that the pattern matches begins with; never empty.
    pub fn prefix(&self) -> Option<&str> {
        self.inner.facts.prefix.as_deref()
    }

    /// What every text that the pattern matches ends with; never empty.
    pub fn suffix(&self) -> Option<&str> {
        self.inner.facts.suffix.as_deref()
    }

    /// What every text that the pattern matches contains: at least one literal of each of these groups.
    /// A text that lacks all the literals of one group need not be looked at.
    pub fn required_literals(&self) -> &[RequiredLiterals] {
        &self.inner.facts.required
    }

    /// Whether the pattern matches the empty text.
    pub fn matches_empty(&self) -> bool {
        self.is_match("")
    }

    /// Whether the pattern is known to match every text, as an anchored `.*` does.
    pub fn matches_everything(&self) -> bool {
        self.inner.facts.everything
    }

    /// Whether the pattern is known to match every text but the empty one, as an anchored `.+` does.
    pub fn matches_non_empty(&self) -> bool {
        self.inner.facts.non_empty
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
