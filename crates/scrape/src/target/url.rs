//! The URL of a target from its labels.

use std::collections::BTreeMap;

use model::Labels;

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
    let mut url = format!("{}://{}", labels.value("__scheme__"), labels.value("__address__"));
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
