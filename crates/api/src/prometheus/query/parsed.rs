//! The queries that were asked last, read: dashboards and rules ask the same texts again and again.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use parking_lot::Mutex;
use promql_syntax::{Expr, Options, ParseError};

/// So many queries are kept; a power of two.
const PLACES: usize = 256;
/// Longer texts are not kept: with the places, this bounds the memory.
const TEXT_BYTES_MAX: usize = 1024;

/// The queries that were asked last; each may be forgotten for another one.
#[derive(Debug)]
pub(crate) struct ParsedQueries {
    hasher: RandomState,
    /// Each at the place that its lowest bits tell.
    places: Box<[Mutex<Option<Parsed>>]>,
}

#[derive(Debug)]
struct Parsed {
    text: Box<str>,
    syntax: Options,
    expr: Arc<Expr>,
}

impl ParsedQueries {
    /// None is known.
    pub(crate) fn new() -> Self {
        Self { hasher: RandomState::new(), places: (0..PLACES).map(|_| Mutex::new(None)).collect() }
    }

    /// Reads a query.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(&self, text: &str, syntax: Options) -> Result<Arc<Expr>, ParseError> {
        let place = self.place(text);
        if let Some(place) = place
            && let Some(known) = &*place.lock()
            && *known.text == *text
            && known.syntax == syntax
        {
            return Ok(Arc::clone(&known.expr));
        }
        let expr = Arc::new(promql_syntax::parse_expr(text, syntax)?);
        if let Some(place) = place {
            *place.lock() = Some(Parsed { text: text.into(), syntax, expr: Arc::clone(&expr) });
        }
        Ok(expr)
    }

    /// Where a query is kept; `None` for one that is not.
    fn place(&self, text: &str) -> Option<&Mutex<Option<Parsed>>> {
        // What a compiled regular expression takes is not told by its length.
        let is_kept = text.len() <= TEXT_BYTES_MAX && !text.contains("=~") && !text.contains("!~");
        let hash = is_kept.then(|| self.hasher.hash_one(text))?;
        self.places.get(hash as usize % PLACES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_again_is_read_once_as_long_as_the_language_is_the_same() {
        let queries = ParsedQueries::new();
        let first = queries.parse("sum(up)", Options::default()).unwrap();
        assert!(Arc::ptr_eq(&first, &queries.parse("sum(up)", Options::default()).unwrap()));
        assert!(!Arc::ptr_eq(&first, &queries.parse("sum(up)", Options::ALL).unwrap()));
        let experimental = "limitk(1, up)";
        assert!(queries.parse(experimental, Options::ALL).is_ok());
        assert!(queries.parse(experimental, Options::default()).is_err());
    }

    #[test]
    fn long_texts_and_regular_expressions_are_not_kept() {
        let queries = ParsedQueries::new();
        for text in [r#"up{job=~"a.*b"}"#.to_owned(), r#"up{job!~"a.*b"}"#.to_owned(), "1+".repeat(600) + "1"]
        {
            let first = queries.parse(&text, Options::default()).unwrap();
            assert!(!Arc::ptr_eq(&first, &queries.parse(&text, Options::default()).unwrap()), "{text}");
        }
    }
}
