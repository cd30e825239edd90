//! Names in the DNS.

use std::time::Duration;

use crate::{
    decode::{Check, Decoder, Invalid, section},
    yaml::Node,
};

section! {
    /// Names that are asked for in the DNS.
    pub struct DnsSdConfig as "dns.plain" {
        /// The names.
        names: Vec<String> = Vec::new() => ["names", always];
        /// How often.
        refresh_interval: Duration = Duration::from_secs(30) => ["refresh_interval"];
        /// The type of record: `SRV`, `A`, `AAAA`, `MX` or `NS`, in any case.
        kind: String = "SRV".into() => ["type", always];
        /// The port of the targets, where the records name none.
        port: isize = 0 => ["port", always];
    }
}

impl Check for DnsSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.names.is_empty() {
            let message = "DNS-SD config must contain at least one SRV record name";
            return Err(decoder.invalid_key(node, "names", message));
        }
        match self.kind.to_ascii_uppercase().as_str() {
            "SRV" => Ok(()),
            "A" | "AAAA" | "MX" | "NS" if self.port == 0 => {
                let message = "a port is required in DNS-SD configs for all record types except SRV";
                Err(decoder.invalid_key(node, "port", message))
            }
            "A" | "AAAA" | "MX" | "NS" => Ok(()),
            _ => {
                let problem =
                    decoder.invalid_key(node, "type", format!("invalid DNS-SD records type {}", self.kind));
                Err(Box::new(problem.expected("SRV, A, AAAA, MX or NS")))
            }
        }
    }
}
