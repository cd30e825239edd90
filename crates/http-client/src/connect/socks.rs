//! A connection through a SOCKS 5 proxy (RFC 1928, RFC 1929). Names are looked up by the proxy.

use std::net::IpAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::proxy::ProxyUrl;

const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const PASSWORD: u8 = 2;
const PASSWORD_VERSION: u8 = 1;
const CONNECT: u8 = 1;
const ADDRESS_V4: u8 = 1;
const ADDRESS_NAME: u8 = 3;
const ADDRESS_V6: u8 = 4;

/// Asks the proxy at the other end of `stream` to connect to a server.
///
/// # Errors
/// Why it did not, in Go's words.
pub(super) async fn connect(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    proxy: &ProxyUrl,
    host: &str,
    port: u16,
) -> Result<(), String> {
    greet(stream, proxy).await?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let mut request = vec![VERSION, CONNECT, 0];
    match host.parse() {
        Ok(IpAddr::V4(address)) => {
            request.push(ADDRESS_V4);
            request.extend(address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            request.push(ADDRESS_V6);
            request.extend(address.octets());
        }
        Err(_) => {
            request.extend([ADDRESS_NAME, length(host, "FQDN too long")?]);
            request.extend(host.as_bytes());
        }
    }
    request.extend(port.to_be_bytes());
    send(stream, &request).await?;
    let [version, code, _, kind] = receive::<4>(stream).await?;
    if version != VERSION {
        return Err(format!("unexpected protocol version {version}"));
    }
    if code != 0 {
        return Err(format!("unknown error {}", reason(code)));
    }
    // Where the proxy connected from is of no interest, but must be read.
    let bound = match kind {
        ADDRESS_V4 => 4,
        ADDRESS_V6 => 16,
        ADDRESS_NAME => usize::from(receive::<1>(stream).await?[0]),
        other => return Err(format!("unknown address type {other}")),
    };
    let mut rest = vec![0; bound + 2];
    stream.read_exact(&mut rest).await.map_err(|error| error.to_string())?;
    Ok(())
}

/// Agrees on how the client shows who it is, and does.
async fn greet(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), proxy: &ProxyUrl) -> Result<(), String> {
    let greeting: &[u8] = if proxy.user.is_some() {
        &[VERSION, 2, NO_AUTHENTICATION, PASSWORD]
    } else {
        &[VERSION, 1, NO_AUTHENTICATION]
    };
    send(stream, greeting).await?;
    let [version, method] = receive(stream).await?;
    if version != VERSION {
        return Err(format!("unexpected protocol version {version}"));
    }
    match (method, &proxy.user) {
        (NO_AUTHENTICATION, _) => Ok(()),
        (PASSWORD, Some((name, password))) => {
            let password = password.expose();
            let mut request = vec![PASSWORD_VERSION, length(name, "invalid username/password")?];
            request.extend(name.as_bytes());
            request.push(length(password, "invalid username/password")?);
            request.extend(password.as_bytes());
            send(stream, &request).await?;
            let [_, status] = receive(stream).await?;
            if status == 0 { Ok(()) } else { Err("username/password authentication failed".to_owned()) }
        }
        _ => Err("no acceptable authentication methods".to_owned()),
    }
}

fn length(text: &str, too_long: &str) -> Result<u8, String> {
    u8::try_from(text.len()).map_err(|_| too_long.to_owned())
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> Result<(), String> {
    stream.write_all(bytes).await.map_err(|error| error.to_string())
}

async fn receive<const N: usize>(stream: &mut (impl AsyncRead + Unpin)) -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    match stream.read_exact(&mut bytes).await {
        Ok(_) => Ok(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Err("EOF".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn reason(code: u8) -> String {
    let text = match code {
        1 => "general SOCKS server failure",
        2 => "connection not allowed by ruleset",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "TTL expired",
        7 => "command not supported",
        8 => "address type not supported",
        _ => return format!("unknown code: {code}"),
    };
    text.to_owned()
}
