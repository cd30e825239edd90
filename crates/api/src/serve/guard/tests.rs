//! Requests come in with the right password, as often as the rules say.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode};

use super::{Guard, GuardSource, Passwords, Rate, Rules, credentials};

struct Fixed(Rules);

impl GuardSource for Fixed {
    fn rules(&self) -> Result<Arc<Rules>, String> {
        Ok(Arc::new(self.0.clone()))
    }

    fn tls(&self) -> Result<Arc<rustls::ServerConfig>, String> {
        Err("no TLS".to_owned())
    }

    fn speaks_tls(&self) -> bool {
        false
    }
}

fn request(authorization: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_str(authorization).unwrap());
    headers
}

#[test]
fn names_and_passwords_are_read_from_the_header() {
    let pair = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
    assert_eq!(credentials(&request("Basic YWxpY2U6dGVzdA==")), pair("alice", "test"));
    assert_eq!(credentials(&request("basic YTpiOmM=")), pair("a", "b:c"));
    for wrong in [
        "Bearer YWxpY2U6dGVzdA==",
        "Basic",
        "Basic YWxpY2U6dGVzdA",
        "Basic a?==",
        "Basic ====",
        "Basic YWxpY2U=",
    ] {
        assert_eq!(credentials(&request(wrong)), None, "{wrong}");
    }
}

#[tokio::test]
async fn passwords_are_compared_once_and_known_then() {
    let users = BTreeMap::from([("alice".to_owned(), bcrypt::hash("test", 4).unwrap())]);
    let passwords = Passwords::default();
    let right = async |user: &str, password: &str| {
        passwords.are_right(&users, user.to_owned(), password.to_owned()).await
    };
    for _ in 0..2 {
        assert!(right("alice", "test").await);
        assert!(!right("alice", "tess").await);
        assert!(!right("bob", "test").await);
    }
}

#[tokio::test]
async fn whoever_shows_nothing_is_asked_for_a_password() {
    let users = BTreeMap::from([("alice".to_owned(), bcrypt::hash("test", 4).unwrap())]);
    let rules = Rules { users, ..Rules::default() };
    let guard = Guard::new(Some(Arc::new(Fixed(rules.clone()))));
    let refused = guard.admit(&rules, &HeaderMap::new()).await.unwrap_err();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(refused.headers().get("www-authenticate").unwrap(), "Basic");
    let open = Rules::default();
    assert!(guard.admit(&open, &HeaderMap::new()).await.is_ok());
}

#[tokio::test]
async fn requests_grow_back_with_time() {
    let rate = Rate::default();
    let start = tokio::time::Instant::now();
    let take = |seconds| rate.take(start + Duration::from_secs(seconds), Duration::from_secs(10), 2);
    assert!(take(0) && take(0) && !take(0));
    assert!(take(10) && !take(10));
    assert!(take(110) && take(110) && !take(110));
}
