//! The formats that targets are asked for.

use crate::{
    decode::{Decoder, Field, Invalid},
    yaml::{Node, Yaml},
};

/// Formats by name, best first, as the file gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScrapeProtocols(pub Vec<String>);

/// Names of the formats that there are.
pub(crate) const PROTOCOLS: [&str; 5] = [
    "OpenMetricsText0.0.1",
    "OpenMetricsText1.0.0",
    "PrometheusProto",
    "PrometheusText0.0.4",
    "PrometheusText1.0.0",
];

impl ScrapeProtocols {
    /// What is asked for unless the file says otherwise; the protobuf format, which carries native histograms and
    /// start times, only where it is to be the first.
    pub fn by_default(protobuf_first: bool) -> ScrapeProtocols {
        let text =
            ["OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"];
        let first = protobuf_first.then_some("PrometheusProto");
        ScrapeProtocols(first.into_iter().chain(text).map(String::from).collect())
    }
}

/// Checks that `protocol` is the name of a format.
///
/// # Errors
/// It is none; the message is the original's.
pub(crate) fn check_protocol(protocol: &str) -> Result<(), String> {
    if PROTOCOLS.contains(&protocol) {
        return Ok(());
    }
    Err(format!("unknown scrape protocol {protocol}, supported: [{}]", PROTOCOLS.join(" ")))
}

/// Checks that formats are named, and each once.
///
/// # Errors
/// They are not; the message is the original's, without what it is about.
pub(crate) fn check_protocols(protocols: &ScrapeProtocols) -> Result<(), String> {
    if protocols.0.is_empty() {
        return Err("scrape_protocols cannot be empty".into());
    }
    for (index, protocol) in protocols.0.iter().enumerate() {
        if protocols.0.iter().take(index).any(|before| before == protocol) {
            return Err(format!("duplicated protocol in scrape_protocols, got [{}]", protocols.0.join(" ")));
        }
        check_protocol(protocol).map_err(|message| format!("scrape_protocols: {message}"))?;
    }
    Ok(())
}

impl Field for ScrapeProtocols {
    fn zero() -> Self {
        ScrapeProtocols::default()
    }

    fn type_name() -> String {
        "[]config.ScrapeProtocol".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        if node.sequence().is_none() {
            return Ok(decoder.wrong_type(node, &Self::type_name()));
        }
        self.0.decode(node, decoder)
    }

    fn encode(&self) -> Yaml {
        self.0.encode()
    }

    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }
}
