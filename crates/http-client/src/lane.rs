//! One server that is asked again and again over one connection.
//!
//! A target is asked every few seconds for years, and most are reached by plain TCP. A lane speaks as much HTTP/1.1
//! as that needs within the task that asks, and reads into memory that its caller lends: no second task for the
//! connection, no channel between the two, no copy of the body, and nothing is held between two questions but the
//! connection. What is reached in another way (TLS, a proxy, a socket of this machine, redirections) goes the way
//! of all other requests.

mod body;
mod head;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::io;
use std::time::Duration;

use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, Method, StatusCode, Uri};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::body::unpack;
use crate::client::{Failure, address, exchange_error, status_text};
use crate::error::exchange_reason;
use crate::transport::IDLE_MAX;
use crate::{Client, Error, Request};
use body::Reading;
use head::{Head, write_request};

/// A way to one server.
#[derive(Debug)]
pub struct Lane {
    client: Client,
    idle: Option<Idle>,
    /// The server sends on to elsewhere.
    redirected: bool,
    /// Length of the last whole answer.
    expected: usize,
}

/// What is asked of one server again and again.
#[derive(Debug)]
pub struct Question {
    url: Uri,
    headers: HeaderMap,
    /// The request as it is sent where the client adds nothing to it.
    request: Vec<u8>,
}

impl Question {
    /// A GET of a URL with these headers.
    pub fn new(url: Uri, headers: HeaderMap) -> Self {
        let mut request = write_request(&url, &headers);
        request.shrink_to_fit();
        Self { url, headers, request }
    }
}

/// A connection on which nothing is asked.
#[derive(Debug)]
struct Idle {
    stream: TcpStream,
    since: Instant,
}

/// What a server said before its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The status as the server wrote it: `404 Not Found`.
    pub status_text: Cow<'static, str>,
    /// The body's type, where it is given as text.
    pub content_type: Option<String>,
}

/// The body of an answer, in memory that is used again.
#[derive(Debug, Default)]
pub struct Body {
    /// The answer as it came; its body without the marks of chunks.
    raw: Vec<u8>,
    /// Where the body begins in it.
    start: usize,
    unpacked: Vec<u8>,
    packed: bool,
}

impl Body {
    /// The body, decompressed where it came as gzip.
    pub fn bytes(&self) -> &[u8] {
        if self.packed { &self.unpacked } else { self.raw.get(self.start..).unwrap_or_default() }
    }

    /// How much memory it has.
    pub fn capacity(&self) -> usize {
        self.raw.capacity() + self.unpacked.capacity()
    }

    fn clear(&mut self) {
        self.raw.clear();
        self.unpacked.clear();
        (self.start, self.packed) = (0, false);
    }
}

/// How an exchange ended that did not fail.
enum Exchanged {
    Answered(Answer),
    /// The server sends on to elsewhere.
    Redirected,
}

/// Whether the server can have seen a question that failed.
enum Broken {
    /// The connection was closed since it was last used: another one may do.
    Stale,
    Failed(Failure),
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Client {
    /// A way to one server, without a connection yet.
    pub fn lane(&self) -> Lane {
        Lane { client: self.clone(), idle: None, redirected: false, expected: 0 }
    }
}

impl Lane {
    /// Asks by GET; the body of an answer with status 200 is read to its end, and must have fewer bytes than
    /// `limit`. That of any other answer is left.
    ///
    /// # Errors
    /// As [`Client::send`] and [`Response::bytes`](crate::Response::bytes).
    pub async fn get(
        &mut self,
        question: &Question,
        timeout: Duration,
        limit: Option<u64>,
        body: &mut Body,
    ) -> Result<Answer, Error> {
        body.clear();
        let url = &question.url;
        let deadline = Instant::now() + timeout;
        if self.redirected || !self.client.is_direct(url) {
            return self.get_commonly(question, deadline, limit, body).await;
        }
        let mut reading = Reading::new(limit, self.expected);
        let failed = |reason: String| exchange_error(&Method::GET, url, reason);
        let exchanged = timeout_at(deadline, self.exchange(question, deadline, &mut reading, body)).await;
        match exchanged {
            Ok(Ok(Exchanged::Answered(answer))) => Ok(answer),
            Ok(Ok(Exchanged::Redirected)) => {
                self.redirected = true;
                body.clear();
                self.get_commonly(question, deadline, limit, body).await
            }
            Ok(Err(Failure::Reason(reason))) => Err(failed(reason)),
            Ok(Err(Failure::Other(error))) => Err(error),
            Err(_) if reading.in_body => Err(Error::BodyTimeout),
            Err(_) => Err(failed("context deadline exceeded".to_owned())),
        }
    }

    /// Asks as everybody does.
    async fn get_commonly(
        &self,
        question: &Question,
        deadline: Instant,
        limit: Option<u64>,
        body: &mut Body,
    ) -> Result<Answer, Error> {
        let timeout = deadline.saturating_duration_since(Instant::now());
        let (url, headers) = (question.url.clone(), question.headers.clone());
        let nothing = bytes::Bytes::new();
        let request = Request { method: Method::GET, url, headers, body: nothing, timeout };
        let response = self.client.send(request).await?;
        let content_type = response.header(CONTENT_TYPE.as_str()).map(str::to_owned);
        let answer =
            Answer { status: response.status, status_text: response.status_text().into(), content_type };
        if answer.status == StatusCode::OK {
            body.raw = response.bytes(limit).await?;
        }
        Ok(answer)
    }

    async fn exchange(
        &mut self,
        question: &Question,
        deadline: Instant,
        reading: &mut Reading,
        body: &mut Body,
    ) -> Result<Exchanged, Failure> {
        let (url, request) = if self.client.adds_nothing(&question.url) {
            (Cow::Borrowed(&question.url), Cow::Borrowed(&*question.request))
        } else {
            let (url, headers) = (question.url.clone(), question.headers.clone());
            let (url, headers) = self.client.prepare(url, headers, deadline).await?;
            let request = write_request(&url, &headers);
            (Cow::Owned(url), Cow::Owned(request))
        };
        let idle = self.idle.take().filter(|idle| idle.since.elapsed() < IDLE_MAX);
        if let Some(Idle { stream, .. }) = idle {
            match self.ask(stream, &url, &request, reading, body, true).await {
                Ok(exchanged) => return Ok(exchanged),
                Err(Broken::Stale) => body.clear(),
                Err(Broken::Failed(failure)) => return Err(failure),
            }
        }
        let stream = self.client.connect(&url).await?;
        match self.ask(stream, &url, &request, reading, body, false).await {
            Ok(exchanged) => Ok(exchanged),
            Err(Broken::Failed(failure)) => Err(failure),
            Err(Broken::Stale) => Err(Failure::Reason("EOF".to_owned())),
        }
    }

    /// Asks over a connection, and keeps it where it can be used again; `used` says that it was used before.
    async fn ask(
        &mut self,
        mut stream: TcpStream,
        url: &Uri,
        request: &[u8],
        reading: &mut Reading,
        body: &mut Body,
        used: bool,
    ) -> Result<Exchanged, Broken> {
        let broken = |error: io::Error, unanswered: bool| {
            let stale = unanswered && (used || error.kind() == io::ErrorKind::UnexpectedEof);
            let reason = || Failure::Reason(exchange_reason(&error, &address(url)));
            if stale { Broken::Stale } else { Broken::Failed(reason()) }
        };
        stream.write_all(request).await.map_err(|error| broken(error, true))?;
        let head = match reading.head(&mut stream, &mut body.raw).await {
            Ok(head) => head.map_err(|reason| Failure::Reason(reason.to_owned()))?,
            Err(error) => return Err(broken(error, body.raw.is_empty())),
        };
        if head.redirects && self.client.follows_redirects() {
            return Ok(Exchanged::Redirected);
        }
        let Head { status, reason, content_type, gzip, .. } = &head;
        let status_text = match reason {
            None if *status == StatusCode::OK => Cow::Borrowed("200 OK"),
            reason => status_text(*status, reason.as_deref()).into(),
        };
        let answer = Answer { status: *status, status_text, content_type: content_type.clone() };
        if *status != StatusCode::OK {
            return Ok(Exchanged::Answered(answer));
        }
        let reusable = reading.body(&mut stream, &head, &mut body.raw).await.map_err(Failure::Other)?;
        body.start = head.len;
        self.expected = body.raw.len();
        if *gzip {
            let packed = body.raw.get(head.len..).unwrap_or_default();
            unpack(packed, &mut body.unpacked, reading.limit).map_err(Failure::Other)?;
            body.packed = true;
        }
        if reusable {
            self.idle = Some(Idle { stream, since: Instant::now() });
        }
        Ok(Exchanged::Answered(answer))
    }
}

/// Whether a header of an answer is one that a lane looks at as text.
fn is_header(name: &str, header: &http::HeaderName) -> bool {
    name.eq_ignore_ascii_case(header.as_str())
}

/// Whether the body is compressed.
fn is_gzip(name: &str, value: &[u8]) -> bool {
    is_header(name, &CONTENT_ENCODING) && value == b"gzip"
}
