//! A tunnel through an HTTP proxy (RFC 9110, section 9.3.6).

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::ConnectError;
use crate::Proxy;
use crate::proxy::ProxyUrl;

/// The longest head of an answer that is read.
const HEAD_BYTES_MAX: usize = 16 << 10;

/// Asks the proxy at the other end of `stream` for a tunnel to `target`.
pub(super) async fn open(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    settings: &Proxy,
    proxy: &ProxyUrl,
    target: &str,
) -> Result<(), ConnectError> {
    let mut head = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if let Some(authorization) = proxy.authorization() {
        head.push_str(&format!("Proxy-Authorization: {authorization}\r\n"));
    }
    for (name, values) in &settings.connect_headers {
        for value in values {
            // A line break would begin another header.
            let value = value.expose();
            if name.contains(['\r', '\n', ':']) || value.contains(['\r', '\n']) {
                return Err(ConnectError(format!("invalid proxy connect header {name}")));
            }
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    head.push_str("\r\n");
    let failed = |error: std::io::Error| ConnectError(error.to_string());
    stream.write_all(head.as_bytes()).await.map_err(failed)?;
    let answer = read_head(stream).await?;
    let status = answer.lines().next().unwrap_or_default();
    let (code, reason) = match status.split_once(' ') {
        Some((version, rest)) if version.starts_with("HTTP/1.") => {
            rest.split_once(' ').unwrap_or((rest, "unknown status code"))
        }
        _ => return Err(ConnectError(format!("malformed HTTP response {status:?}"))),
    };
    if code == "200" { Ok(()) } else { Err(ConnectError(reason.trim_end().to_owned())) }
}

/// Reads up to the empty line and no byte further: what follows belongs to the tunnel.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Result<String, ConnectError> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= HEAD_BYTES_MAX {
            return Err(ConnectError("the proxy's answer is too long".to_owned()));
        }
        let byte = stream.read_u8().await.map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => ConnectError("unexpected EOF".to_owned()),
            _ => ConnectError(error.to_string()),
        })?;
        head.push(byte);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
