//! Servers that are asked without a proxy (`no_proxy`).

use std::net::IpAddr;

/// A list of servers: addresses, ranges of addresses, domains, each with a port or without.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exceptions(Vec<Exception>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Exception {
    /// Every server.
    All,
    /// The addresses that share the first bits with this one.
    Range(IpAddr, u8),
    Address(IpAddr, Option<u16>),
    /// What ends with a dot and this name, and the name itself where it is to match.
    Domain {
        name: String,
        itself: bool,
        port: Option<u16>,
    },
}

impl Exceptions {
    /// Reads a list whose entries are separated by commas; entries that make no sense are passed over.
    pub fn parse(text: &str) -> Self {
        Self(text.split(',').filter_map(|entry| exception(&entry.trim().to_ascii_lowercase())).collect())
    }

    /// Whether a server is in the list. This machine's own names and addresses always are.
    pub(crate) fn contain(&self, host: &str, port: u16) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        let address: Option<IpAddr> = host.parse().ok();
        if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
            return true;
        }
        let same_port = |wanted: &Option<u16>| wanted.is_none_or(|wanted| wanted == port);
        self.0.iter().any(|exception| match exception {
            Exception::All => true,
            Exception::Range(first, bits) => address.is_some_and(|address| shares(*first, address, *bits)),
            Exception::Address(wanted, port) => address == Some(*wanted) && same_port(port),
            Exception::Domain { name, itself, port } => {
                let below = host.strip_suffix(name.as_str()).is_some_and(|above| above.ends_with('.'));
                (below || (*itself && host == *name)) && same_port(port)
            }
        })
    }
}

fn exception(entry: &str) -> Option<Exception> {
    if entry == "*" {
        return Some(Exception::All);
    }
    if let Some((first, bits)) = entry.split_once('/')
        && let (Ok(first), Ok(bits)) = (first.parse::<IpAddr>(), bits.parse::<u8>())
    {
        let most = if first.is_ipv4() { 32 } else { 128 };
        return (bits <= most).then_some(Exception::Range(first, bits));
    }
    let (host, port) = match entry.rsplit_once(':') {
        // Without brackets more than one colon means an address of version 6.
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, port.parse().ok()),
        _ => (entry, None),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = host.parse() {
        return Some(Exception::Address(address, port));
    }
    let host = host.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(host);
    let (name, itself) = host.strip_prefix('.').map_or((host, true), |name| (name, false));
    (!name.is_empty()).then(|| Exception::Domain { name: name.to_owned(), itself, port })
}

/// Whether two addresses share their first bits.
fn shares(one: IpAddr, other: IpAddr, bits: u8) -> bool {
    let (one, other, width) = match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (u128::from(one.to_bits()), u128::from(other.to_bits()), 32),
        (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits(), other.to_bits(), 128),
        _ => return false,
    };
    bits == 0 || (one ^ other) >> (width - u32::from(bits)) == 0
}
