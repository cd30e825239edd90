//! The URLs of targets for users on other machines.

#[cfg(test)]
mod tests;

/// Hosts that mean another machine to everybody else.
const LOOPBACK_HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// What stands in the place of this machine's own names.
pub(super) struct GlobalUrls {
    scheme: String,
    /// The host under which users reach the server, with its port where it has one.
    authority: String,
    /// The port that the server listens on.
    own_port: String,
}

impl GlobalUrls {
    /// Those of a server that users reach under `external_url`, and that listens on `own_port`.
    pub(super) fn new(external_url: &str, own_port: &str) -> Self {
        let (scheme, rest) = external_url.split_once("://").unwrap_or(("http", external_url));
        let (authority, _) = split_authority(rest);
        Self { scheme: scheme.to_owned(), authority: authority.to_owned(), own_port: own_port.to_owned() }
    }

    /// The URL for users on other machines: of this server itself the one under which users reach it, of others on
    /// this machine with the host of that.
    pub(super) fn of(&self, url: &str) -> String {
        let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
        let (authority, path) = split_authority(rest);
        let (host, port) = split_port(authority);
        if !LOOPBACK_HOSTS.contains(&host) {
            return url.to_owned();
        }
        let (external_host, _) = split_port(&self.authority);
        match port {
            Some(port) if port == self.own_port => format!("{}://{}{path}", self.scheme, self.authority),
            Some(port) => format!("{scheme}://{external_host}:{port}{path}"),
            None => format!("{scheme}://{external_host}{path}"),
        }
    }
}

/// The host with its port, and what comes behind it.
fn split_authority(rest: &str) -> (&str, &str) {
    rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()))
}

/// The host, an IPv6 address in its brackets, and the port where one is named.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    }
}
