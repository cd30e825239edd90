//! The URL of a target from its labels.

use std::collections::BTreeMap;

use http::Uri;
use http_client::Error as HttpError;
use model::Labels;
use model::quote::quote;

const PARAM_PREFIX: &str = "__param_";

/// `scheme://address/path?params`; parameters of the job, the first value of each replaced by the label's.
pub(super) fn scrape_url(labels: &Labels, params: &[(String, Vec<String>)]) -> String {
    let mut query: BTreeMap<&str, Vec<&str>> = params
        .iter()
        .map(|(name, values)| (name.as_str(), values.iter().map(String::as_str).collect()))
        .collect();
    for (name, value) in labels {
        let Some(name) = name.strip_prefix(PARAM_PREFIX) else { continue };
        let values = query.entry(name).or_default();
        match values.first_mut() {
            Some(first) => *first = value,
            None => values.push(value),
        }
    }
    let scheme = labels.value("__scheme__");
    let colon = if scheme.is_empty() { "" } else { ":" };
    let mut url = format!("{scheme}{colon}//");
    escape(labels.value("__address__"), b"-_.~!$&'()*+,;=:[]<>\"", false, &mut url);
    let path = labels.value("__metrics_path__");
    if !path.is_empty() && !path.starts_with('/') {
        url.push('/');
    }
    escape(path, b"-_.~$&+,/:;=@", false, &mut url);
    let mut separator = '?';
    for (name, values) in query {
        for value in values {
            url.push(separator);
            separator = '&';
            escape(name, b"-_.~", true, &mut url);
            url.push('=');
            escape(value, b"-_.~", true, &mut url);
        }
    }
    url
}

/// The URL as it is asked; `None` where [`refusal`] says why it cannot be.
pub(super) fn uri(url: &str) -> Option<Uri> {
    let uri: Uri = url.parse().ok()?;
    uri.scheme_str()?.starts_with(|first: char| first.is_ascii_alphabetic()).then_some(())?;
    let port = uri.authority()?.as_str().rsplit_once(':').map_or("", |(_, port)| port);
    (port.is_empty() || port.ends_with(']') || port.parse::<u16>().is_ok()).then_some(uri)
}

/// Why a URL cannot be asked, in Go's words.
pub(crate) fn refusal(url: &str) -> HttpError {
    let no_url = |reason: String| HttpError::Url { url: url.to_owned(), reason };
    let not_asked =
        |reason: String| HttpError::Exchange { method: "Get".to_owned(), url: url.to_owned(), reason };
    let (scheme, behind) = url.split_once("//").unwrap_or(("", url));
    if scheme.is_empty() {
        return not_asked("unsupported protocol scheme \"\"".to_owned());
    }
    if !scheme.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return no_url("first path segment in URL cannot contain colon".to_owned());
    }
    let authority = behind.split(['/', '?']).next().unwrap_or_default();
    if let Some((_, port)) = authority.rsplit_once(':')
        && !port.ends_with(']')
    {
        if !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return no_url(format!("invalid port {} after host", quote(&format!(":{port}"))));
        }
        if port.parse::<u16>().is_err() {
            return not_asked(format!("dial tcp: address {port}: invalid port"));
        }
    }
    // Of a name no byte of ASCII may be escaped but the percent sign itself.
    let escaped = authority.match_indices('%').filter_map(|(at, _)| authority.get(at..at + 3));
    let is_ascii = |escape: &&str| escape.as_bytes().get(1).is_some_and(|digit| *digit < b'8');
    match escaped.into_iter().find(|escape| *escape != "%25" && is_ascii(escape)) {
        Some(escape) => no_url(format!("invalid URL escape {}", quote(escape))),
        None => no_url("invalid character in URL".to_owned()),
    }
}

/// Appends a text with a percent sign and two digits for each byte that may not stand as it is.
fn escape(text: &str, plain: &[u8], plus_for_space: bool, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            out.push(char::from(byte));
        } else if byte == b' ' && plus_for_space {
            out.push('+');
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_asked_says_why_as_the_original_does() {
        for (address, url, reason) in [
            ("h:x", "http://h:x/m", "parse \"http://h:x/m\": invalid port \":x\" after host"),
            (
                "h:99999",
                "http://h:99999/m",
                "Get \"http://h:99999/m\": dial tcp: address 99999: invalid port",
            ),
            ("a b:1", "http://a%20b:1/m", "parse \"http://a%20b:1/m\": invalid URL escape \"%20\""),
            ("u@h:1", "http://u%40h:1/m", "parse \"http://u%40h:1/m\": invalid URL escape \"%40\""),
        ] {
            let labels = [("__address__", address), ("__scheme__", "http"), ("__metrics_path__", "/m")];
            assert_eq!(scrape_url(&Labels::from_pairs(labels), &[]), url);
            assert_eq!(uri(url), None);
            assert_eq!(refusal(url).to_string(), reason);
        }
        let first = "1http://h:1/m";
        let expected = "parse \"1http://h:1/m\": first path segment in URL cannot contain colon";
        assert_eq!((uri(first), refusal(first).to_string().as_str()), (None, expected));
        let expected = "Get \"//h:1/m\": unsupported protocol scheme \"\"";
        assert_eq!((uri("//h:1/m"), refusal("//h:1/m").to_string().as_str()), (None, expected));
        for asked in
            ["http://h/m", "http://h:1/m?a=b", "http://[::1]/m", "https://[::1]:9/m", "HTTP://127.0.0.1:80/m"]
        {
            assert!(uri(asked).is_some(), "{asked}");
        }
    }
}
