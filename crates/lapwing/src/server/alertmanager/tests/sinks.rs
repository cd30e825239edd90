//! What receives notifications in tests: an HTTP server and a mail server on the loopback interface.

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The kinds of receivers.
pub(super) const KINDS: [&str; 4] = ["webhook", "slack", "pagerduty", "email"];

/// Something that was received.
pub(super) struct Delivery {
    pub(super) kind: &'static str,
    pub(super) body: String,
}

/// The servers with what they received.
pub(super) struct Sinks {
    pub(super) http: String,
    pub(super) smtp: String,
    pub(super) heard: UnboundedReceiver<Delivery>,
}

impl Sinks {
    pub(super) async fn start() -> Self {
        let (told, heard) = unbounded_channel();
        let http = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let smtp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addresses = [&http, &smtp].map(|listener| listener.local_addr().unwrap().to_string());
        let of_mail = told.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = http.accept().await {
                tokio::spawn(serve_http(stream, told.clone()));
            }
        });
        tokio::spawn(async move {
            while let Ok((stream, _)) = smtp.accept().await {
                tokio::spawn(serve_mail(stream, of_mail.clone()));
            }
        });
        let [http, smtp] = addresses;
        Self { http, smtp, heard }
    }
}

async fn serve_http(stream: TcpStream, told: UnboundedSender<Delivery>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.ok().filter(|bytes| *bytes > 0)?;
            if line.trim().is_empty() {
                break;
            }
            lines.push(line.to_ascii_lowercase());
        }
        let length = lines.iter().find_map(|line| line.strip_prefix("content-length:"))?;
        let mut body = vec![0; length.trim().parse().ok()?];
        stream.read_exact(&mut body).await.ok()?;
        let kind = KINDS.into_iter().find(|kind| lines.first().is_some_and(|line| line.contains(kind)))?;
        told.send(Delivery { kind, body: String::from_utf8(body).ok()? }).ok()?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.ok()?;
    }
}

async fn serve_mail(stream: TcpStream, told: UnboundedSender<Delivery>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sink ESMTP\r\n").await.ok()?;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|bytes| *bytes > 0)?;
        let answer: &[u8] = match line.trim().to_ascii_uppercase().as_str() {
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.ok()?;
                let mut body = String::new();
                while !body.ends_with("\r\n.\r\n") {
                    stream.read_line(&mut body).await.ok().filter(|bytes| *bytes > 0)?;
                }
                told.send(Delivery { kind: "email", body }).ok()?;
                b"250 queued\r\n"
            }
            "QUIT" => b"221 bye\r\n",
            _ => b"250 ok\r\n",
        };
        stream.write_all(answer).await.ok()?;
    }
}

/// Whether a receiver of this kind was told that the alert of this name, and no other, is in this state.
pub(super) fn says(kind: &str, body: &str, name: &str, state: &str) -> bool {
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let text = |path: &str| json.pointer(path).and_then(Value::as_str).unwrap_or_default();
    match kind {
        "webhook" => {
            text("/status") == state
                && text("/groupLabels/alertname") == name
                && text("/alerts/0/status") == state
        }
        "slack" => {
            let title =
                if state == "firing" { format!("[FIRING:1] {name} ") } else { format!("[RESOLVED] {name} ") };
            text("/attachments/0/title").starts_with(&title) && text("/channel") == "#alerts"
        }
        "pagerduty" => {
            let action = if state == "firing" { "trigger" } else { "resolve" };
            text("/event_action") == action && text("/payload/summary").contains(&format!("] {name} "))
        }
        _ => {
            let subject = if state == "firing" {
                format!("Subject: [FIRING:1] {name} ")
            } else {
                format!("Subject: [RESOLVED] {name} ")
            };
            let head = body.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
            head.contains(&subject) && body.contains("text/html")
        }
    }
}
