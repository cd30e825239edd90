//! Requests through proxies.

use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixListener};

use super::tls::{serve_tls, trusting_ca};
use super::{echo, echoed, reply, send, serve};
use crate::{Proxy, ProxyRules, ProxyUrl, Secret, Settings};

fn through(proxy: &str) -> Proxy {
    Proxy { rules: ProxyRules::Always(ProxyUrl::parse(proxy).unwrap()), connect_headers: Vec::new() }
}

/// A proxy that opens tunnels to `target`, whatever it is asked for; what it was asked is noted.
async fn tunnels_to(target: String, status: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            noted.lock().unwrap().push(String::from_utf8(head).unwrap());
            stream.write_all(format!("HTTP/1.1 {status}\r\nX: y\r\n\r\n").as_bytes()).await.unwrap();
            let mut server = TcpStream::connect(&target).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut stream, &mut server).await });
        }
    });
    (address, heads)
}

#[tokio::test]
async fn a_proxy_reads_requests_without_tls_itself() {
    let proxy = echo().await;
    let settings = Settings { proxy: through(&format!("http://me:p%40ss@{proxy}")), ..Settings::default() };
    let head = echoed(settings, "http://nowhere.test:81/metrics?a=b").await;
    assert!(head.starts_with("GET http://nowhere.test:81/metrics?a=b HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("Host: nowhere.test:81\r\n"), "{head}");
    // "me:p@ss" in base64.
    assert!(head.contains("Proxy-Authorization: Basic bWU6cEBzcw==\r\n"), "{head}");
}

#[tokio::test]
async fn requests_with_tls_go_through_a_tunnel() {
    let server = serve_tls(false).await;
    let (proxy, heads) = tunnels_to(server, "200 Connection established").await;
    let mut settings = Settings {
        proxy: through(&format!("http://me:x@{proxy}")),
        tls: trusting_ca(),
        ..Settings::default()
    };
    settings.proxy.connect_headers = vec![("X-Via".to_owned(), vec![Secret::new("one"), Secret::new("two")])];
    let head = echoed(settings, "https://server.test/a").await;
    assert!(head.starts_with("GET /a HTTP/1.1\r\n"), "{head}");
    assert!(!head.contains("Proxy-Authorization") && !head.contains("X-Via"), "{head}");
    let heads = heads.lock().unwrap();
    let asked = &heads[0];
    assert!(asked.starts_with("CONNECT server.test:443 HTTP/1.1\r\nHost: server.test:443\r\n"), "{asked}");
    assert!(asked.contains("Proxy-Authorization: Basic bWU6eA==\r\n"), "{asked}");
    assert!(asked.contains("X-Via: one\r\nX-Via: two\r\n"), "{asked}");
}

#[tokio::test]
async fn a_proxy_may_refuse_a_tunnel() {
    let (proxy, _) = tunnels_to(echo().await, "407 Proxy Authentication Required").await;
    let settings = Settings { proxy: through(&proxy), ..Settings::default() };
    let error = send(settings, "https://server.test/a").await.unwrap_err().to_string();
    assert_eq!(error, "Get \"https://server.test/a\": Proxy Authentication Required");
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let refused = format!("dial tcp {free}: connect: connection refused");
    let asked = async |proxy: String| {
        send(Settings { proxy: through(&proxy), ..Settings::default() }, "http://a.test/").await.unwrap_err()
    };
    let error = asked(format!("http://{free}")).await.to_string();
    assert_eq!(error, format!("Get \"http://a.test/\": proxyconnect tcp: {refused}"));
    let error = asked(format!("socks5://{free}")).await.to_string();
    assert_eq!(error, format!("Get \"http://a.test/\": socks connect tcp {free}->a.test:80: {refused}"));
}

/// A SOCKS proxy that wants a password and connects to `target`; returns what it was asked.
async fn socks_to(target: String) -> (String, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut greeting = [0; 4];
            stream.read_exact(&mut greeting).await.unwrap();
            assert_eq!(greeting, [5, 2, 0, 2]);
            stream.write_all(&[5, 2]).await.unwrap();
            let mut password = [0; 9];
            stream.read_exact(&mut password).await.unwrap();
            stream.write_all(&[1, u8::from(&password != b"\x01\x02me\x04p@ss")]).await.unwrap();
            let mut request = vec![0; 5];
            if stream.read_exact(&mut request).await.is_err() {
                continue;
            }
            let mut rest = vec![0; usize::from(request[4]) + 2];
            stream.read_exact(&mut rest).await.unwrap();
            request.extend(rest);
            *noted.lock().unwrap() = request;
            stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
            let mut server = TcpStream::connect(&target).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut stream, &mut server).await });
        }
    });
    (address, asked)
}

#[tokio::test]
async fn a_socks_proxy_looks_names_up() {
    let (proxy, asked) = socks_to(echo().await).await;
    let settings = Settings { proxy: through(&format!("socks5://me:p%40ss@{proxy}")), ..Settings::default() };
    let head = echoed(settings, "http://nowhere.test:81/x").await;
    assert!(head.starts_with("GET /x HTTP/1.1\r\n"), "{head}");
    assert_eq!(*asked.lock().unwrap(), b"\x05\x01\x00\x03\x0cnowhere.test\x00\x51");
    let wrong = Settings { proxy: through(&format!("socks5://me:pass@{proxy}")), ..Settings::default() };
    let error = send(wrong, "http://nowhere.test:81/x").await.unwrap_err().to_string();
    assert!(error.ends_with("username/password authentication failed"), "{error}");
}

#[tokio::test]
async fn a_socket_of_this_machine_leads_to_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(&reply("200 OK", "", &head)).await.unwrap();
    });
    let settings = |path: &Path| Settings { unix_socket: Some(path.to_owned()), ..Settings::default() };
    let head = echoed(settings(&path), "http://localhost/containers/json").await;
    assert!(head.starts_with("GET /containers/json HTTP/1.1\r\nHost: localhost\r\n"), "{head}");
    let missing = folder.path().join("none");
    let error = send(settings(&missing), "http://localhost/").await.unwrap_err().to_string();
    let reason = format!("dial unix {}: connect: no such file or directory", missing.display());
    assert_eq!(error, format!("Get \"http://localhost/\": {reason}"));
}

#[tokio::test]
async fn a_body_comes_as_it_is_sent() {
    let url = format!("http://{}/", serve(|_| reply("200 OK", "", b"one two")).await);
    let mut response = send(Settings::default(), &url).await.unwrap();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.unwrap() {
        body.extend_from_slice(&chunk);
    }
    assert_eq!(body, b"one two");
}
