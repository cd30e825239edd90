//! Amazon's signature, version 4.

use super::credentials::Credentials;

/// The kind of the bodies.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// The headers that sign a request to a service of a region (`scope`).
pub(super) fn signed(
    keys: &Credentials,
    scope: (&str, &str),
    url: &str,
    body: &str,
    now_ns: i64,
) -> Vec<(&'static str, String)> {
    let time = jiff::Timestamp::from_nanosecond(i128::from(now_ns)).unwrap_or_default();
    let stamp = time.strftime("%Y%m%dT%H%M%SZ").to_string();
    let behind_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, path) = behind_scheme.split_once('/').unwrap_or((behind_scheme, ""));
    let mut headers = vec![("x-amz-date", stamp.clone())];
    if let Some(token) = &keys.token {
        headers.push(("x-amz-security-token", token.expose().to_owned()));
    }
    let mut written = format!("content-type:{FORM}\nhost:{host}\n");
    let mut names = "content-type;host".to_owned();
    for (name, value) in &headers {
        written.push_str(&format!("{name}:{value}\n"));
        names.push_str(&format!(";{name}"));
    }
    let digest = |text: &str| hex(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref());
    let request = format!("POST\n/{path}\n\n{written}\n{names}\n{}", digest(body));
    let day = stamp.get(..8).unwrap_or_default();
    let (region, service) = scope;
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let to_sign = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", digest(&request));
    let mut key = format!("AWS4{}", keys.secret_key.expose()).into_bytes();
    for part in [day, region, service, "aws4_request", &to_sign] {
        key = hmac(&key, part);
    }
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={}",
        keys.access_key,
        hex(&key)
    );
    headers.push(("authorization", authorization));
    headers
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
    ring::hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
