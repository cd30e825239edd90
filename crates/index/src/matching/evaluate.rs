//! The plan carried out: what costs least and leaves least comes first.

use model::Matcher;

use super::plan::{Term, Values, term};
use super::{IdSet, SeriesIndex};

/// Looking at a series costs about as much as so many values.
const VALUES_PER_SERIES: u64 = 3;

/// The series that fulfil every matcher.
///
/// # Errors
/// What reading the index can fail with.
pub fn select<'i, I: SeriesIndex>(index: &'i I, matchers: &[Matcher]) -> Result<I::Ids<'i>, I::Error> {
    let mut taken = Vec::new();
    let mut left_out = Vec::new();
    let mut searched = Vec::new();
    for matcher in matchers {
        match term(matcher) {
            Term::Everything => {}
            Term::Nothing => return Ok(I::Ids::empty()),
            Term::Take(name, values @ Values::Where { .. }) => searched.push((name, values, false)),
            Term::LeaveOut(name, values @ Values::Where { .. }) => searched.push((name, values, true)),
            Term::Take(name, values) => {
                let ids = listed(index, name, &values)?;
                if ids.is_empty() {
                    return Ok(ids);
                }
                taken.push(ids);
            }
            Term::LeaveOut(name, values) => left_out.push((name, values)),
        }
    }
    taken.sort_by_key(IdSet::len);
    let mut found: Option<I::Ids<'i>> = None;
    for ids in taken {
        match &mut found {
            None => found = Some(ids),
            Some(found) => found.intersect(&ids),
        }
    }
    for (name, values) in left_out {
        let found = match &mut found {
            Some(found) => found,
            None => found.insert(index.all()?),
        };
        if found.is_empty() {
            break;
        }
        found.subtract(&listed(index, name, &values)?);
    }
    search(index, found, searched)
}

/// Values that must be looked at one by one, those of labels with few values first.
fn search<'i, I: SeriesIndex>(
    index: &'i I,
    mut found: Option<I::Ids<'i>>,
    mut searched: Vec<(&str, Values<'_>, bool)>,
) -> Result<I::Ids<'i>, I::Error> {
    searched.sort_by_key(|(name, _, left_out)| (*left_out, index.value_count(name)));
    for (name, values, left_out) in searched {
        let Values::Where { matcher, holds, prefix } = values else { continue };
        if let Some(found) = &mut found {
            if found.is_empty() {
                break;
            }
            if found.len() * VALUES_PER_SERIES < index.value_count(name) as u64 {
                found.retain(|series| {
                    Ok(matcher.matches(index.value_of(series, name)?.unwrap_or_default()))
                })?;
                continue;
            }
        }
        let ids = index.with_value_where(name, prefix, &mut |value| matcher.matches(value) == holds)?;
        match (&mut found, left_out) {
            (Some(found), false) => found.intersect(&ids),
            (None, false) => found = Some(ids),
            (Some(found), true) => found.subtract(&ids),
            (None, true) => found.insert(index.all()?).subtract(&ids),
        }
    }
    match found {
        Some(found) => Ok(found),
        None => index.all(),
    }
}

/// The series of values that are known by name.
fn listed<'i, I: SeriesIndex>(index: &'i I, name: &str, values: &Values<'_>) -> Result<I::Ids<'i>, I::Error> {
    match values {
        Values::Any => index.with_label(name),
        Values::OneOf(values) => {
            let sets = values.iter().map(|value| index.with_value(name, value));
            Ok(I::Ids::union(sets.collect::<Result<_, _>>()?))
        }
        Values::Where { matcher, holds, prefix } => {
            index.with_value_where(name, prefix, &mut |value| matcher.matches(value) == *holds)
        }
    }
}
