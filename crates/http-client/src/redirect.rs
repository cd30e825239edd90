//! Where a redirection leads.

use http::header::{AUTHORIZATION, COOKIE, HeaderMap, LOCATION};
use http::{Method, StatusCode, Uri};

/// Redirections followed for one request.
pub(crate) const REDIRECTS_MAX: usize = 10;

/// What to ask next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) uri: Uri,
    pub(crate) method: Method,
    /// Whether the body is sent again.
    pub(crate) keep_body: bool,
}

/// The next step after an answer, `None` where it is no redirection that can be followed.
pub(crate) fn step(from: &Uri, method: &Method, status: StatusCode, headers: &HeaderMap) -> Option<Step> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let keep = match status {
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => false,
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => true,
        _ => return None,
    };
    let uri = resolve(from, location)?;
    let method = if keep || *method == Method::HEAD { method.clone() } else { Method::GET };
    Some(Step { uri, method, keep_body: keep })
}

/// Takes away what only the first host may see, once another one is asked.
pub(crate) fn strip_credentials(from: &Uri, to: &Uri, headers: &mut HeaderMap) {
    if from.authority() != to.authority() {
        headers.remove(AUTHORIZATION);
        headers.remove(COOKIE);
    }
}

/// A reference as seen from `base` (RFC 3986, section 5.2).
fn resolve(base: &Uri, reference: &str) -> Option<Uri> {
    let reference = reference.split_once('#').map_or(reference, |(before, _)| before);
    let scheme = base.scheme_str()?;
    let authority = base.authority()?;
    let absolute = if is_absolute(reference) {
        reference.to_owned()
    } else if let Some(rest) = reference.strip_prefix("//") {
        format!("{scheme}://{rest}")
    } else if reference.starts_with('/') {
        format!("{scheme}://{authority}{}", without_dots(reference))
    } else if reference.is_empty() {
        base.to_string()
    } else if reference.starts_with('?') {
        format!("{scheme}://{authority}{}{reference}", base.path())
    } else {
        let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{scheme}://{authority}{}", without_dots(&format!("{folder}/{reference}")))
    };
    absolute.parse::<Uri>().ok().filter(|uri| uri.authority().is_some())
}

/// Whether a reference begins with a scheme.
fn is_absolute(reference: &str) -> bool {
    reference.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    })
}

/// A path without `.` and `..` segments; the query stays as it is.
fn without_dots(path_and_query: &str) -> String {
    let (path, query) = match path_and_query.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path_and_query, None),
    };
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    if path.ends_with("/.") || path.ends_with("/..") {
        segments.push("");
    }
    let path = format!("/{}", segments.join("/"));
    query.map_or(path.clone(), |query| format!("{path}?{query}"))
}

#[cfg(test)]
mod tests;
