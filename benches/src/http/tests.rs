//! Answers of a listener that says what a test wants.

use std::net::TcpListener;

use super::*;

/// The path and the body of the next request on a connection; `None` at its end.
pub(crate) fn request(stream: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let (mut path, mut len, mut line) = (None, 0, String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).unwrap() <= 2 {
            break;
        }
        path = path.or_else(|| line.split(' ').nth(1).map(str::to_owned));
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            len = value.trim_end().parse().unwrap();
        }
    }
    let mut body = vec![0; len];
    stream.read_exact(&mut body).unwrap();
    Some((path?, body))
}

#[test]
fn urls_are_taken_apart() {
    let url = Url::parse("http://127.0.0.1:9090/api/v1/write").unwrap();
    assert_eq!((url.authority.as_str(), url.path.as_str()), ("127.0.0.1:9090", "/api/v1/write"));
    assert_eq!(Url::parse("http://host").map(|url| url.path), Some("/".to_owned()));
    assert_eq!(Url::parse("https://host/"), None);
    let below = |text: &str| Url::parse(text).unwrap().join("/api").to_string();
    assert_eq!([below("http://h:1"), below("http://h:1/a/")], ["http://h:1/api", "http://h:1/a/api"]);
}

/// A listener that reads a request up to `end` and gives each of the answers, on as many connections as there are lists.
fn listen(end: &'static str, answers: Vec<Vec<&'static str>>) -> (Url, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/w", listener.local_addr().unwrap())).unwrap();
    let server = std::thread::spawn(move || {
        let (mut requests, mut seen) = (Vec::new(), vec![0; 1024]);
        for answers in answers {
            let (mut stream, _) = listener.accept().unwrap();
            for answer in answers {
                let mut request = String::new();
                while !request.ends_with(end) {
                    let len = stream.read(&mut seen).unwrap();
                    request.push_str(std::str::from_utf8(&seen[..len]).unwrap());
                }
                stream.write_all(answer.as_bytes()).unwrap();
                requests.push(request);
            }
        }
        requests
    });
    (url, server)
}

#[test]
fn answers_of_both_kinds_are_read_to_their_end() {
    let answers = vec![
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nbad",
        "HTTP/1.1 500 E\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n",
    ];
    let (url, server) = listen("\r\n\r\nabc", vec![answers]);
    let mut connection = Connection::open(&url).unwrap();
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let answer = connection.post(&[("X", "y")], b"abc").unwrap();
        statuses.push((answer.status, answer.text));
    }
    for request in server.join().unwrap() {
        assert!(request.starts_with("POST /w HTTP/1.1\r\n"));
        assert!(request.contains("X: y\r\nContent-Length: 3\r\n"));
    }
    assert_eq!(statuses, [(204, String::new()), (400, "bad".to_owned()), (500, "no".to_owned())]);
}

#[test]
fn what_a_server_closed_while_nothing_was_asked_is_opened_again() {
    let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let (url, server) = listen("\r\n\r\n", vec![vec![ok], vec![ok]]);
    let mut connection = Connection::open(&url).unwrap();
    assert_eq!(connection.get("/a").unwrap(), "ok");
    assert_eq!(connection.get("/b").unwrap(), "ok");
    let paths: Vec<String> = server.join().unwrap().iter().map(|request| request[..7].to_owned()).collect();
    assert_eq!(paths, ["GET /a ", "GET /b "]);
}

#[test]
fn an_answer_that_ends_early_is_an_error() {
    let (url, server) = listen("\r\n\r\n", vec![vec!["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok"]]);
    let mut connection = Connection::open(&url).unwrap();
    let refused = connection.get("/a").unwrap_err().to_string();
    assert!(refused.contains("/a: "), "{refused}");
    server.join().unwrap();
}
