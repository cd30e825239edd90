//! The conversation with a mail server.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{Email, HostPort};
use crate::send::{Failure, Message, Tools};

/// The longest line of an answer.
const LINE_BYTES_MAX: u64 = 8192;
/// The most lines of an answer.
const LINES_MAX: usize = 100;

trait Stream: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send {}
impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send> Stream for T {}

/// A mail as it goes out.
pub(super) struct Envelope {
    pub(super) from: String,
    pub(super) to: Vec<String>,
    pub(super) text: String,
}

struct Session {
    stream: BufStream<Box<dyn Stream>>,
    extensions: Vec<String>,
    is_secure: bool,
}

/// Sends a mail. What fails between here and the server may pass.
pub(super) async fn deliver(
    email: &Email,
    envelope: &Envelope,
    message: &Message,
    tools: &Tools,
) -> Result<(), Failure> {
    let work = async {
        let mut session = Session::open(email, tools).await?;
        session.log_in(email, message, tools).await?;
        let eight = if session.has("8BITMIME") { " BODY=8BITMIME" } else { "" };
        session.ask(&format!("MAIL FROM:<{}>{eight}", envelope.from), 250).await?;
        for to in &envelope.to {
            session.ask(&format!("RCPT TO:<{to}>"), 25).await?;
        }
        session.ask("DATA", 354).await?;
        let stuffed = envelope.text.replace("\r\n.", "\r\n..");
        session.write(&format!("{stuffed}\r\n.\r\n")).await?;
        session.expect(250).await?;
        // It is delivered: how the talk ends does not matter.
        let _ = session.ask("QUIT", 221).await;
        Ok(())
    };
    match tokio::time::timeout(message.timeout, work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Failure {
            may_retry: true,
            text: "context deadline exceeded".to_owned(),
            reason: "contextDeadlineExceeded",
        }),
    }
}

async fn secure(
    stream: Box<dyn Stream>,
    server: &HostPort,
    tools: &Tools,
) -> Result<Box<dyn Stream>, Failure> {
    let config = http_client::client_config(&tools.tls, tools.files.as_ref())
        .map_err(|error| Failure::lasting(error.to_string()))?;
    let name = tools.tls.server_name.clone().unwrap_or_else(|| server.host.clone());
    let name = ServerName::try_from(name).map_err(|error| Failure::lasting(error.to_string()))?;
    let secured = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    Ok(Box::new(secured.map_err(|error| Failure::passing(format!("TLS: {error}")))?))
}

impl Session {
    async fn open(email: &Email, tools: &Tools) -> Result<Session, Failure> {
        let server = &email.smarthost;
        let stream = TcpStream::connect(server.to_string())
            .await
            .map_err(|error| Failure::passing(format!("establish connection to server: {error}")))?;
        let is_secure = email.force_implicit_tls.unwrap_or(server.port == "465");
        let mut stream: Box<dyn Stream> = Box::new(stream);
        if is_secure {
            stream = secure(stream, server, tools).await?;
        }
        let mut session = Session { stream: BufStream::new(stream), extensions: Vec::new(), is_secure };
        session.expect(220).await?;
        session.greet(&email.hello).await?;
        if email.require_tls.unwrap_or(true) && !is_secure {
            if !session.has("STARTTLS") {
                let text = format!(
                    "'require_tls' is true (default) but {server:?} does not advertise the STARTTLS extension"
                );
                return Err(Failure::passing(text));
            }
            session.ask("STARTTLS", 220).await?;
            let plain = session.stream.into_inner();
            let secured = secure(plain, server, tools).await?;
            session = Session { stream: BufStream::new(secured), extensions: Vec::new(), is_secure: true };
            session.greet(&email.hello).await?;
        }
        Ok(session)
    }

    async fn greet(&mut self, hello: &str) -> Result<(), Failure> {
        let answer = self.ask(&format!("EHLO {hello}"), 250).await?;
        self.extensions = answer.lines().skip(1).map(str::to_owned).collect();
        Ok(())
    }

    /// Whether the server has an extension.
    fn has(&self, name: &str) -> bool {
        self.extensions.iter().any(|line| line.split_whitespace().next() == Some(name))
    }

    async fn log_in(&mut self, email: &Email, message: &Message, tools: &Tools) -> Result<(), Failure> {
        if email.auth_username.is_empty() {
            return Ok(());
        }
        let user = message.text(tools, &email.auth_username)?;
        let announced = self.extensions.iter().find_map(|line| line.strip_prefix("AUTH "));
        let mechanisms: Vec<String> =
            announced.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        let secret = tools.secret(email.auth_secret.expose(), &email.auth_secret_file)?;
        let password = tools.secret(email.auth_password.expose(), &email.auth_password_file)?;
        for mechanism in &mechanisms {
            match mechanism.as_str() {
                "CRAM-MD5" if !secret.is_empty() => {
                    let challenge = self.ask("AUTH CRAM-MD5", 334).await?;
                    let challenge = STANDARD.decode(challenge.trim()).unwrap_or_default();
                    let answer = format!("{user} {}", hmac_md5(secret.expose().as_bytes(), &challenge));
                    return self.ask(&STANDARD.encode(answer), 235).await.map(|_| ());
                }
                "PLAIN" if !password.is_empty() => {
                    let host = email.smarthost.host.as_str();
                    if !self.is_secure && !["localhost", "127.0.0.1", "::1"].contains(&host) {
                        return Err(Failure::passing("unencrypted connection: the password is not sent"));
                    }
                    let identity = message.text(tools, &email.auth_identity)?;
                    let answer = STANDARD.encode(format!("{identity}\0{user}\0{}", password.expose()));
                    return self.ask(&format!("AUTH PLAIN {answer}"), 235).await.map(|_| ());
                }
                "LOGIN" if !password.is_empty() => {
                    self.ask("AUTH LOGIN", 334).await?;
                    self.ask(&STANDARD.encode(&user), 334).await?;
                    return self.ask(&STANDARD.encode(password.expose()), 235).await.map(|_| ());
                }
                _ => {}
            }
        }
        Err(Failure::passing(format!("unknown auth mechanism: {}", mechanisms.join(" "))))
    }

    async fn write(&mut self, text: &str) -> Result<(), Failure> {
        let failed = |error: std::io::Error| Failure::passing(error.to_string());
        self.stream.write_all(text.as_bytes()).await.map_err(failed)?;
        self.stream.flush().await.map_err(failed)
    }

    async fn ask(&mut self, line: &str, expected: u16) -> Result<String, Failure> {
        self.write(&format!("{line}\r\n")).await?;
        self.expect(expected).await
    }

    /// Reads an answer whose code begins with `expected`; gives its lines without the code.
    async fn expect(&mut self, expected: u16) -> Result<String, Failure> {
        let mut text = String::new();
        for _ in 0..LINES_MAX {
            let mut line = Vec::new();
            let mut limited = (&mut self.stream).take(LINE_BYTES_MAX);
            let read = limited.read_until(b'\n', &mut line).await;
            read.map_err(|error| Failure::passing(error.to_string()))?;
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let (Some(code), Some(rest)) = (line.get(..3), line.get(3..)) else {
                return Err(Failure::passing("the server ended the connection"));
            };
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(rest.get(1..).unwrap_or_default());
            if rest.starts_with('-') {
                continue;
            }
            if code.starts_with(&expected.to_string()) {
                return Ok(text);
            }
            return Err(Failure::passing(format!("{code} {text}")));
        }
        Err(Failure::passing("the server's answer does not end"))
    }
}

/// The answer to a challenge that shows the secret without telling it.
fn hmac_md5(key: &[u8], text: &[u8]) -> String {
    const BLOCK_BYTES: usize = 64;
    let mut block = if key.len() > BLOCK_BYTES { Md5::digest(key).to_vec() } else { key.to_vec() };
    block.resize(BLOCK_BYTES, 0);
    let mixed = |with: u8| block.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
    let inner = Md5::new().chain_update(mixed(0x36)).chain_update(text).finalize();
    let outer = Md5::new().chain_update(mixed(0x5c)).chain_update(inner).finalize();
    outer.iter().map(|byte| format!("{byte:02x}")).collect()
}
