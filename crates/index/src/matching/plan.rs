//! What each matcher asks of the index.
//!
//! A missing label is the empty value. So a matcher that holds for the empty value says which series are to be
//! left out (those with a value that it does not hold for), any other one which series are to be taken.

use model::Matcher;
use model::matcher::MatchOp;

/// What a matcher comes down to.
#[derive(Debug, Clone)]
pub(super) enum Term<'a> {
    /// Holds for every series.
    Everything,
    /// Holds for none.
    Nothing,
    /// Only series with such a value of the label.
    Take(&'a str, Values<'a>),
    /// All but series with such a value of the label.
    LeaveOut(&'a str, Values<'a>),
}

/// Values of a label, none of them empty.
#[derive(Debug, Clone)]
pub(super) enum Values<'a> {
    /// Any.
    Any,
    /// One of a few.
    OneOf(Vec<&'a str>),
    /// Those that the matcher holds for, or does not hold for.
    Where {
        matcher: &'a Matcher,
        /// What the matcher must say.
        holds: bool,
        /// What all of them begin with.
        prefix: &'a str,
    },
}

/// Classifies a matcher.
pub(super) fn term(matcher: &Matcher) -> Term<'_> {
    let name = matcher.name();
    match matcher.op() {
        MatchOp::Equal => equal(name, matcher.value(), false),
        MatchOp::NotEqual => equal(name, matcher.value(), true),
        MatchOp::Regex | MatchOp::NotRegex => regex(matcher),
    }
}

fn equal<'a>(name: &'a str, value: &'a str, negative: bool) -> Term<'a> {
    match (value, negative) {
        ("", false) => Term::LeaveOut(name, Values::Any),
        ("", true) => Term::Take(name, Values::Any),
        (value, false) => Term::Take(name, Values::OneOf(vec![value])),
        (value, true) => Term::LeaveOut(name, Values::OneOf(vec![value])),
    }
}

fn regex(matcher: &Matcher) -> Term<'_> {
    let name = matcher.name();
    let negative = matcher.op().is_negative();
    let Some(regex) = matcher.regex() else { return Term::Nothing };
    if regex.matches_everything() {
        return if negative { Term::Nothing } else { Term::Everything };
    }
    if regex.matches_non_empty() {
        let any = Values::Any;
        return if negative { Term::LeaveOut(name, any) } else { Term::Take(name, any) };
    }
    let prefix = regex.prefix().unwrap_or_default();
    if regex.matches_empty() {
        // `=~"a|"` leaves out what is neither, `!~"a|"` takes that: a question to all values.
        let values = Values::Where { matcher, holds: negative, prefix: "" };
        return if negative { Term::Take(name, values) } else { Term::LeaveOut(name, values) };
    }
    let values = match regex.set_matches() {
        Some(set) => Values::OneOf(set.iter().map(String::as_str).collect()),
        None => Values::Where { matcher, holds: !negative, prefix },
    };
    match (&values, negative) {
        (Values::OneOf(set), false) if set.is_empty() => Term::Nothing,
        (Values::OneOf(set), true) if set.is_empty() => Term::Everything,
        (_, false) => Term::Take(name, values),
        (_, true) => Term::LeaveOut(name, values),
    }
}
