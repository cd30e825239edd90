//! What curl sends for an expression typed by hand reaches the HTTP library as a URL.

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use super::LenientRequestLines;

/// What is read of what a client writes, in pieces of `size`.
async fn read_of(written: &[u8], size: usize) -> Vec<u8> {
    let (mut client, server) = duplex(64 * 1024);
    for piece in written.chunks(size) {
        client.write_all(piece).await.unwrap();
    }
    drop(client);
    let mut out = Vec::new();
    LenientRequestLines::new(server).read_to_end(&mut out).await.unwrap();
    out
}

#[tokio::test]
async fn quotes_and_angles_of_a_request_line_are_escaped() {
    let request = b"GET /q?query=up{a=\"b\"}>0 HTTP/1.1\r\nX: \"<>\"\r\n\r\n\"body\"";
    let expected = "GET /q?query=up{a=%22b%22}%3E0 HTTP/1.1\r\nX: \"<>\"\r\n\r\n\"body\"";
    for size in [1, 7, 1000] {
        // The first piece must show that it is a request; a real client sends its line whole.
        let read = read_of(request, size.max(6)).await;
        assert_eq!(String::from_utf8(read).unwrap(), expected, "pieces of {size}");
    }
}

#[tokio::test]
async fn other_protocols_pass_as_they_are() {
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\"<>\"";
    assert_eq!(read_of(preface, 1000).await, preface);
}

#[tokio::test]
async fn request_behind_an_answer_is_put_right_too() {
    let (mut client, server) = duplex(1024);
    let mut server = LenientRequestLines::new(server);
    let mut buffer = vec![0; 256];
    for _ in 0..2 {
        client.write_all(b"GET /?a=\"b\" HTTP/1.1\r\n\r\n").await.unwrap();
        let count = server.read(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..count], b"GET /?a=%22b%22 HTTP/1.1\r\n\r\n");
        server.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    }
}
