//! Which format a target answers in: what is asked for, and what the answer says (specification, section 3.1).

mod accept;
mod media_type;

use model::name::EscapingScheme;

pub use accept::{content_type, negotiate_accept};
use media_type::MediaTypeError;

/// How a body is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// The Prometheus text format, any version.
    Text,
    /// OpenMetrics text, any version below 2.
    OpenMetrics,
    /// Delimited `io.prometheus.client.MetricFamily` messages.
    Protobuf,
}

/// One of the formats that a scrape may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// `PrometheusProto`
    Protobuf,
    /// `PrometheusText0.0.4`
    Text0_0_4,
    /// `PrometheusText1.0.0`
    Text1_0_0,
    /// `OpenMetricsText0.0.1`
    OpenMetrics0_0_1,
    /// `OpenMetricsText1.0.0`
    OpenMetrics1_0_0,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Protobuf, Self::Text0_0_4, Self::Text1_0_0, Self::OpenMetrics0_0_1, Self::OpenMetrics1_0_0];

    /// What is asked for where nothing is configured, best first.
    pub const DEFAULT: [Self; 4] =
        [Self::OpenMetrics1_0_0, Self::OpenMetrics0_0_1, Self::Text1_0_0, Self::Text0_0_4];

    /// The name in configuration files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Protobuf => "PrometheusProto",
            Self::Text0_0_4 => "PrometheusText0.0.4",
            Self::Text1_0_0 => "PrometheusText1.0.0",
            Self::OpenMetrics0_0_1 => "OpenMetricsText0.0.1",
            Self::OpenMetrics1_0_0 => "OpenMetricsText1.0.0",
        }
    }

    /// The protocol of a name in configuration files.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == name)
    }

    /// How a body in this protocol is read.
    pub const fn format(self) -> Format {
        match self {
            Self::Protobuf => Format::Protobuf,
            Self::Text0_0_4 | Self::Text1_0_0 => Format::Text,
            Self::OpenMetrics0_0_1 | Self::OpenMetrics1_0_0 => Format::OpenMetrics,
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Protobuf => {
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
            }
            Self::Text0_0_4 => "text/plain;version=0.0.4",
            Self::Text1_0_0 => "text/plain;version=1.0.0",
            Self::OpenMetrics0_0_1 => "application/openmetrics-text;version=0.0.1",
            Self::OpenMetrics1_0_0 => "application/openmetrics-text;version=1.0.0",
        }
    }

    /// Whether the protocol lets the scraper say how names are to be escaped.
    const fn knows_escaping(self) -> bool {
        matches!(self, Self::Text1_0_0 | Self::OpenMetrics1_0_0)
    }
}

/// The `Accept` header of a scrape that asks for `protocols`, best first.
pub fn accept_header(protocols: &[Protocol], escaping: EscapingScheme) -> String {
    let mut header = String::new();
    // The weights are tenths; one more than there are protocols, so that the last is above "anything".
    let mut weight = Protocol::ALL.len() + 1;
    for protocol in protocols {
        header.push_str(protocol.media_type());
        if protocol.knows_escaping() {
            header.push_str(";escaping=");
            header.push_str(escaping.as_str());
        }
        header.push_str(&format!(";q=0.{weight},"));
        weight = weight.saturating_sub(1);
    }
    header.push_str(&format!("*/*;q=0.{weight}"));
    header
}

/// An answer whose format is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentTypeError {
    /// No content type, or an empty one.
    #[error(
        "non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target"
    )]
    Blank,
    /// A content type that is none.
    #[error("cannot parse Content-Type \"{got}\" and no fallback_scrape_protocol for target\n{reason}")]
    Malformed {
        /// The header.
        got: String,
        /// Why it is none.
        reason: &'static str,
    },
    /// A content type that no parser is for.
    #[error(
        "received unsupported Content-Type \"{got}\" and no fallback_scrape_protocol specified for target"
    )]
    Unsupported {
        /// The header.
        got: String,
    },
}

/// The format of an answer by its `Content-Type`, or `fallback` where that says nothing usable.
///
/// # Errors
/// The header is of no use and there is no fallback.
pub fn negotiate(content_type: Option<&str>, fallback: Option<Format>) -> Result<Format, ContentTypeError> {
    match by_header(content_type.unwrap_or_default()) {
        Ok(format) => Ok(format),
        Err(error) => fallback.ok_or(error),
    }
}

fn by_header(header: &str) -> Result<Format, ContentTypeError> {
    if header.is_empty() {
        return Err(ContentTypeError::Blank);
    }
    let media_type = media_type::parse(header)
        .map_err(|MediaTypeError(reason)| ContentTypeError::Malformed { got: header.to_owned(), reason })?;
    match media_type.as_str() {
        "text/plain" => Ok(Format::Text),
        "application/openmetrics-text" => Ok(Format::OpenMetrics),
        "application/vnd.google.protobuf" => Ok(Format::Protobuf),
        _ => Err(ContentTypeError::Unsupported { got: header.to_owned() }),
    }
}
