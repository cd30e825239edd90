//! Request lines with bytes that a URL should have escaped.
//!
//! `curl 'host/api/v1/query?query=up{job="api"}'` sends the quotes as they are, and so do `>` and `<` in
//! expressions. The original takes them; the HTTP library refuses the request before any handler sees it. So they
//! are escaped on their way in.

#[cfg(test)]
mod tests;

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Escaped bytes take three times their place.
const GROWTH: usize = 3;
/// The most bytes that are read at once while a request line may be among them.
const PIECE_BYTES: usize = 8 * 1024;

/// A connection whose request lines are put right as they are read.
pub(super) struct LenientRequestLines<S> {
    stream: S,
    place: Place,
    /// Bytes that were put right and not handed out yet.
    ready: Vec<u8>,
    handed: usize,
}

/// Where in a request the next byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At its beginning: nothing was read since the connection began or something was answered.
    Start,
    /// In the request line.
    Line,
    /// Behind it: bytes pass as they are.
    Rest,
}

impl<S> LenientRequestLines<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, place: Place::Start, ready: Vec::new(), handed: 0 }
    }

    fn hand_out(&mut self, out: &mut ReadBuf<'_>) {
        let waiting = self.ready.get(self.handed..).unwrap_or_default();
        let bytes = waiting.get(..out.remaining()).unwrap_or(waiting);
        out.put_slice(bytes);
        self.handed += bytes.len();
        if self.handed >= self.ready.len() {
            self.ready.clear();
            self.handed = 0;
        }
    }

    /// Appends what was read, the request line's part of it escaped.
    fn put_right(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        if self.place == Place::Start {
            self.place = if begins_request(bytes) { Place::Line } else { Place::Rest };
        }
        while self.place == Place::Line {
            let Some((byte, behind)) = rest.split_first() else { return };
            rest = behind;
            match byte {
                b'\n' => {
                    self.ready.push(*byte);
                    self.place = Place::Rest;
                }
                b'"' | b'<' | b'>' | b'`' | b'\\' | b'^' | b'|' | 0x80.. => {
                    self.ready.extend_from_slice(format!("%{byte:02X}").as_bytes());
                }
                _ => self.ready.push(*byte),
            }
        }
        self.ready.extend_from_slice(rest);
    }
}

/// Whether bytes begin as a request does: a method, a space, a path.
fn begins_request(bytes: &[u8]) -> bool {
    let method = bytes.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    method > 0 && bytes.get(method..method + 2) == Some(b" /")
}

impl<S: AsyncRead + Unpin> AsyncRead for LenientRequestLines<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.ready.is_empty() {
            this.hand_out(out);
            return Poll::Ready(Ok(()));
        }
        if this.place == Place::Rest {
            return Pin::new(&mut this.stream).poll_read(context, out);
        }
        let mut piece = [MaybeUninit::uninit(); PIECE_BYTES];
        let mut piece = ReadBuf::uninit(&mut piece);
        match Pin::new(&mut this.stream).poll_read(context, &mut piece) {
            Poll::Ready(Ok(())) => {
                this.ready.reserve(piece.filled().len() * GROWTH);
                this.put_right(piece.filled());
                this.hand_out(out);
                Poll::Ready(Ok(()))
            }
            other => other,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for LenientRequestLines<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        // Behind an answer the next request begins. Requests sent before the answer to the last one are left as
        // they are: no client that writes URLs by hand sends such.
        this.place = Place::Start;
        Pin::new(&mut this.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.place = Place::Start;
        Pin::new(&mut this.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
