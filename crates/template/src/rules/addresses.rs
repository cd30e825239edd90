//! Hosts with ports, and links to the pages of the server.

use std::net::IpAddr;

use crate::run::query_escape;

/// Cuts `host:port`; none when it is not of that form.
fn split_host_port(text: &str) -> Option<(&str, &str)> {
    let (host, port) = text.rsplit_once(':')?;
    match host.strip_prefix('[') {
        Some(inside) => {
            let inside = inside.strip_suffix(']')?;
            (!inside.contains(['[', ']'])).then_some((inside, port))
        }
        None => (!host.contains([':', '[', ']'])).then_some((host, port)),
    }
}

/// The host without the port.
pub(super) fn strip_port(text: &str) -> &str {
    split_host_port(text).map_or(text, |(host, _)| host)
}

/// The host without its domain; addresses stay as they are.
pub(super) fn strip_domain(text: &str) -> String {
    let (host, port) = split_host_port(text).unwrap_or((text, ""));
    if host.parse::<IpAddr>().is_ok() {
        return text.to_owned();
    }
    let host = host.split('.').next().unwrap_or_default();
    match port {
        "" => host.to_owned(),
        _ if host.contains(':') => format!("[{host}]:{port}"),
        _ => format!("{host}:{port}"),
    }
}

/// The page that shows an expression, as a graph or as a table.
pub fn expression_link(expression: &str, as_table: bool) -> String {
    format!("/graph?g0.expr={}&g0.tab={}", query_escape(expression), u8::from(as_table))
}
