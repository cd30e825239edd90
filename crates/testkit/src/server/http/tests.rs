//! Answers in HTTP/1.1 as servers write them.

use super::parse;

#[test]
fn answers_are_read_whole_or_in_chunks() {
    let plain = parse(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nready").unwrap();
    assert_eq!((plain.status, plain.text().as_str()), (200, "ready"));
    assert_eq!(plain.header("content-type"), Some("text/plain"));
    let chunked = parse(
        b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nrea\n\r\n2;x=y\r\ndy\r\n0\r\n\r\n",
    );
    assert_eq!(chunked.map(|answer| (answer.status, answer.text())), Some((404, "rea\ndy".to_owned())));
    assert_eq!(parse(b"hello"), None);
}
