//! In which format a client wants families, by its `Accept` header.

#[cfg(test)]
mod tests;

use model::name::EscapingScheme;

use super::Format;

/// The media type of delimited messages.
const PROTOBUF: &str = "application/vnd.google.protobuf";
/// The message of which a body is made.
const MESSAGE: &str = "io.prometheus.client.MetricFamily";

/// The format and escaping of names that suit a client best; text with underscores where it says nothing usable.
///
/// OpenMetrics is never chosen: families are written without it, as the original does.
pub fn negotiate_accept(header: &str) -> (Format, EscapingScheme) {
    let mut escaping = EscapingScheme::Underscores;
    for wanted in by_weight(header) {
        if let Some(scheme) = EscapingScheme::parse(wanted.parameter("escaping")) {
            escaping = scheme;
        }
        let version = wanted.parameter("version");
        match wanted.media_type {
            PROTOBUF
                if wanted.parameter("proto") == MESSAGE && wanted.parameter("encoding") == "delimited" =>
            {
                return (Format::Protobuf, escaping);
            }
            "text/plain" if matches!(version, "" | "0.0.4" | "1.0.0") => return (Format::Text, escaping),
            _ => {}
        }
    }
    (Format::Text, escaping)
}

/// The `Content-Type` of a body that was written so.
pub fn content_type(format: Format, escaping: EscapingScheme) -> String {
    let escaping = escaping.as_str();
    match format {
        Format::Protobuf => format!("{PROTOBUF}; proto={MESSAGE}; encoding=delimited; escaping={escaping}"),
        Format::Text | Format::OpenMetrics => {
            format!("text/plain; version=0.0.4; charset=utf-8; escaping={escaping}")
        }
    }
}

/// One item of the header.
struct Wanted<'h> {
    media_type: &'h str,
    parameters: Vec<(&'h str, &'h str)>,
    weight: f64,
}

impl Wanted<'_> {
    fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(present, _)| *present == name).map_or("", |(_, value)| value)
    }

    /// Items with `*` say less than others.
    fn specificity(&self) -> usize {
        usize::from(!self.media_type.starts_with("*/")) + usize::from(!self.media_type.ends_with("/*"))
    }
}

fn by_weight(header: &str) -> Vec<Wanted<'_>> {
    let mut items: Vec<Wanted<'_>> = header.split(',').filter_map(item).collect();
    items.sort_by(|left, right| {
        right.weight.total_cmp(&left.weight).then(right.specificity().cmp(&left.specificity()))
    });
    items
}

fn item(text: &str) -> Option<Wanted<'_>> {
    let mut parts = text.split(';').map(str::trim);
    let media_type = parts.next().filter(|media_type| media_type.contains('/'))?;
    let mut wanted = Wanted { media_type, parameters: Vec::new(), weight: 1.0 };
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        let (name, value) = (name.trim(), value.trim().trim_matches('"'));
        if name == "q" {
            wanted.weight = value.parse().unwrap_or(1.0);
        } else {
            wanted.parameters.push((name, value));
        }
    }
    Some(wanted)
}
