//! Heads of requests and of answers.

use std::mem::MaybeUninit;

use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, LOCATION, TRANSFER_ENCODING};
use http::{HeaderMap, StatusCode, Uri};
use httparse::Status;

use super::{is_gzip, is_header};

/// The most headers that an answer may have.
const HEADERS_MAX: usize = 100;
/// The longest head that an answer may have.
const HEAD_BYTES_MAX: usize = 1 << 18;

/// What an answer's head says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: StatusCode,
    /// Its words, where they are not the usual ones.
    pub(super) reason: Option<Vec<u8>>,
    /// The length of the head.
    pub(super) len: usize,
    pub(super) framing: Framing,
    /// Whether the connection stands when the body is through.
    pub(super) keeps: bool,
    pub(super) gzip: bool,
    pub(super) content_type: Option<String>,
    /// Whether it sends on to elsewhere.
    pub(super) redirects: bool,
}

/// Where a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    Length(u64),
    Chunked,
    /// With the connection.
    Close,
}

/// A GET request.
pub(super) fn write_request(url: &Uri, headers: &HeaderMap) -> Vec<u8> {
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Vec::with_capacity(512);
    for part in ["GET ", if path.is_empty() { "/" } else { path }, " HTTP/1.1\r\n"] {
        request.extend_from_slice(part.as_bytes());
    }
    if !headers.contains_key(HOST) {
        let host = url.authority().map_or("", |authority| authority.as_str());
        // The usual port is left out, as everybody does.
        let host = host.strip_suffix(":80").unwrap_or(host);
        write_header(&mut request, HOST.as_str(), host.as_bytes());
    }
    for (name, value) in headers {
        write_header(&mut request, name.as_str(), value.as_bytes());
    }
    request.extend_from_slice(b"\r\n");
    request
}

/// Writes a header, each word of its name with a capital letter.
fn write_header(request: &mut Vec<u8>, name: &str, value: &[u8]) {
    let mut begins = true;
    request.extend(name.bytes().map(|byte| {
        let byte = if begins { byte.to_ascii_uppercase() } else { byte };
        begins = byte == b'-';
        byte
    }));
    for part in [b": ", value, b"\r\n"] {
        request.extend_from_slice(part);
    }
}

impl Head {
    /// Reads the head that an answer begins with, `None` where there must be more of it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<Self>, &'static str> {
        let mut headers = [const { MaybeUninit::uninit() }; HEADERS_MAX];
        let mut response = httparse::Response::new(&mut []);
        let rules = httparse::ParserConfig::default();
        let len = match rules.parse_response_with_uninit_headers(&mut response, bytes, &mut headers) {
            Ok(Status::Complete(len)) => len,
            Ok(Status::Partial) if bytes.len() < HEAD_BYTES_MAX => return Ok(None),
            Ok(Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
                return Err("net/http: server response headers exceeded the limit");
            }
            Err(_) => return Err("malformed HTTP response"),
        };
        let status = response.code.and_then(|code| StatusCode::from_u16(code).ok());
        let status = status.ok_or("malformed HTTP status code")?;
        let reason = response.reason.filter(|reason| Some(*reason) != status.canonical_reason());
        let mut head = Self {
            status,
            reason: reason.filter(|reason| !reason.is_empty()).map(|reason| reason.as_bytes().to_vec()),
            len,
            framing: Framing::Close,
            keeps: response.version == Some(1),
            gzip: false,
            content_type: None,
            redirects: false,
        };
        let (mut length, mut chunked) = (None, None);
        for header in response.headers.iter() {
            let (name, value) = (header.name, header.value.trim_ascii());
            if is_header(name, &CONTENT_LENGTH) {
                let given = std::str::from_utf8(value).ok().filter(|text| !text.starts_with('+'));
                let given: u64 = given.and_then(|text| text.parse().ok()).ok_or("bad Content-Length")?;
                if length.replace(given).is_some_and(|before| before != given) {
                    return Err("http: message cannot contain multiple Content-Length headers");
                }
            } else if is_header(name, &TRANSFER_ENCODING) {
                chunked = Some(value.to_ascii_lowercase().ends_with(b"chunked"));
            } else if is_header(name, &CONNECTION) {
                let has = |token: &[u8]| {
                    value
                        .split(|byte| *byte == b',')
                        .any(|part| part.trim_ascii().eq_ignore_ascii_case(token))
                };
                head.keeps = !has(b"close") && (head.keeps || has(b"keep-alive"));
            } else if is_header(name, &CONTENT_TYPE) {
                // The first one counts.
                head.content_type = head.content_type.or(std::str::from_utf8(value).ok().map(str::to_owned));
            } else if is_header(name, &LOCATION) {
                head.redirects = matches!(status.as_u16(), 301..=303 | 307 | 308);
            } else {
                head.gzip |= is_gzip(name, value);
            }
        }
        head.framing = match (chunked, length) {
            (Some(true), _) => Framing::Chunked,
            (None, Some(length)) => Framing::Length(length),
            (Some(false), _) | (None, None) => Framing::Close,
        };
        Ok(Some(head))
    }
}
