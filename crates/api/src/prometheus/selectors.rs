//! `match[]` parameters.

use model::Matcher;

use crate::error::ApiError;

/// Reads selectors; each needs a matcher that does not match the empty value.
///
/// # Errors
/// The parser's error, or the original's text for a selector of everything, without the parameter's name.
pub(super) fn parse<'a>(texts: impl Iterator<Item = &'a str>) -> Result<Vec<Vec<Matcher>>, ApiError> {
    let mut selectors = Vec::new();
    for text in texts {
        let matchers = promql_syntax::parse_metric_selector(text)
            .map_err(|error| ApiError::bad_data(error.to_string()))?;
        if matchers.iter().all(Matcher::matches_empty) {
            return Err(ApiError::bad_data("match[] must contain at least one non-empty matcher"));
        }
        selectors.push(matchers);
    }
    Ok(selectors)
}
