//! Requests and their answers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, HeaderMap, HeaderValue, PROXY_AUTHORIZATION};
use http::uri::{Authority, Uri};
use http::{Method, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::ext::ReasonPhrase;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use platform::FileSystem;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::oauth2::Tokens;
use crate::proxy::{ProxyScheme, host_port};
use crate::redirect::{self, REDIRECTS_MAX};
use crate::transport::Transport;
use crate::{Auth, Error, Settings, auth, body, error};

/// Makes requests with one set of settings, over connections that it keeps; clones share them.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    files: Arc<dyn FileSystem>,
    transport: Transport,
    /// Where a token comes from, where one is needed.
    tokens: Option<Tokens>,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole URL, possibly with a user and password.
    pub url: Uri,
    /// Headers beside those of the settings, which win.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Within this time the whole answer must be there.
    pub timeout: Duration,
}

/// An answer whose body is still to be read.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The words behind the status, where they are not the usual ones.
    reason: Option<ReasonPhrase>,
    body: Incoming,
    /// Where the server goes on in another protocol.
    upgrade: Option<OnUpgrade>,
    deadline: Instant,
}

/// A connection that goes on in another protocol.
pub type Connection = TokioIo<Upgraded>;

impl Client {
    /// A client without connections yet.
    ///
    /// # Errors
    /// `Tls` where certificates or keys cannot be read or used.
    pub fn new(settings: Settings, files: Arc<dyn FileSystem>) -> Result<Self, Error> {
        let transport = Transport::new(&settings, Arc::clone(&files))?;
        let tokens = match &settings.auth {
            Auth::OAuth2(oauth2) => Some(Tokens::new(oauth2, Arc::clone(&files))?),
            _ => None,
        };
        Ok(Self { inner: Arc::new(Inner { settings, files, transport, tokens }) })
    }

    /// Asks, following redirections where the settings say so, and returns the last answer's head.
    ///
    /// # Errors
    /// No answer came in time, or the request could not be made; a status other than 2xx is no error here.
    pub async fn send(&self, request: Request) -> Result<Response, Error> {
        let deadline = Instant::now() + request.timeout;
        let (method, url) = (request.method.clone(), request.url.clone());
        let failed = |reason: String| exchange_error(&method, &url, reason);
        match timeout_at(deadline, self.exchange(request, deadline)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(Failure::Reason(reason))) => Err(failed(reason)),
            Ok(Err(Failure::Other(error))) => Err(error),
            Err(_) => Err(failed("context deadline exceeded".to_owned())),
        }
    }

    async fn exchange(&self, request: Request, deadline: Instant) -> Result<Response, Failure> {
        let Inner { settings, transport, .. } = &*self.inner;
        let http = transport.http(settings).map_err(Failure::Other)?;
        let (mut url, mut headers) = self.prepare(request.url, request.headers, deadline).await?;
        let (mut method, mut body) = (request.method, request.body);
        for _ in 0..=REDIRECTS_MAX {
            let mut asked = http::Request::new(Full::new(body.clone()));
            *asked.method_mut() = method.clone();
            *asked.uri_mut() = url.clone();
            *asked.headers_mut() = headers.clone();
            self.greet_proxy(&url, asked.headers_mut());
            let mut answer = http
                .request(asked)
                .await
                .map_err(|error| Failure::Reason(error::reason(&error, &address(&url))))?;
            let next = settings
                .follow_redirects
                .then(|| redirect::step(&url, &method, answer.status(), answer.headers()));
            let Some(next) = next.flatten() else {
                let switches = answer.status() == StatusCode::SWITCHING_PROTOCOLS;
                let upgrade = switches.then(|| hyper::upgrade::on(&mut answer));
                let (mut head, body) = answer.into_parts();
                let reason = head.extensions.remove::<ReasonPhrase>();
                let (status, headers) = (head.status, head.headers);
                return Ok(Response { status, headers, reason, body, upgrade, deadline });
            };
            redirect::strip_credentials(&url, &next.uri, &mut headers);
            if !next.keep_body {
                body = Bytes::new();
            }
            (url, method) = (next.uri, next.method);
        }
        Err(Failure::Reason(format!("stopped after {REDIRECTS_MAX} redirects")))
    }

    /// The URL without who asks, and the headers with it and all that the settings add.
    pub(crate) async fn prepare(
        &self,
        url: Uri,
        mut headers: HeaderMap,
        deadline: Instant,
    ) -> Result<(Uri, HeaderMap), Failure> {
        let Inner { settings, files, tokens, .. } = &*self.inner;
        let token = match tokens {
            Some(tokens) => Some(tokens.authorization(deadline).await.map_err(Failure::Reason)?),
            None => None,
        };
        let (url, user) = without_user(url).map_err(Failure::Other)?;
        let user = user.as_ref().map(|(name, password)| (name.as_str(), password.as_str()));
        auth::apply(&settings.auth, &settings.headers, user, token, files.as_ref(), &mut headers)
            .map_err(Failure::Other)?;
        Ok((url, headers))
    }

    /// Whether a request for a URL goes as it is: [`Client::prepare`] would add nothing and take nothing away.
    pub(crate) fn adds_nothing(&self, url: &Uri) -> bool {
        let Inner { settings, tokens, .. } = &*self.inner;
        let no_user = url.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        no_user && tokens.is_none() && settings.headers.is_empty() && matches!(settings.auth, Auth::None)
    }

    /// Whether the server of a URL is reached by TCP alone: without TLS, proxy or socket of this machine.
    pub(crate) fn is_direct(&self, url: &Uri) -> bool {
        let settings = &self.inner.settings;
        url.scheme_str() == Some("http")
            && settings.unix_socket.is_none()
            && settings.proxy.rules.of(url).is_none()
    }

    /// Connects to the server of such a URL.
    pub(crate) async fn connect(&self, url: &Uri) -> Result<TcpStream, Failure> {
        self.inner.transport.connect(url).await.map_err(Failure::Reason)
    }

    pub(crate) fn follows_redirects(&self) -> bool {
        self.inner.settings.follow_redirects
    }

    /// Shows a proxy that reads the request itself who asks.
    fn greet_proxy(&self, url: &Uri, headers: &mut HeaderMap) {
        let proxy = self
            .inner
            .settings
            .proxy
            .rules
            .of(url)
            .filter(|proxy| proxy.scheme != ProxyScheme::Socks5 && url.scheme_str() != Some("https"));
        let authorization = proxy.and_then(|proxy| proxy.authorization());
        if let Some(mut value) = authorization.and_then(|text| HeaderValue::try_from(text).ok()) {
            value.set_sensitive(true);
            headers.insert(PROXY_AUTHORIZATION, value);
        }
    }
}

/// Why an exchange failed.
pub(crate) enum Failure {
    /// The exchange broke for a reason that wants the URL before it.
    Reason(String),
    Other(Error),
}

impl Response {
    /// A header as text, `None` where it is missing or no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The status as the server wrote it: `404 Not Found`.
    pub fn status_text(&self) -> String {
        status_text(self.status, self.reason.as_ref().map(ReasonPhrase::as_bytes))
    }

    /// The next bytes of the body as they come, not decompressed; `None` at its end.
    ///
    /// # Errors
    /// The time was over or the body broke off.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        timeout_at(self.deadline, body::next(&mut self.body)).await.unwrap_or(Err(Error::BodyTimeout))
    }

    /// The connection, where the server goes on in the protocol that the request asked for.
    ///
    /// # Errors
    /// It does not, or the connection broke.
    pub async fn upgraded(self) -> Result<Connection, Error> {
        let Some(upgrade) = self.upgrade else {
            return Err(Error::Body("the server does not switch protocols".to_owned()));
        };
        upgrade.await.map(TokioIo::new).map_err(|error| Error::Body(error.to_string()))
    }

    /// Reads the body, decompressed where it is gzip; it must have fewer bytes than `limit`.
    ///
    /// # Errors
    /// The time was over, the body is too large, damaged or breaks off.
    pub async fn bytes(self, limit: Option<u64>) -> Result<Vec<u8>, Error> {
        let gzip = self.header(CONTENT_ENCODING.as_str()).is_some_and(|encoding| encoding == "gzip");
        match timeout_at(self.deadline, body::read(self.body, gzip, limit)).await {
            Ok(read) => read,
            Err(_) => Err(Error::BodyTimeout),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}

/// A status as text, with its usual words or `reason`.
pub(crate) fn status_text(status: StatusCode, reason: Option<&[u8]>) -> String {
    let usual = status.canonical_reason().unwrap_or_default();
    let reason = reason.map_or(usual.into(), String::from_utf8_lossy);
    format!("{} {reason}", status.as_u16()).trim_end().to_owned()
}

/// The error of an answer that did not come.
pub(crate) fn exchange_error(method: &Method, url: &Uri, reason: String) -> Error {
    Error::Exchange { method: method_name(method), url: shown_url(url), reason }
}

/// A URL without its user and password, and these apart.
fn without_user(url: Uri) -> Result<(Uri, Option<(String, String)>), Error> {
    let Some(authority) = url.authority().cloned() else {
        return Err(Error::Url { url: url.to_string(), reason: "no host in request URL".to_owned() });
    };
    let Some((user, host)) = authority.as_str().rsplit_once('@') else { return Ok((url, None)) };
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let mut parts = url.clone().into_parts();
    let rebuilt = host.parse::<Authority>().ok().and_then(|host| {
        parts.authority = Some(host);
        Uri::from_parts(parts).ok()
    });
    let Some(rebuilt) = rebuilt else {
        return Err(Error::Url { url: shown_url(&url), reason: "invalid host".to_owned() });
    };
    Ok((rebuilt, Some((percent_decoded(name), percent_decoded(password)))))
}

/// A text with `%41` for `A`.
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| byte == b'%') {
            Some(decoded) => {
                bytes.push(decoded);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The URL with its password hidden.
fn shown_url(url: &Uri) -> String {
    let text = url.to_string();
    let Some((user, _)) = url.authority().and_then(|authority| authority.as_str().rsplit_once('@')) else {
        return text;
    };
    let shown = user.split_once(':').map_or(user.to_owned(), |(name, _)| format!("{name}:xxxxx"));
    text.replacen(user, &shown, 1)
}

/// Host and port, the port filled in.
pub(crate) fn host_and_port(url: &Uri) -> (&str, u16) {
    let default = if url.scheme_str() == Some("https") { 443 } else { 80 };
    (url.host().unwrap_or_default(), url.port_u16().unwrap_or(default))
}

/// Host and port as one text.
pub(crate) fn address(url: &Uri) -> String {
    let (host, port) = host_and_port(url);
    host_port(host.trim_start_matches('[').trim_end_matches(']'), port)
}

/// The method as Go's errors write it: `Get`.
fn method_name(method: &Method) -> String {
    let mut name = method.as_str().to_ascii_lowercase();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    name
}
