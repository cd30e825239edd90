//! What stands in `ip("…")`: an address, a network (`10.0.0.0/8`) or a range (`10.0.0.1-10.0.0.9`).

#[cfg(test)]
mod tests;

use std::net::IpAddr;

use model::quote::quote;

/// Addresses of one kind from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IpRange {
    first: IpAddr,
    last: IpAddr,
}

/// Why `ip("…")` cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IpError {
    /// Its text says no addresses.
    #[error("ip: invalid pattern: {}", quote(.0))]
    Pattern(String),
    /// It stands behind an operator that knows no addresses.
    #[error("ip: invalid operation")]
    Operation,
}

impl IpRange {
    /// Reads an address, a network or a range.
    ///
    /// # Errors
    /// [`IpError::Pattern`]
    pub fn parse(text: &str) -> Result<Self, IpError> {
        Self::network(text)
            .or_else(|| Self::range(text))
            .or_else(|| text.parse().ok().map(|address| Self { first: address, last: address }))
            .ok_or_else(|| IpError::Pattern(text.to_owned()))
    }

    /// The first address.
    pub fn first(&self) -> IpAddr {
        self.first
    }

    /// The last address.
    pub fn last(&self) -> IpAddr {
        self.last
    }

    /// Whether an address is one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.first.is_ipv4() && self.first <= address && address <= self.last
    }

    fn network(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let plain = bits.bytes().all(|byte| byte.is_ascii_digit()) && (bits == "0" || !bits.starts_with('0'));
        let bits: u32 = bits.parse().ok().filter(|_| plain)?;
        match address {
            IpAddr::V4(address) => {
                let host = u32::MAX.checked_shr(bits).unwrap_or(0);
                let first = u32::from(address) & !host;
                (bits <= 32).then(|| Self {
                    first: IpAddr::V4(first.into()),
                    last: IpAddr::V4((first | host).into()),
                })
            }
            IpAddr::V6(address) => {
                let host = u128::MAX.checked_shr(bits).unwrap_or(0);
                let first = u128::from(address) & !host;
                (bits <= 128).then(|| Self {
                    first: IpAddr::V6(first.into()),
                    last: IpAddr::V6((first | host).into()),
                })
            }
        }
    }

    fn range(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-')?;
        let (first, last): (IpAddr, IpAddr) = (first.parse().ok()?, last.parse().ok()?);
        (first.is_ipv4() == last.is_ipv4() && first <= last).then_some(Self { first, last })
    }
}
