//! As much of HTTP/1.1 as a sender needs, over one connection that is kept.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

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
}

/// A connection to a server.
pub(crate) struct Connection {
    url: Url,
    stream: BufReader<TcpStream>,
    line: String,
}

/// An answer: its status, and the start of its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

/// More of an answer is read and left.
const TEXT_BYTES_MAX: u64 = 500;

impl Connection {
    /// Connects.
    pub(crate) fn open(url: &Url) -> io::Result<Self> {
        let stream = TcpStream::connect(&url.authority)?;
        stream.set_nodelay(true)?;
        Ok(Self { url: url.clone(), stream: BufReader::new(stream), line: String::new() })
    }

    /// Sends a body and waits for the answer.
    pub(crate) fn post(&mut self, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Answer> {
        let mut head = format!("POST {} HTTP/1.1\r\nHost: {}\r\n", self.url.path, self.url.authority);
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        let stream = self.stream.get_mut();
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        self.answer()
    }

    fn read_line(&mut self) -> io::Result<&str> {
        self.line.clear();
        if self.stream.read_line(&mut self.line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(self.line.trim_end())
    }

    fn answer(&mut self) -> io::Result<Answer> {
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
                self.body(size, &mut text)?;
                self.read_line()?;
                if size == 0 {
                    break;
                }
            }
        } else {
            self.body(len, &mut text)?;
        }
        Ok(Answer { status, text: String::from_utf8_lossy(&text).trim_end().to_owned() })
    }

    fn body(&mut self, len: u64, text: &mut Vec<u8>) -> io::Result<()> {
        let kept = len.min(TEXT_BYTES_MAX.saturating_sub(text.len() as u64));
        (&mut self.stream).take(kept).read_to_end(text)?;
        io::copy(&mut (&mut self.stream).take(len - kept), &mut io::sink())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let url = Url::parse("http://127.0.0.1:9090/api/v1/write").unwrap();
        assert_eq!((url.authority.as_str(), url.path.as_str()), ("127.0.0.1:9090", "/api/v1/write"));
        assert_eq!(Url::parse("http://host").map(|url| url.path), Some("/".to_owned()));
        assert_eq!(Url::parse("https://host/"), None);
    }

    #[test]
    fn answers_of_both_kinds_are_read_to_their_end() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = Url::parse(&format!("http://{}/w", listener.local_addr().unwrap())).unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut seen = vec![0; 1024];
            for answer in [
                "HTTP/1.1 204 No Content\r\n\r\n",
                "HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nbad",
                "HTTP/1.1 500 E\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n",
            ] {
                let mut request = String::new();
                while !request.ends_with("\r\n\r\nabc") {
                    let len = stream.read(&mut seen).unwrap();
                    request.push_str(std::str::from_utf8(&seen[..len]).unwrap());
                }
                assert!(request.starts_with("POST /w HTTP/1.1\r\n"));
                assert!(request.contains("X: y\r\nContent-Length: 3\r\n"));
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        let mut connection = Connection::open(&url).unwrap();
        let mut statuses = Vec::new();
        for _ in 0..3 {
            let answer = connection.post(&[("X", "y")], b"abc").unwrap();
            statuses.push((answer.status, answer.text));
        }
        server.join().unwrap();
        assert_eq!(statuses, [(204, String::new()), (400, "bad".to_owned()), (500, "no".to_owned())]);
    }
}
