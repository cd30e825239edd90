//! Statements that the client signs.

use ring::signature::{RSA_PKCS1_2048_8192_SHA384, UnparsedPublicKey};
use serde_json::{Value, json};

use super::{Grant, OAuth2, SignatureAlgorithm, form, signed};
use crate::{Proxy, Secret, TlsSettings};

const KEY: &str = include_str!("rsa.key");
const PUBLIC_KEY: &[u8] = include_bytes!("rsa.public.der");

fn settings(issuer: &str, audience: &str) -> OAuth2 {
    OAuth2 {
        client_id: "me".to_owned(),
        grant: Grant::JwtBearer {
            key: None,
            key_id: "k1".to_owned(),
            algorithm: SignatureAlgorithm::Rs384,
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            claims: vec![("more".to_owned(), "x".to_owned())],
        },
        token_url: "http://tokens/get".parse().unwrap(),
        scopes: vec!["a".to_owned(), "b".to_owned()],
        endpoint_params: Vec::new(),
        tls: TlsSettings::default(),
        proxy: Proxy::default(),
    }
}

fn decoded(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bits, mut count, mut out) = (0u32, 0, Vec::new());
    for byte in text.bytes() {
        bits = bits << 6 | alphabet.iter().position(|known| *known == byte).unwrap() as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 0xFF) as u8);
        }
    }
    out
}

#[test]
fn a_statement_says_who_asks_whom_and_is_signed() {
    let text = signed(&settings("", ""), &Secret::new(KEY), 1000).unwrap();
    let (said, signature) = text.rsplit_once('.').unwrap();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA384, PUBLIC_KEY);
    key.verify(said.as_bytes(), &decoded(signature)).unwrap();
    let (header, body) = said.split_once('.').unwrap();
    let parsed = |part: &str| serde_json::from_slice::<Value>(&decoded(part)).unwrap();
    assert_eq!(parsed(header), json!({ "alg": "RS384", "typ": "JWT", "kid": "k1" }));
    let expected = json!({
        "iss": "me", "sub": "me", "aud": "http://tokens/get", "iat": 1000, "exp": 4600, "scope": "a b", "more": "x",
    });
    assert_eq!(parsed(body), expected);
    let named = signed(&settings("us", "them"), &Secret::new(KEY), 1000).unwrap();
    let body = parsed(named.split('.').nth(1).unwrap());
    assert_eq!((&body["iss"], &body["aud"]), (&json!("us"), &json!("them")));
}

#[test]
fn a_key_that_is_none_is_refused() {
    let error = form(&settings("", ""), &Secret::new("hunter2")).unwrap_err();
    assert!(error.contains("private key") && !error.contains("hunter2"), "{error}");
}
