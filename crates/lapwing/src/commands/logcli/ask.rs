//! The Loki that is asked.

use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use http::header::{ACCEPT_ENCODING, CONNECTION, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_client::{PemSource, Proxy, ProxyRules, ProxyUrl, SecretSource, TlsSettings};
use jiff::Timestamp;
use platform::FileSystem;
use platform::real::RealFileSystem;
use serde_json::Value;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::attempts::{Attempts, Failure};
use super::flags;
use crate::cli::tool::{ToolCall, ToolFlag};
use crate::commands::query::server::{NoAnswer, Server};
use crate::complain;

const SECOND: i64 = 1_000_000_000;
/// The longest file with a token.
const TOKEN_BYTES_MAX: u64 = 1 << 20;
/// The longest refusal that is shown.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// A Loki.
pub(super) struct Loki {
    base: String,
    server: Server,
    quiet: bool,
    attempts: Attempts,
}

/// The value of a flag, else of a variable of the environment.
pub(super) fn given(call: &ToolCall, flag: &ToolFlag, variable: &str) -> String {
    match call.get(flag.name) {
        "" => std::env::var(variable).unwrap_or_default(),
        value => value.to_owned(),
    }
}

/// Whether a switch is on, by its flag or by a variable of the environment.
fn is_on(call: &ToolCall, flag: &ToolFlag, variable: &str) -> bool {
    call.is_on(flag.name) || std::env::var(variable).is_ok_and(|value| value == "true")
}

/// The token that shows who asks, or what its file holds.
fn bearer_token(call: &ToolCall) -> Result<String, String> {
    let file = given(call, &flags::TOKEN_FILE, "LOKI_BEARER_TOKEN_FILE");
    if file.is_empty() {
        return Ok(given(call, &flags::TOKEN, "LOKI_BEARER_TOKEN"));
    }
    let bytes = RealFileSystem.read(Path::new(&file), TOKEN_BYTES_MAX);
    let bytes = bytes.map_err(|error| format!("--{}: {file}: {error}", flags::TOKEN_FILE.name))?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

/// How servers are trusted, and the client's own certificate.
fn tls(call: &ToolCall) -> TlsSettings {
    let path = |flag: &ToolFlag, variable: &str| {
        Some(given(call, flag, variable)).filter(|path| !path.is_empty()).map(PathBuf::from)
    };
    TlsSettings {
        ca: path(&flags::CA, "LOKI_CA_CERT_PATH").map(PemSource::File),
        cert: path(&flags::CERT, "LOKI_CLIENT_CERT_PATH").map(PemSource::File),
        key: path(&flags::KEY, "LOKI_CLIENT_KEY_PATH").map(SecretSource::File),
        insecure_skip_verify: is_on(call, &flags::SKIP_VERIFY, "LOKI_TLS_SKIP_VERIFY"),
        ..TlsSettings::default()
    }
}

/// What stands between here and the server.
fn proxy(call: &ToolCall) -> Result<Proxy, String> {
    let url = given(call, &flags::PROXY, "LOKI_HTTP_PROXY_URL");
    let rules = if !url.is_empty() {
        ProxyRules::Always(
            ProxyUrl::parse(&url).map_err(|error| format!("--{}: {error}", flags::PROXY.name))?,
        )
    } else if is_on(call, &flags::PROXY_OF_ENVIRONMENT, "LOKI_ENV_PROXY") {
        ProxyRules::from_environment(&|name| std::env::var(name).ok()).map_err(|error| error.to_string())?
    } else {
        ProxyRules::Direct
    };
    Ok(Proxy { rules, ..Proxy::default() })
}

impl Loki {
    /// The one that flags or the environment name.
    pub(super) fn new(call: &ToolCall) -> Result<Self, String> {
        let mut base = given(call, &flags::ADDRESS, "LOKI_ADDR");
        if base.is_empty() {
            "http://localhost:3100".clone_into(&mut base);
        }
        let base = base.trim_end_matches('/').to_owned();
        let proxy = proxy(call)?;
        let mut server = Server::over_http1(&base, call, |settings| {
            settings.tls = tls(call);
            settings.proxy = proxy;
        })?;
        let token = bearer_token(call)?;
        let bearer = if token.is_empty() { String::new() } else { format!("Bearer {token}") };
        let mut auth = given(call, &flags::AUTH_HEADER, "LOKI_AUTH_HEADER");
        if auth.is_empty() {
            "authorization".clone_into(&mut auth);
        }
        let where_on = |is_on: bool, value: &str| if is_on { value.to_owned() } else { String::new() };
        let no_cache = is_on(call, &flags::NO_CACHE, "LOKI_NO_CACHE");
        let compress = is_on(call, &flags::COMPRESS, "LOKI_HTTP_COMPRESSION");
        for (name, value) in [
            (auth.as_str(), bearer),
            ("x-scope-orgid", given(call, &flags::TENANT, "LOKI_ORG_ID")),
            ("x-query-tags", given(call, &flags::TAGS, "LOKI_QUERY_TAGS")),
            ("cache-control", where_on(no_cache, "no-cache")),
            (ACCEPT_ENCODING.as_str(), where_on(compress, "gzip")),
        ] {
            if !value.is_empty() {
                server.add_header(name, &value)?;
            }
        }
        let (base, attempts) = (with_user(&base, call), Attempts::new(call)?);
        Ok(Self { base, server, quiet: call.is_on(flags::QUIET.name), attempts })
    }

    /// Asks below `/loki/api/v1/`.
    pub(super) fn get(&self, path: &str, params: &[(&str, String)]) -> Result<Value, String> {
        let text = self.send(Method::GET, path, params)?;
        serde_json::from_str(&text).map_err(|error| format!("unexpected answer: {error}"))
    }

    /// Sends a request below `/loki/api/v1/` with parameters in its URL; gives the text of the answer.
    pub(super) fn send(
        &self,
        method: Method,
        path: &str,
        params: &[(&str, String)],
    ) -> Result<String, String> {
        let url = self.url(path, params);
        if !self.quiet {
            complain(&without_user(&url), 0);
        }
        self.attempts.run(|| {
            let lost = |error: NoAnswer| Failure { text: error.to_string(), passes: true };
            let (status, body) = self.server.exchange(method.clone(), &url, None).map_err(lost)?;
            let text = String::from_utf8_lossy(&body).into_owned();
            match status {
                200..300 => Ok(text),
                _ => Err(Failure { text: refused(&text, status), passes: status == 429 || status >= 500 }),
            }
        })
    }

    fn url(&self, path: &str, params: &[(&str, String)]) -> String {
        let pairs = params.iter().map(|(name, value)| (*name, value.as_str()));
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        format!("{}/loki/api/v1/{path}?{query}", self.base)
    }

    /// Follows what comes in: hands on each message as long as the connection stands.
    ///
    /// # Errors
    /// The server refuses, or `take` does; an end of the connection is none.
    pub(super) fn follow(
        &self,
        params: &[(&str, String)],
        mut take: impl FnMut(&str) -> Result<(), String>,
    ) -> Result<Ended, String> {
        let url = self.url("tail", params);
        if !self.quiet {
            let shown = without_user(&url).replacen("http", "ws", 1);
            complain(&format!("Connecting to websocket: {shown}"), 0);
        }
        self.server.wait(async {
            let response =
                self.server.open(&url, socket_headers()?).await.map_err(|error| error.to_string())?;
            if response.status != StatusCode::SWITCHING_PROTOCOLS {
                let status = response.status.as_u16();
                let body = response.bytes(Some(ANSWER_BYTES_MAX)).await.unwrap_or_default();
                return Err(refused(&String::from_utf8_lossy(&body), status));
            }
            let connection = response.upgraded().await.map_err(|error| error.to_string())?;
            let mut socket = WebSocketStream::from_raw_socket(connection, Role::Client, None).await;
            loop {
                match socket.next().await {
                    Some(Ok(Message::Text(text))) => take(&text)?,
                    Some(Ok(Message::Close(frame))) => {
                        let code = frame.as_ref().map(|frame| frame.code);
                        let reason = frame.map(|frame| frame.reason.to_string()).unwrap_or_default();
                        return Ok(Ended { well: code == Some(CloseCode::Normal), reason });
                    }
                    // What asks whether somebody is here is answered by the socket itself.
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Ok(Ended { well: false, reason: error.to_string() }),
                    None => return Ok(Ended { well: false, reason: "the connection ended".to_owned() }),
                }
            }
        })
    }
}

/// How a connection ended.
pub(super) struct Ended {
    /// As the server meant it to.
    pub(super) well: bool,
    pub(super) reason: String,
}

/// What a refusal is told as.
fn refused(body: &str, status: u16) -> String {
    format!("Error response from server: {} ({status})", body.trim_end())
}

/// Headers that ask for a websocket.
fn socket_headers() -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    let key = HeaderValue::try_from(generate_key()).map_err(|error| error.to_string())?;
    headers.insert(SEC_WEBSOCKET_KEY, key);
    Ok(headers)
}

/// An address with the user and the password of the command line.
fn with_user(base: &str, call: &ToolCall) -> String {
    let user = given(call, &flags::USER, "LOKI_USERNAME");
    if user.is_empty() {
        return base.to_owned();
    }
    let escaped = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let password = escaped(&given(call, &flags::PASSWORD, "LOKI_PASSWORD"));
    base.replacen("://", &format!("://{}:{password}@", escaped(&user)), 1)
}

/// A URL as it is shown: without a user and a password.
fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rfind('@').map_or(0, |at| at + 1);
    format!("{scheme}://{}", rest.get(host..).unwrap_or_default())
}

/// The span that `--from`, `--to` and `--since` name, in nanoseconds.
pub(super) fn span(call: &ToolCall) -> Result<(i64, i64), String> {
    let read = |flag: &ToolFlag| match call.get(flag.name) {
        "" => Ok(None),
        text => match text.parse::<Timestamp>() {
            Ok(time) => i64::try_from(time.as_nanosecond()).map(Some).map_err(|error| error.to_string()),
            Err(error) => Err(format!("--{}: {error}", flag.name)),
        },
    };
    let end = read(&flags::TO)?.map_or_else(now, Ok)?;
    let since = model::duration::parse_duration(call.get(flags::SINCE.name))
        .map_err(|error| format!("--since: {error}"))?;
    let since = i64::try_from(since.as_nanos()).unwrap_or(i64::MAX);
    Ok((read(&flags::FROM)?.unwrap_or_else(|| end.saturating_sub(since)), end))
}

/// The present time in nanoseconds.
pub(super) fn now() -> Result<i64, String> {
    use platform::Clock;
    Ok(platform::real::RealClock::new().now_ms().saturating_mul(SECOND / 1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_shown_without_a_password() {
        for (url, shown) in [
            ("http://me:p%40ss@loki:3100/loki/api/v1/labels?", "http://loki:3100/loki/api/v1/labels?"),
            ("https://me@loki/a@b?query=c@d", "https://loki/a@b?query=c@d"),
            ("http://loki:3100/a?user=b@c", "http://loki:3100/a?user=b@c"),
            ("loki", "loki"),
        ] {
            assert_eq!(without_user(url), shown, "{url}");
        }
    }
}
