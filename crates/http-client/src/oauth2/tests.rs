//! Tokens are got, kept and shown.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use platform::real::RealFileSystem;

use super::{Grant, OAuth2};
use crate::tests::{echo, get, reply, serve};
use crate::{Auth, Client, Proxy, Secret, SecretSource, Settings, TlsSettings};

fn settings(token_url: &str, secret: SecretSource) -> OAuth2 {
    OAuth2 {
        client_id: "me:x".to_owned(),
        grant: Grant::ClientCredentials { secret: Some(secret) },
        token_url: token_url.parse().unwrap(),
        scopes: vec!["a".to_owned(), "b".to_owned()],
        endpoint_params: vec![("audience".to_owned(), "x y".to_owned())],
        tls: TlsSettings::default(),
        proxy: Proxy::default(),
    }
}

fn client(oauth2: OAuth2) -> Client {
    let auth = Auth::OAuth2(Box::new(oauth2));
    Client::new(Settings { auth, ..Settings::default() }, Arc::new(RealFileSystem)).unwrap()
}

fn inline(text: &str) -> SecretSource {
    SecretSource::Inline(Secret::new(text))
}

async fn head(client: &Client, url: &str) -> String {
    String::from_utf8(client.send(get(url)).await.unwrap().bytes(None).await.unwrap()).unwrap()
}

/// A server of tokens that counts how often it is asked; its answers end as told.
async fn tokens(more: &'static str, asked: Arc<AtomicUsize>) -> String {
    let answer = move |head: &str| {
        // "me%3Ax:secret" in base64.
        if !head.contains("Authorization: Basic bWUlM0F4OnNlY3JldA==\r\n") {
            return reply("401 Unauthorized", "", b"no");
        }
        let count = asked.fetch_add(1, Ordering::Relaxed);
        let body = format!("{{\"access_token\": \"t{count}\", \"token_type\": \"bearer\"{more}}}");
        reply("200 OK", "Content-Type: application/json\r\n", body.as_bytes())
    };
    format!("http://{}/token", serve(answer).await)
}

#[tokio::test]
async fn a_token_is_used_until_it_ends() {
    let url = format!("http://{}/", echo().await);
    for (more, expected) in [
        ("", ["t0", "t0"]),
        (", \"expires_in\": 3600", ["t0", "t0"]),
        // So near to its end it is not used again.
        (", \"expires_in\": \"9\"", ["t0", "t1"]),
    ] {
        let client = client(settings(&tokens(more, Arc::default()).await, inline("secret")));
        for token in expected {
            let head = head(&client, &url).await;
            assert!(head.contains(&format!("Authorization: Bearer {token}\r\n")), "{more}: {head}");
        }
    }
}

#[tokio::test]
async fn a_rotated_secret_gets_a_new_token() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    let write = |text: &str| {
        #[expect(clippy::disallowed_methods, reason = "the test plays the user who rotates a secret")]
        std::fs::write(&path, text).unwrap();
    };
    write("secret\n");
    let asked = Arc::new(AtomicUsize::new(0));
    let token_url = tokens("", Arc::clone(&asked)).await;
    let client = client(settings(&token_url, SecretSource::File(path.clone())));
    let url = format!("http://{}/", echo().await);
    head(&client, &url).await;
    write("another");
    let error = client.send(get(&url)).await.unwrap_err().to_string();
    let expected = "oauth2: cannot fetch token: 401 Unauthorized\nResponse: no";
    assert_eq!(error, format!("Get \"{url}\": {expected}"));
    write("secret");
    head(&client, &url).await;
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn credentials_go_into_the_form_where_the_header_is_refused() {
    let answer = |head: &str| match head.contains("Authorization") {
        true => reply("400 Bad Request", "", br#"{"error": "invalid_client", "error_description": "d"}"#),
        false => reply("200 OK", "Content-Type: text/plain\r\n", b"access_token=a%20b&expires_in=1000"),
    };
    let token_url = format!("http://{}/token", serve(answer).await);
    let client = client(settings(&token_url, inline("s&t")));
    let url = format!("http://{}/", echo().await);
    assert!(head(&client, &url).await.contains("Authorization: Bearer a b\r\n"));
}

#[test]
fn forms_are_written_as_browsers_do() {
    let tokens = super::Tokens::new(&settings("http://x/", inline("s")), Arc::new(RealFileSystem)).unwrap();
    let form = tokens.form(&Secret::new("s&t"), true);
    let shown: Vec<String> =
        form.iter().map(|(name, value)| format!("{name}={}", super::encoded(value))).collect();
    let expected = [
        "grant_type=client_credentials",
        "scope=a+b",
        "audience=x+y",
        "client_id=me%3Ax",
        "client_secret=s%26t",
    ];
    assert_eq!(shown, expected);
}
