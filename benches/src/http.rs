//! As much of HTTP/1.1 as a sender needs, over one connection that is kept.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::Error;

/// Where requests go: `http://host:port/path`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Url {
    authority: String,
    path: String,
}

impl Url {
    /// Takes a URL apart; `None` where it is none of `http`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("http://")?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        (!authority.is_empty()).then(|| Self { authority: authority.to_owned(), path: format!("/{path}") })
    }

    /// Takes the URL of a flag apart.
    pub(crate) fn of(text: &str) -> Result<Self, Error> {
        Self::parse(text).ok_or_else(|| Error::Url(text.to_owned()))
    }

    /// Its path.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The URL of a path below this one.
    pub(crate) fn join(&self, path: &str) -> Self {
        Self { authority: self.authority.clone(), path: format!("{}{path}", self.path.trim_end_matches('/')) }
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "http://{}{}", self.authority, self.path)
    }
}

/// A connection to a server.
pub(crate) struct Connection {
    url: Url,
    stream: BufReader<TcpStream>,
    line: String,
    /// Whether it has answered before: a server may close one that was idle.
    used: bool,
}

/// An answer: its status, and the start of its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

/// More of an answer that nobody reads is left.
const TEXT_BYTES_MAX: u64 = 500;
/// More than any answer that is read.
pub(crate) const ANSWER_BYTES_MAX: u64 = 1 << 30;
/// A server that says nothing for so long is given up.
const SILENCE_MAX: Duration = Duration::from_secs(300);

impl Connection {
    /// Connects.
    pub(crate) fn open(url: &Url) -> io::Result<Self> {
        Ok(Self { url: url.clone(), stream: connect(url)?, line: String::new(), used: false })
    }

    /// Connects, or says where it failed.
    pub(crate) fn to(url: &Url) -> Result<Self, Error> {
        Self::open(url).map_err(|source| Error::Connection { url: url.to_string(), source })
    }

    /// Sends a body and waits for the answer, of which the start is kept.
    pub(crate) fn post(&mut self, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Answer> {
        let path = self.url.path.clone();
        self.ask("POST", &path, headers, body, TEXT_BYTES_MAX)
    }

    /// Sends a body; any answer but success is an error.
    pub(crate) fn hand_over(&mut self, headers: &[(&str, &str)], body: &[u8]) -> Result<(), Error> {
        let answer = self.post(headers, body);
        let answer = answer.map_err(|source| Error::Connection { url: self.url.to_string(), source })?;
        if answer.status / 100 == 2 {
            return Ok(());
        }
        Err(Error::Refused { url: self.url.to_string(), status: answer.status, text: answer.text })
    }

    /// The whole body of a GET that is answered with success.
    pub(crate) fn get(&mut self, path: &str) -> Result<String, Error> {
        let url = || format!("http://{}{path}", self.url.authority);
        let named = url();
        let answer = self.ask("GET", path, &[], &[], ANSWER_BYTES_MAX);
        let answer = answer.map_err(|source| Error::Connection { url: named.clone(), source })?;
        if answer.status == 200 {
            return Ok(answer.text);
        }
        let text = answer.text.chars().take(TEXT_BYTES_MAX as usize).collect();
        Err(Error::Refused { url: named, status: answer.status, text })
    }

    /// Where it leads.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Sends a request and waits for the answer, of whose body at most `kept` bytes are kept.
    pub(crate) fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
        kept: u64,
    ) -> io::Result<Answer> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.url.authority);
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        let answer = self.exchange(head.as_bytes(), body, kept);
        let answer = match answer {
            // Closed while it was idle.
            Err(error) if self.used && is_closed(&error) => {
                self.stream = connect(&self.url)?;
                self.exchange(head.as_bytes(), body, kept)
            }
            answer => answer,
        };
        self.used = answer.is_ok();
        answer
    }

    fn exchange(&mut self, head: &[u8], body: &[u8], kept: u64) -> io::Result<Answer> {
        let stream = self.stream.get_mut();
        stream.write_all(head)?;
        stream.write_all(body)?;
        self.answer(kept)
    }

    fn read_line(&mut self) -> io::Result<&str> {
        self.line.clear();
        if self.stream.read_line(&mut self.line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(self.line.trim_end())
    }

    fn answer(&mut self, kept: u64) -> io::Result<Answer> {
        let status = self.read_line()?.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or(io::ErrorKind::InvalidData)?;
        let (mut len, mut chunked) = (0, false);
        loop {
            let line = self.read_line()?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            match line.split_once(':').map(|(name, value)| (name, value.trim())) {
                Some(("content-length", value)) => len = value.parse().unwrap_or(0),
                Some(("transfer-encoding", value)) => chunked = value == "chunked",
                _ => {}
            }
        }
        let mut text = Vec::new();
        if chunked {
            loop {
                let size = u64::from_str_radix(self.read_line()?, 16).map_err(io::Error::other)?;
                self.body(size, kept, &mut text)?;
                self.read_line()?;
                if size == 0 {
                    break;
                }
            }
        } else {
            self.body(len, kept, &mut text)?;
        }
        Ok(Answer { status, text: String::from_utf8_lossy(&text).trim_end().to_owned() })
    }

    fn body(&mut self, len: u64, kept: u64, text: &mut Vec<u8>) -> io::Result<()> {
        let kept = len.min(kept.saturating_sub(text.len() as u64));
        if (&mut self.stream).take(kept).read_to_end(text)? as u64 != kept {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        io::copy(&mut (&mut self.stream).take(len - kept), &mut io::sink())?;
        Ok(())
    }
}

fn connect(url: &Url) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(&url.authority)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(SILENCE_MAX))?;
    Ok(BufReader::with_capacity(1 << 16, stream))
}

fn is_closed(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

#[cfg(test)]
pub(crate) mod tests;
