//! Many questions over one connection, whatever the server does with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::HeaderMap;
use platform::real::RealFileSystem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{Body, Lane, Question};
use crate::tests::{echo, reply, serve};
use crate::{Auth, Client, Error, Secret, SecretSource, Settings};

fn lane(settings: Settings) -> Lane {
    Client::new(settings, Arc::new(RealFileSystem)).unwrap().lane()
}

/// Asks; status, type and body.
async fn ask(
    lane: &mut Lane,
    url: &str,
    limit: Option<u64>,
) -> Result<(String, Option<String>, String), Error> {
    let mut body = Body::default();
    let timeout = Duration::from_secs(20);
    let question = Question::new(url.parse().unwrap(), HeaderMap::new());
    let answer = lane.get(&question, timeout, limit, &mut body).await?;
    let text = String::from_utf8_lossy(body.bytes()).into_owned();
    Ok((answer.status_text.into_owned(), answer.content_type, text))
}

async fn body(lane: &mut Lane, url: &str) -> Result<String, Error> {
    ask(lane, url, None).await.map(|(_, _, text)| text)
}

/// A server that answers the nth request of all its connections with the nth answer, byte by byte where `slowly`,
/// and closes after an answer that `closes` it; returns its address and how many connections it has had.
async fn script(
    answers: Vec<Vec<u8>>,
    slowly: bool,
    closes: fn(usize) -> bool,
) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    tokio::spawn(async move {
        let mut number = 0;
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::Relaxed);
            stream.set_nodelay(true).unwrap();
            let mut head = Vec::new();
            while let Ok(byte) = stream.read_u8().await {
                head.push(byte);
                if !head.ends_with(b"\r\n\r\n") {
                    continue;
                }
                head.clear();
                let Some(answer) = answers.get(number) else { return };
                for part in answer.chunks(if slowly { 1 } else { answer.len().max(1) }) {
                    stream.write_all(part).await.unwrap();
                    tokio::task::yield_now().await;
                }
                number += 1;
                if closes(number) {
                    break;
                }
            }
        }
    });
    (format!("http://{address}/metrics?x=1"), connections)
}

const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n\
    3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";

#[tokio::test]
async fn one_connection_serves_answers_of_all_forms() {
    for slowly in [false, true] {
        let answers = vec![
            reply("200 OK", "Content-Type: text/plain; version=0.0.4\r\n", b"one"),
            CHUNKED.to_vec(),
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".to_vec(),
            reply("200 OK", "Content-Encoding: gzip\r\n", &crate::tests::gzip(b"packed")),
            reply("200 OK", "", b""),
            b"HTTP/1.1 200 OK\r\n\r\nto the end".to_vec(),
        ];
        let (url, connections) = script(answers, slowly, |number| number == 6).await;
        let mut lane = lane(Settings::default());
        let first = ask(&mut lane, &url, None).await.unwrap();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(first, ("200 OK".to_owned(), text("text/plain; version=0.0.4"), "one".to_owned()));
        for expected in ["abc0123456789", "ok", "packed", "", "to the end"] {
            assert_eq!(body(&mut lane, &url).await.unwrap(), expected);
        }
        assert_eq!(connections.load(Ordering::Relaxed), 1);
    }
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_made_anew() {
    let answers = (0..6).map(|number| reply("200 OK", "", format!("{number}").as_bytes())).collect();
    let (url, connections) = script(answers, false, |number| number % 2 == 0).await;
    let mut lane = lane(Settings::default());
    for number in 0..6 {
        assert_eq!(body(&mut lane, &url).await.unwrap(), number.to_string());
    }
    assert_eq!(connections.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_connection_that_the_server_gives_up_is_not_kept() {
    let closing = reply("200 OK", "Connection: Close\r\n", b"a");
    let old = b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nb".to_vec();
    let more = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ncNONSENSE".to_vec();
    let last = reply("200 OK", "", b"d");
    let (url, connections) = script(vec![closing, old, more, last], false, |_| false).await;
    let mut lane = lane(Settings::default());
    for (expected, kept) in [("a", false), ("b", false), ("c", false), ("d", true)] {
        assert_eq!(body(&mut lane, &url).await.unwrap(), expected);
        assert_eq!(lane.idle.is_some(), kept, "{expected}");
    }
    assert_eq!(connections.load(Ordering::Relaxed), 4);
}

#[tokio::test]
async fn limits_hold_whatever_the_form() {
    let forms = [
        reply("200 OK", "", b"12345"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\n\r\n12345".to_vec(),
        reply("200 OK", "Content-Encoding: gzip\r\n", &crate::tests::gzip(b"12345")),
    ];
    for form in forms {
        let (url, _) = script(vec![form.clone(), form], false, |_| true).await;
        let mut lane = lane(Settings::default());
        assert_eq!(ask(&mut lane, &url, Some(6)).await.unwrap().2, "12345");
        assert_eq!(ask(&mut lane, &url, Some(5)).await, Err(Error::BodyTooLarge { limit: 5 }));
    }
}

#[tokio::test]
async fn broken_answers_are_errors() {
    let answers: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"HTTP/1.1 200 OK\r\nContent-Le".to_vec(),
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc".to_vec(),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab".to_vec(),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n".to_vec(),
        b"nonsense\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab".to_vec(),
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab".to_vec(),
    ];
    let (url, _) = script(answers, false, |_| true).await;
    let get = |reason: &str| format!("Get \"{url}\": {reason}");
    for expected in [
        get("EOF"),
        get("EOF"),
        "unexpected EOF".to_owned(),
        "unexpected EOF".to_owned(),
        "invalid byte in chunk length".to_owned(),
        "malformed chunked encoding".to_owned(),
        get("malformed HTTP response"),
        get("http: message cannot contain multiple Content-Length headers"),
        get("bad Content-Length"),
    ] {
        assert_eq!(body(&mut lane(Settings::default()), &url).await.unwrap_err().to_string(), expected);
    }
}

#[tokio::test]
async fn a_target_that_sends_on_is_followed_where_allowed() {
    let address = serve(|head| match head.split(' ').nth(1) {
        Some("/a") => reply("302 Found", "Location: /b\r\n", b""),
        Some("/b") => reply("200 OK", "", b"there"),
        _ => reply("404 Not here", "", b""),
    })
    .await;
    let url = format!("http://{address}/a");
    let mut following = lane(Settings::default());
    for _ in 0..2 {
        assert_eq!(body(&mut following, &url).await.unwrap(), "there");
    }
    let mut still = lane(Settings { follow_redirects: false, ..Settings::default() });
    assert_eq!(ask(&mut still, &url, None).await.unwrap().0, "302 Found");
    assert_eq!(ask(&mut still, &format!("http://{address}/x"), None).await.unwrap().0, "404 Not here");
}

#[tokio::test]
async fn what_is_asked_is_what_all_requests_ask() {
    let address = echo().await;
    let known = Settings { auth: Auth::bearer(Secret::new("tok")), ..Settings::default() };
    asks_as_all_do(&format!("http://{address}/metrics?a=b"), known).await;
    asks_as_all_do(&format!("http://{address}/metrics?a=b"), Settings::default()).await;
    asks_as_all_do(&format!("http://user:word@{address}/metrics"), Settings::default()).await;
    let more =
        crate::Header { name: "X-More".to_owned(), values: vec![SecretSource::Inline(Secret::new("1"))] };
    asks_as_all_do(&format!("http://{address}/"), Settings { headers: vec![more], ..Settings::default() })
        .await;
}

async fn asks_as_all_do(url: &str, settings: Settings) {
    let mut lane = lane(settings.clone());
    let mut headers = HeaderMap::new();
    headers.insert("x-prometheus-scrape-timeout-seconds", "10".parse().unwrap());
    headers.insert("accept", "text/plain".parse().unwrap());
    let mut own = Body::default();
    let timeout = Duration::from_secs(20);
    let question = Question::new(url.parse().unwrap(), headers.clone());
    lane.get(&question, timeout, None, &mut own).await.unwrap();
    let request = crate::Request { headers, ..crate::tests::get(url) };
    let client = Client::new(settings, Arc::new(RealFileSystem)).unwrap();
    let common = client.send(request).await.unwrap().bytes(None).await.unwrap();
    let lines = |bytes: &[u8]| {
        let mut lines: Vec<String> = String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(lines(own.bytes()), lines(&common));
}

#[tokio::test]
async fn failures_are_worded_as_everywhere() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = format!("http://{free}/metrics");
    let error = body(&mut lane(Settings::default()), &url).await.unwrap_err();
    assert_eq!(error.to_string(), format!("Get \"{url}\": dial tcp {free}: connect: connection refused"));
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let short = Duration::from_millis(30);
    let mut out = Body::default();
    let asked = lane(Settings::default());
    let question = |url: &str| Question::new(url.parse().unwrap(), HeaderMap::new());
    let error = { asked }.get(&question(&url), short, None, &mut out).await;
    assert_eq!(error.unwrap_err().to_string(), format!("Get \"{url}\": context deadline exceeded"));
    let (url, _) =
        script(vec![b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc".to_vec()], false, |_| false).await;
    let asked = lane(Settings::default());
    let error = { asked }.get(&question(&url), short, None, &mut out).await;
    assert_eq!(error, Err(Error::BodyTimeout));
}
