//! References are resolved by RFC 3986, section 5.4.

use http::header::{AUTHORIZATION, HeaderMap, HeaderValue, LOCATION};
use http::{Method, StatusCode, Uri};

use super::{resolve, step, strip_credentials};

#[test]
fn references_of_the_rfc() {
    let base: Uri = "http://a/b/c/d;p?q".parse().unwrap();
    for (reference, resolved) in [
        ("g", "http://a/b/c/g"),
        ("./g", "http://a/b/c/g"),
        ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g/"),
        ("?y", "http://a/b/c/d;p?y"),
        ("g?y", "http://a/b/c/g?y"),
        ("", "http://a/b/c/d;p?q"),
        (".", "http://a/b/c/"),
        ("..", "http://a/b/"),
        ("../g", "http://a/b/g"),
        ("../../../g", "http://a/g"),
        ("g#s", "http://a/b/c/g"),
        ("https://h:1/x", "https://h:1/x"),
    ] {
        assert_eq!(resolve(&base, reference).unwrap().to_string(), resolved, "{reference}");
    }
}

#[test]
fn only_redirections_with_a_location_lead_on() {
    let base: Uri = "http://a/".parse().unwrap();
    let mut headers = HeaderMap::new();
    assert_eq!(step(&base, &Method::POST, StatusCode::FOUND, &headers), None);
    headers.insert(LOCATION, HeaderValue::from_static("/next"));
    assert_eq!(step(&base, &Method::POST, StatusCode::OK, &headers), None);
    let found = step(&base, &Method::POST, StatusCode::FOUND, &headers).unwrap();
    assert_eq!((found.method, found.keep_body), (Method::GET, false));
    let kept = step(&base, &Method::POST, StatusCode::TEMPORARY_REDIRECT, &headers).unwrap();
    assert_eq!((kept.method, kept.keep_body), (Method::POST, true));
}

#[test]
fn credentials_stay_with_their_host() {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer x"));
    let (here, there) = ("http://a:1/".parse().unwrap(), "http://a:2/".parse().unwrap());
    strip_credentials(&here, &here, &mut headers);
    assert!(headers.contains_key(AUTHORIZATION));
    strip_credentials(&here, &there, &mut headers);
    assert!(!headers.contains_key(AUTHORIZATION));
}
