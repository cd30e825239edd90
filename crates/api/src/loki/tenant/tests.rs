//! Tests of the tenants of a request.

use http::{HeaderMap, HeaderValue, StatusCode};

use super::{LokiSettings, Refusal, Tenants};

fn read(value: Option<&'static str>, auth_enabled: bool) -> Result<Tenants, Refusal> {
    let mut headers = HeaderMap::new();
    if let Some(value) = value {
        headers.insert("X-Scope-OrgID", HeaderValue::from_static(value));
    }
    Tenants::of(&headers, &LokiSettings { auth_enabled, ..LokiSettings::default() })
}

#[test]
fn without_authentication_the_header_is_ignored() {
    assert_eq!(read(Some("team-a"), false).unwrap().only().unwrap(), "fake");
    assert_eq!(read(None, false).unwrap().only().unwrap(), "fake");
}

#[test]
fn with_authentication_a_request_names_its_tenant() {
    let refused = read(None, true).unwrap_err();
    assert_eq!((refused.status, refused.text.trim()), (StatusCode::UNAUTHORIZED, "no org id"));
    assert_eq!(read(Some("team-a"), true).unwrap().only().unwrap(), "team-a");
}

#[test]
fn several_tenants_are_sorted_and_named_once() {
    let tenants = read(Some("b|a|b"), true).unwrap();
    assert_eq!(tenants.names(), ["a", "b"]);
    assert_eq!(tenants.only().unwrap_err().text, "multiple org IDs present");
}

#[test]
fn names_that_could_leave_a_folder_are_refused() {
    for name in ["..", ".", "a/b", "a b", "a\\b"] {
        assert_eq!(read(Some(name), true).unwrap_err().status, StatusCode::BAD_REQUEST, "{name}");
    }
}
