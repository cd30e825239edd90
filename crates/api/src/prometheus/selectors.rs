//! `match[]` parameters.

use model::Matcher;

use crate::error::ApiError;

/// Reads selectors; each needs a matcher that does not match the empty value.
///
/// # Errors
/// The parser's error, or the original's text for a selector of everything, without the parameter's name.
pub(super) fn parse<'a>(texts: impl Iterator<Item = &'a str>) -> Result<Vec<Vec<Matcher>>, ApiError> {
    let selectors = texts.map(promql_syntax::parse_metric_selector);
    let selectors: Vec<Vec<Matcher>> =
        selectors.collect::<Result<_, _>>().map_err(|error| ApiError::bad_data(error.to_string()))?;
    // Looked at when all of them are read, as in the original.
    if selectors.iter().any(|matchers| matchers.iter().all(Matcher::matches_empty)) {
        return Err(ApiError::bad_data("match[] must contain at least one non-empty matcher"));
    }
    Ok(selectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_read_before_one_is_refused() {
        let error = |texts: &[&str]| parse(texts.iter().copied()).unwrap_err().text;
        let everything = "match[] must contain at least one non-empty matcher";
        assert_eq!(error(&["{x!=\"1\"}", "a"]), everything);
        assert_eq!(error(&["{}"]), everything);
        let unread = error(&["a["]);
        assert_ne!(unread, everything);
        assert_eq!(error(&["{x!=\"1\"}", "a["]), unread);
        assert_eq!(parse(["a", "{b=\"c\"}"].into_iter()).unwrap().len(), 2);
    }
}
