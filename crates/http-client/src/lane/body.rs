//! Reading an answer.

use std::io;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::head::{Framing, Head};
use crate::{BODY_BYTES_MAX, Error};

/// Room for what an answer may be longer than the one before it.
const SPARE_BYTES: usize = 4096;
/// The longest line that tells a chunk's length, and the longest trailer.
const CHUNK_LINE_BYTES_MAX: usize = 1 << 14;

/// The way through an answer.
pub(super) struct Reading {
    /// The body must have fewer bytes.
    pub(super) limit: u64,
    /// Whether the head is through.
    pub(super) in_body: bool,
    /// About how long the answer will be.
    expected: usize,
}

impl Reading {
    pub(super) fn new(limit: Option<u64>, expected: usize) -> Self {
        Self { limit: limit.unwrap_or(BODY_BYTES_MAX + 1), in_body: false, expected }
    }

    /// Reads up to the end of the head, or further; what only announces the answer is left out.
    pub(super) async fn head(
        &self,
        stream: &mut TcpStream,
        raw: &mut Vec<u8>,
    ) -> io::Result<Result<Head, &'static str>> {
        // Memory is taken when there is something to put there: a server may take its time.
        stream.readable().await?;
        raw.reserve(self.expected + SPARE_BYTES);
        loop {
            if read(stream, raw).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            loop {
                match Head::parse(raw) {
                    Ok(None) => break,
                    Ok(Some(head)) if head.status.is_informational() => {
                        raw.drain(..head.len);
                    }
                    Ok(Some(head)) => return Ok(Ok(head)),
                    Err(reason) => return Ok(Err(reason)),
                }
            }
        }
    }

    /// Reads the body, of which a part may be there already; says whether the connection can be used again.
    pub(super) async fn body(
        &mut self,
        stream: &mut TcpStream,
        head: &Head,
        raw: &mut Vec<u8>,
    ) -> Result<bool, Error> {
        self.in_body = true;
        // What is packed may be a little longer than what is in it, but not by much.
        let most = if head.gzip { self.limit.saturating_add(self.limit / 64 + 1024) } else { self.limit };
        let too_large = Error::BodyTooLarge { limit: self.limit };
        let body_len = |raw: &Vec<u8>| (raw.len() - head.len.min(raw.len())) as u64;
        match head.framing {
            Framing::Length(length) => {
                if length >= most {
                    return Err(too_large);
                }
                let missing = length.saturating_sub(body_len(raw));
                raw.reserve(usize::try_from(missing).unwrap_or(0));
                while body_len(raw) < length {
                    more(stream, raw).await?;
                }
                let exact = body_len(raw) == length;
                raw.truncate(head.len + length as usize);
                Ok(exact && head.keeps)
            }
            Framing::Chunked => {
                let mut chunks = Chunks::new(head.len);
                while !chunks.advance(raw)? {
                    if (chunks.out - head.len) as u64 >= most {
                        return Err(too_large);
                    }
                    more(stream, raw).await?;
                }
                if (chunks.out - head.len) as u64 >= most {
                    return Err(too_large);
                }
                let exact = chunks.at == raw.len();
                raw.truncate(chunks.out);
                Ok(exact && head.keeps)
            }
            Framing::Close => {
                while read(stream, raw).await.map_err(|error| broken_off(&error))? > 0 {
                    if body_len(raw) >= most {
                        return Err(too_large);
                    }
                }
                if body_len(raw) >= most { Err(too_large) } else { Ok(false) }
            }
        }
    }
}

async fn read(stream: &mut TcpStream, raw: &mut Vec<u8>) -> io::Result<usize> {
    if raw.len() == raw.capacity() {
        raw.reserve(raw.len().max(SPARE_BYTES));
    }
    stream.read_buf(raw).await
}

/// Reads more of a body that is not through.
async fn more(stream: &mut TcpStream, raw: &mut Vec<u8>) -> Result<(), Error> {
    match read(stream, raw).await {
        Ok(0) => Err(Error::Body("unexpected EOF".to_owned())),
        Ok(_) => Ok(()),
        Err(error) => Err(broken_off(&error)),
    }
}

fn broken_off(error: &io::Error) -> Error {
    Error::Body(crate::error::exchange_reason(error, ""))
}

/// A chunked body on its way: its chunks are moved together where they stand.
struct Chunks {
    /// What was looked at.
    at: usize,
    /// The end of the chunks that were moved.
    out: usize,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    /// Before the line with a chunk's length.
    Length,
    /// So much of a chunk is still to come.
    Data(usize),
    /// Before the line break behind a chunk.
    DataEnd,
    /// Behind the last chunk.
    Trailer,
}

impl Chunks {
    fn new(start: usize) -> Self {
        Self { at: start, out: start, state: State::Length }
    }

    /// Goes as far as `raw` reaches; says whether that is the end.
    fn advance(&mut self, raw: &mut Vec<u8>) -> Result<bool, Error> {
        loop {
            let rest = raw.get(self.at..).unwrap_or_default();
            match self.state {
                State::Length => {
                    let Some(line) = line(rest)? else { break };
                    let digits = line.split(|byte| matches!(byte, b';' | b' ' | b'\t' | b'\r')).next();
                    let digits = digits.filter(|digits| (1..=15).contains(&digits.len()));
                    let text = digits.and_then(|digits| std::str::from_utf8(digits).ok());
                    let len = text.and_then(|text| usize::from_str_radix(text, 16).ok());
                    let len = len.ok_or_else(|| malformed("invalid byte in chunk length"))?;
                    self.at += line.len() + 1;
                    self.state = if len == 0 { State::Trailer } else { State::Data(len) };
                }
                State::Data(left) => {
                    let here = left.min(rest.len());
                    raw.copy_within(self.at..self.at + here, self.out);
                    (self.at, self.out) = (self.at + here, self.out + here);
                    if here < left {
                        self.state = State::Data(left - here);
                        break;
                    }
                    self.state = State::DataEnd;
                }
                State::DataEnd => match rest {
                    [b'\r', b'\n', ..] => {
                        self.at += 2;
                        self.state = State::Length;
                    }
                    [] | [b'\r'] => break,
                    _ => return Err(malformed("malformed chunked encoding")),
                },
                State::Trailer => {
                    let Some(line) = line(rest)? else { break };
                    self.at += line.len() + 1;
                    if matches!(line, [] | [b'\r']) {
                        return Ok(true);
                    }
                }
            }
        }
        // What is still to be looked at follows what was moved, so that the memory stays as long as the body.
        let (at, rest) = (self.at.min(raw.len()), raw.len().saturating_sub(self.at));
        raw.copy_within(at.., self.out);
        raw.truncate(self.out + rest);
        self.at = self.out;
        Ok(false)
    }
}

/// The line that `bytes` begin with, without its end.
fn line(bytes: &[u8]) -> Result<Option<&[u8]>, Error> {
    match bytes.iter().take(CHUNK_LINE_BYTES_MAX).position(|byte| *byte == b'\n') {
        Some(end) => Ok(bytes.get(..end)),
        None if bytes.len() >= CHUNK_LINE_BYTES_MAX => Err(malformed("header line too long")),
        None => Ok(None),
    }
}

fn malformed(reason: &str) -> Error {
    Error::Body(reason.to_owned())
}
