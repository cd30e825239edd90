//! Answers are chosen as a real Prometheus chose them for the same headers.

use model::name::EscapingScheme;

use super::{Format, content_type, negotiate_accept};

const PROTOBUF: &str =
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

#[test]
fn text_with_underscores_is_what_nothing_else_is_asked_for() {
    for header in ["", "*/*", "application/json", "text/plain", "application/openmetrics-text;version=1.0.0"]
    {
        assert_eq!(negotiate_accept(header), (Format::Text, EscapingScheme::Underscores), "{header}");
    }
    assert_eq!(
        content_type(Format::Text, EscapingScheme::Underscores),
        "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
    );
}

#[test]
fn heavier_item_wins() {
    let (format, _) = negotiate_accept(&format!("text/plain;version=0.0.4;q=0.3,{PROTOBUF};q=0.4"));
    assert_eq!(format, Format::Protobuf);
    let (format, _) = negotiate_accept(&format!("text/plain;version=0.0.4;q=0.5,{PROTOBUF};q=0.4"));
    assert_eq!(format, Format::Text);
}

#[test]
fn escaping_is_taken_from_any_item_that_was_looked_at() {
    for (header, expected) in [
        ("text/plain;version=0.0.4;escaping=values", EscapingScheme::Values),
        ("text/html;escaping=dots", EscapingScheme::Dots),
        ("text/plain;escaping=nope", EscapingScheme::Underscores),
        ("text/plain;version=1.0.0;escaping=allow-utf-8", EscapingScheme::AllowUtf8),
    ] {
        assert_eq!(negotiate_accept(header).1, expected, "{header}");
    }
}
