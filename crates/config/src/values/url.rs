//! Addresses, taken apart and put together again as Go's `net/url` does it, whose texts the originals show.

mod escape;

use escape::{Part, escape, unescape, valid_encoded};
use model::quote::quote;

use super::secret::MASK;
use crate::{
    decode::{Decoder, Field, Invalid},
    yaml::{Node, Yaml},
};

/// What stands for a password in a printed address.
const PASSWORD_MASK: &str = "xxxxx";

/// An address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Url {
    /// `http`, in small letters; empty when the address is relative.
    pub scheme: String,
    /// What follows the scheme's colon when no slash does: `host:80` reads as scheme `host`, opaque `80`.
    pub opaque: String,
    /// User name and password.
    pub user: Option<(String, Option<String>)>,
    /// Host with port.
    pub host: String,
    /// The path as written.
    pub path: String,
    /// What follows the first `?`, as written.
    pub query: Option<String>,
    /// What follows `#`, as written.
    pub fragment: String,
    /// Two slashes stand there, with or without a host behind them.
    has_authority: bool,
}

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("parse {}: {reason}", quote(text))]
pub struct UrlError {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Url {
    /// Reads an address.
    ///
    /// # Errors
    /// The text is none.
    pub fn parse(text: &str) -> Result<Url, UrlError> {
        let fail = |reason: String| UrlError { text: text.into(), reason };
        let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
        // Go names the part before the fragment when that is wrong.
        let mut url =
            Url::parse_without_fragment(rest).map_err(|reason| UrlError { text: rest.into(), reason })?;
        unescape(fragment, Part::Fragment).map_err(fail)?;
        url.fragment = fragment.into();
        Ok(url)
    }

    fn parse_without_fragment(text: &str) -> Result<Url, String> {
        if text.bytes().any(|c| c < b' ' || c == 0x7f) {
            return Err("net/url: invalid control character in URL".into());
        }
        let mut url = Url::default();
        if text == "*" {
            url.path = "*".into();
            return Ok(url);
        }
        let (scheme, rest) = split_scheme(text)?;
        url.scheme = scheme.to_ascii_lowercase();
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query.to_string())),
            None => (rest, None),
        };
        url.query = query;
        if !rest.starts_with('/') {
            if !url.scheme.is_empty() {
                url.opaque = rest.into();
                return Ok(url);
            }
            if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
                return Err("first path segment in URL cannot contain colon".into());
            }
        }
        let mut path = rest;
        if let Some(after) = rest.strip_prefix("//")
            && !(url.scheme.is_empty() && rest.starts_with("///"))
        {
            let end = after.find('/').unwrap_or(after.len());
            let (authority, after) = after.split_at(end);
            url.take_authority(authority)?;
            url.has_authority = true;
            path = after;
        }
        unescape(path, Part::Path)?;
        url.path = path.into();
        Ok(url)
    }

    fn take_authority(&mut self, authority: &str) -> Result<(), String> {
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        self.host = parse_host(host)?;
        let Some(user) = user else { return Ok(()) };
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
        if !user.chars().all(allowed) {
            return Err("net/url: invalid userinfo".into());
        }
        let (name, password) = match user.split_once(':') {
            Some((name, password)) => (name, Some(unescape(password, Part::UserInfo)?)),
            None => (user, None),
        };
        self.user = Some((unescape(name, Part::UserInfo)?, password));
        Ok(())
    }

    /// Whether no address is given.
    pub fn is_empty(&self) -> bool {
        *self == Url::default()
    }

    /// The host without port and brackets.
    pub fn hostname(&self) -> &str {
        let host = match self.host.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => host,
            _ => &self.host,
        };
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }

    /// The address with its password hidden, as the originals show it.
    pub fn redacted(&self) -> String {
        self.print(Some(PASSWORD_MASK))
    }

    fn print(&self, mask: Option<&str>) -> String {
        let mut out = String::new();
        if !self.scheme.is_empty() {
            out.push_str(&self.scheme);
            out.push(':');
        }
        if self.opaque.is_empty() {
            if !self.scheme.is_empty() && self.has_authority || !self.host.is_empty() || self.user.is_some() {
                if self.has_authority {
                    out.push_str("//");
                }
                if let Some((name, password)) = &self.user {
                    out.push_str(&escape(name, Part::UserInfo));
                    if let Some(password) = password {
                        out.push(':');
                        out.push_str(&escape(mask.unwrap_or(password), Part::UserInfo));
                    }
                    out.push('@');
                }
                out.push_str(&escape(&self.host, Part::Host));
            }
            out.push_str(&printed(&self.path, Part::Path));
        } else {
            out.push_str(&self.opaque);
        }
        if let Some(query) = &self.query {
            out.push('?');
            out.push_str(query);
        }
        if !self.fragment.is_empty() {
            out.push('#');
            out.push_str(&printed(&self.fragment, Part::Fragment));
        }
        out
    }
}

/// The address whole, with its password: for who connects to it.
impl std::fmt::Display for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.print(None))
    }
}

/// A text as it was written where that is a proper encoding, else encoded anew.
fn printed(written: &str, part: Part) -> String {
    if valid_encoded(written, part) {
        return written.into();
    }
    escape(&unescape(written, part).unwrap_or_else(|_| written.into()), part)
}

/// Takes `scheme:` off the front, if one stands there.
fn split_scheme(text: &str) -> Result<(&str, &str), String> {
    for (at, c) in text.char_indices() {
        match c {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if at > 0 => {}
            ':' if at == 0 => return Err("missing protocol scheme".into()),
            ':' => return Ok((text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default())),
            _ => break,
        }
    }
    Ok(("", text))
}

fn parse_host(host: &str) -> Result<String, String> {
    if host.starts_with('[') {
        let Some((address, port)) = host.rsplit_once(']') else { return Err("missing ']' in host".into()) };
        check_port(port)?;
        // Behind `%25` stands the zone, which may hold more than a host name does.
        let (address, zone) = match address.split_once("%25") {
            Some((address, zone)) => (address, format!("%{}", unescape(zone, Part::Zone)?)),
            None => (address, String::new()),
        };
        return Ok(format!("{}{zone}]{port}", unescape(address, Part::Host)?));
    }
    if let Some(at) = host.rfind(':') {
        check_port(host.get(at..).unwrap_or_default())?;
    }
    unescape(host, Part::Host)
}

/// A port is a colon with digits behind it, or with none.
fn check_port(port: &str) -> Result<(), String> {
    let fits =
        port.is_empty() || port.strip_prefix(':').is_some_and(|p| p.bytes().all(|c| c.is_ascii_digit()));
    if fits { Ok(()) } else { Err(format!("invalid port {} after host", quote(port))) }
}

impl Field for Url {
    fn zero() -> Self {
        Url::default()
    }

    fn type_name() -> String {
        "string".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let mut text = String::new();
        if !text.decode(node, decoder)? {
            return Ok(false);
        }
        *self = Url::parse(&text).map_err(|error| {
            let mut problem =
                decoder.problem(node, error.to_string()).expected("an address such as http://host:port/path");
            // An address that cannot be read may hold a password that cannot be found in it.
            problem.found = Some(if text.contains('@') { MASK.into() } else { format!("`{text}`") });
            Box::new(problem)
        })?;
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        Yaml::Text(self.redacted())
    }

    fn is_zero(&self) -> bool {
        self.is_empty()
    }
}
