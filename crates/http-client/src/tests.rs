//! Requests against a server of this test's own.

mod proxies;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Uri};
use platform::real::RealFileSystem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::{Auth, Client, Error, Header, Request, Response, Secret, SecretSource, Settings};

/// A server that answers each connection's requests with `answer(request head)`; returns its address.
pub(crate) async fn serve(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            tokio::spawn(async move {
                let mut head = Vec::new();
                let mut byte = [0];
                while stream.read_exact(&mut byte).await.is_ok() {
                    head.push(byte[0]);
                    if head.ends_with(b"\r\n\r\n") {
                        let reply = answer(&String::from_utf8_lossy(&head));
                        head.clear();
                        if stream.write_all(&reply).await.is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    address
}

pub(crate) fn reply(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut reply =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    reply.extend_from_slice(body);
    reply
}

pub(crate) fn get(url: &str) -> Request {
    Request {
        method: Method::GET,
        url: url.parse::<Uri>().unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        timeout: Duration::from_secs(20),
    }
}

pub(crate) async fn send(settings: Settings, url: &str) -> Result<Response, Error> {
    Client::new(settings, Arc::new(RealFileSystem)).unwrap().send(get(url)).await
}

/// A server that answers with the request's head as the body.
pub(crate) async fn echo() -> String {
    serve(|head| reply("200 OK", "", head.as_bytes())).await
}

pub(crate) async fn echoed(settings: Settings, url: &str) -> String {
    String::from_utf8(send(settings, url).await.unwrap().bytes(None).await.unwrap()).unwrap()
}

#[tokio::test]
async fn credentials_and_headers_go_with_the_request() {
    let url = format!("http://{}/metrics?a=b", echo().await);
    let inline = |text: &str| SecretSource::Inline(Secret::new(text));
    let basic = Settings {
        auth: Auth::Basic { username: Some(inline("user")), password: Some(inline("pass")) },
        headers: vec![Header { name: "X-Extra".to_owned(), values: vec![inline("v1"), inline("v2")] }],
        ..Settings::default()
    };
    let head = echoed(basic, &url).await;
    assert!(head.starts_with("GET /metrics?a=b HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("Authorization: Basic dXNlcjpwYXNz\r\n"), "{head}");
    assert!(head.contains("X-Extra: v1\r\n") && head.contains("X-Extra: v2\r\n"), "{head}");
    let bearer = Settings { auth: Auth::bearer(Secret::new("tok")), ..Settings::default() };
    assert!(echoed(bearer, &url).await.contains("Authorization: Bearer tok\r\n"));
    let in_url = url.replace("http://", "http://me:p%40ss@");
    // "me:p@ss" in base64.
    assert!(echoed(Settings::default(), &in_url).await.contains("Authorization: Basic bWU6cEBzcw==\r\n"));
}

#[tokio::test]
async fn secrets_in_files_are_read_for_each_request() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let write = |text: &str| {
        #[expect(clippy::disallowed_methods, reason = "the test plays the user who rotates a secret")]
        std::fs::write(&path, text).unwrap();
    };
    write("first\n");
    let credentials = Some(SecretSource::File(path.clone()));
    let settings =
        Settings { auth: Auth::Header { scheme: "Bearer".to_owned(), credentials }, ..Settings::default() };
    let client = Client::new(settings, Arc::new(RealFileSystem)).unwrap();
    let url = format!("http://{}/", echo().await);
    for token in ["first", "second"] {
        write(&format!("{token}\n"));
        let body = client.send(get(&url)).await.unwrap().bytes(None).await.unwrap();
        let head = String::from_utf8(body).unwrap();
        assert!(head.contains(&format!("Authorization: Bearer {token}\r\n")), "{head}");
    }
    drop(folder);
    assert!(matches!(client.send(get(&url)).await, Err(Error::SecretFile { .. })));
}

#[tokio::test]
async fn redirections_are_followed_only_where_allowed() {
    let address = serve(|head| match head.split(' ').nth(1) {
        Some("/a") => reply("302 Found", "Location: ?b=1\r\n", b""),
        Some("/a?b=1") => reply("200 OK", "", b"there"),
        Some("/loop") => reply("302 Found", "Location: /loop\r\n", b""),
        _ => reply("301 Moved Permanently", "", b""),
    })
    .await;
    let url = format!("http://{address}/a");
    let followed = send(Settings::default(), &url).await.unwrap();
    assert_eq!(followed.bytes(None).await.unwrap(), b"there");
    let still = Settings { follow_redirects: false, ..Settings::default() };
    assert_eq!(send(still, &url).await.unwrap().status, 302);
    let nowhere = send(Settings::default(), &format!("http://{address}/x")).await.unwrap();
    assert_eq!(nowhere.status_text(), "301 Moved Permanently");
    let error = send(Settings::default(), &format!("http://{address}/loop")).await.unwrap_err();
    assert_eq!(error.to_string(), format!("Get \"http://{address}/loop\": stopped after 10 redirects"));
}

#[tokio::test]
async fn a_server_may_word_its_status_itself() {
    let url = format!("http://{}/", serve(|_| reply("418 Leave me alone", "", b"")).await);
    assert_eq!(send(Settings::default(), &url).await.unwrap().status_text(), "418 Leave me alone");
}

#[tokio::test]
async fn bodies_stay_below_their_limit() {
    let url = format!("http://{}/", serve(|_| reply("200 OK", "", b"12345")).await);
    let limited = async |limit| send(Settings::default(), &url).await.unwrap().bytes(limit).await;
    assert_eq!(limited(Some(6)).await.unwrap(), b"12345");
    assert_eq!(limited(Some(5)).await, Err(Error::BodyTooLarge { limit: 5 }));
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn gzip_is_unpacked_within_the_limit() {
    let bomb = gzip(&vec![b'a'; 10_000_000]);
    let good = serve(move |_| reply("200 OK", "Content-Encoding: gzip\r\n", &bomb)).await;
    let url = format!("http://{good}/");
    let whole = send(Settings::default(), &url).await.unwrap().bytes(None).await.unwrap();
    assert_eq!(whole.len(), 10_000_000);
    let cut = send(Settings::default(), &url).await.unwrap().bytes(Some(1_000_000)).await;
    assert_eq!(cut, Err(Error::BodyTooLarge { limit: 1_000_000 }));
    let bad = serve(|_| reply("200 OK", "Content-Encoding: gzip\r\n", b"no gzip at all")).await;
    let error = send(Settings::default(), &format!("http://{bad}/")).await.unwrap().bytes(None).await;
    assert_eq!(error.unwrap_err().to_string(), "gzip: invalid header");
    let half = gzip(b"some text that is long enough to be cut in half");
    let half = half[..half.len() / 2].to_vec();
    let broken = serve(move |_| reply("200 OK", "Content-Encoding: gzip\r\n", &half)).await;
    let error = send(Settings::default(), &format!("http://{broken}/")).await.unwrap().bytes(None).await;
    assert_eq!(error.unwrap_err().to_string(), "unexpected EOF");
}

#[tokio::test]
async fn failures_are_worded_as_go_words_them() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = send(Settings::default(), &format!("http://{free}/metrics")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("Get \"http://{free}/metrics\": dial tcp {free}: connect: connection refused")
    );
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://user:pass@{}/", silent.local_addr().unwrap());
    let client = Client::new(Settings::default(), Arc::new(RealFileSystem)).unwrap();
    let error = client.send(Request { timeout: Duration::from_millis(30), ..get(&url) }).await.unwrap_err();
    let shown = url.replace("user:pass", "user:xxxxx");
    assert_eq!(error.to_string(), format!("Get \"{shown}\": context deadline exceeded"));
}

#[test]
fn secrets_are_masked() {
    let auth = Auth::Basic {
        username: Some(SecretSource::Inline(Secret::new("hunter1"))),
        password: Some(SecretSource::Inline(Secret::new("hunter2"))),
    };
    let client = Client::new(Settings { auth, ..Settings::default() }, Arc::new(RealFileSystem)).unwrap();
    let shown = format!("{client:?}");
    assert!(!shown.contains("hunter") && shown.contains("<secret>"), "{shown}");
}
