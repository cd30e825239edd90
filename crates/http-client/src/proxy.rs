//! Proxies: which one, if any, stands between the client and a server.

mod exceptions;
#[cfg(test)]
mod tests;

use http::Uri;

use crate::{Error, Secret};

pub use exceptions::Exceptions;

/// Which proxies are used, and what they are told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proxy {
    /// Which one for which server.
    pub rules: ProxyRules,
    /// Headers that go to the proxy when it is asked for a tunnel.
    pub connect_headers: Vec<(String, Vec<Secret>)>,
}

/// Which proxy stands before which server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ProxyRules {
    /// None.
    #[default]
    Direct,
    /// One before all servers.
    Always(ProxyUrl),
    /// One for each scheme, except for some servers. Servers on this machine are never asked through one.
    Except {
        /// For servers without TLS.
        http: Option<ProxyUrl>,
        /// For servers with TLS.
        https: Option<ProxyUrl>,
        /// The servers that are asked directly.
        exceptions: Exceptions,
    },
}

/// Where a proxy is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyUrl {
    pub(crate) scheme: ProxyScheme,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: Option<(String, Secret)>,
}

/// How a proxy is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProxyScheme {
    Http,
    Https,
    Socks5,
}

impl ProxyUrl {
    /// Reads a URL; without a scheme it is taken for `http`.
    ///
    /// # Errors
    /// `Url` where it is none or its scheme is none of a proxy's.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let failed = |reason: &str| Error::Url { url: hidden(text), reason: reason.to_owned() };
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let (scheme, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (ProxyScheme::Http, 80),
            "https" => (ProxyScheme::Https, 443),
            "socks5" | "socks5h" => (ProxyScheme::Socks5, 1080),
            _ => return Err(failed("unsupported proxy scheme")),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (user, address) = match authority.rsplit_once('@') {
            Some((user, address)) => (Some(user), address),
            None => (None, authority),
        };
        // The host may be an address of version 6 in brackets.
        let (host, port) = match address.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => {
                (host, if port.is_empty() { Ok(default_port) } else { port.parse() })
            }
            _ => (address, Ok(default_port)),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() {
            return Err(failed("no host in proxy URL"));
        }
        let port = port.map_err(|_| failed("invalid port"))?;
        let user = user.map(|user| {
            let (name, password) = user.split_once(':').unwrap_or((user, ""));
            (crate::client::percent_decoded(name), Secret::new(crate::client::percent_decoded(password)))
        });
        Ok(Self { scheme, host: host.to_owned(), port, user })
    }

    /// Host and port as one text.
    pub(crate) fn address(&self) -> String {
        host_port(&self.host, self.port)
    }

    /// The header with the proxy's user and password.
    pub(crate) fn authorization(&self) -> Option<String> {
        let (name, password) = self.user.as_ref()?;
        Some(crate::auth::basic(name, password.expose()))
    }
}

impl ProxyRules {
    /// The rules that variables of the environment give: `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, in capitals
    /// or small letters.
    ///
    /// # Errors
    /// `Url` where one of the proxies is no URL.
    pub fn from_environment(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let either = |name: &str| {
            [name.to_owned(), name.to_ascii_lowercase()]
                .iter()
                .filter_map(|name| variable(name))
                .find(|value| !value.is_empty())
        };
        let proxy = |name: &str| either(name).map(|text| ProxyUrl::parse(&text)).transpose();
        // A program that a web server runs for each request gets a header of that name from whoever asks.
        let http = if variable("REQUEST_METHOD").is_some() { None } else { proxy("HTTP_PROXY")? };
        let https = proxy("HTTPS_PROXY")?;
        let exceptions = Exceptions::parse(&either("NO_PROXY").unwrap_or_default());
        Ok(Self::Except { http, https, exceptions })
    }

    /// The proxy for a URL.
    pub(crate) fn of(&self, url: &Uri) -> Option<&ProxyUrl> {
        match self {
            Self::Direct => None,
            Self::Always(proxy) => Some(proxy),
            Self::Except { http, https, exceptions } => {
                let proxy = if url.scheme_str() == Some("https") { https } else { http }.as_ref()?;
                let (host, port) = crate::client::host_and_port(url);
                (!exceptions.contain(host, port)).then_some(proxy)
            }
        }
    }
}

/// Host and port as one text, an address of version 6 in brackets.
pub(crate) fn host_port(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// A URL without its user and password.
fn hidden(text: &str) -> String {
    match (text.rfind('@'), text.find("://")) {
        (Some(at), Some(scheme)) if scheme + 3 <= at => {
            let before = text.get(..scheme + 3).unwrap_or_default();
            format!("{before}xxxxx{}", text.get(at..).unwrap_or_default())
        }
        (Some(at), None) => format!("xxxxx{}", text.get(at..).unwrap_or_default()),
        _ => text.to_owned(),
    }
}
