//! From the text of a pattern to an expression.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};

use crate::{Error, ErrorCode};

/// A parsed pattern.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) hir: Hir,
    /// The name of each group by index, group 0 first.
    pub(crate) names: Vec<Option<Box<str>>>,
}

/// Parses `pattern`; `.` matches a line feed if `dot_all`.
pub(crate) fn parse(pattern: &str, dot_all: bool) -> Result<Parsed, Error> {
    let hir = ParserBuilder::new()
        .dot_matches_new_line(dot_all)
        .nest_limit(1000)
        .build()
        .parse(pattern)
        .map_err(|_| Error::new(ErrorCode::InvalidPerlSyntax, pattern))?;
    let mut names = vec![None];
    collect_names(&hir, &mut names);
    Ok(Parsed { hir, names })
}

fn collect_names(hir: &Hir, names: &mut Vec<Option<Box<str>>>) {
    if let HirKind::Capture(group) = hir.kind() {
        names.push(group.name.clone());
    }
    for sub in hir.kind().subs() {
        collect_names(sub, names);
    }
}
