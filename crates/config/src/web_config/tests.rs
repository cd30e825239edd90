//! What is refused, in the words of the original's toolkit.

use std::path::Path;

use platform::{FileSystem, real::RealFileSystem};

use super::{ClientAuth, WebConfig};
use crate::prometheus::TlsVersion;

const HASH: &str = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";

fn load(text: &str) -> Result<WebConfig, String> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        RealFileSystem.write_atomic(&folder.path().join(name), text.as_bytes()).unwrap()
    };
    write("c.pem", "-----BEGIN CERTIFICATE-----\n");
    write("k.pem", "-----BEGIN PRIVATE KEY-----\n");
    write("j.pem", "junk\n");
    write("w.yml", text);
    let path = folder.path().join("w.yml");
    let place = format!("{}/", folder.path().display());
    WebConfig::load(&path, &RealFileSystem, &|_, _| Ok(()))
        .map_err(|error| error.to_string().replace(&place, ""))
}

#[track_caller]
fn refused(text: &str, message: &str) {
    assert_eq!(load(text).unwrap_err(), message, "{text}");
}

#[test]
fn an_empty_file_lets_everyone_in_without_tls() {
    let config = load("").unwrap();
    assert!(!config.tls.is_on() && config.users.is_empty() && config.http.http2);
    assert_eq!((config.tls.min_version, config.tls.max_version), (TlsVersion::Tls12, TlsVersion::Tls13));
    assert!(!load("tls_server_config: {min_version: TLS13}").unwrap().tls.is_on());
}

#[test]
fn certificate_and_key_come_together_and_clients_are_asked_as_configured() {
    let with = |more: &str| format!("tls_server_config: {{cert_file: c.pem, key_file: k.pem{more}}}");
    assert!(load(&with("")).unwrap().tls.is_on());
    let config =
        load(&with(", client_auth_type: RequireAndVerifyClientCert, client_ca_file: c.pem")).unwrap();
    assert_eq!(config.tls.client_auth(), Some(ClientAuth::RequireAndVerify));
    refused("tls_server_config: {cert_file: c.pem}", "missing one of key or key_file");
    refused("tls_server_config: {client_auth_type: x}", "missing one of cert or cert_file");
    refused(&with(", client_auth_type: x"), "invalid ClientAuth: x");
    refused(
        &with(", client_ca_file: c.pem"),
        "client CA's have been configured without a Client Auth Policy",
    );
    refused(&with(", cipher_suites: [x]"), "unknown cipher: x");
    refused(&with(", curve_preferences: [x]"), "unknown curve: x");
    refused(&with(", min_version: x"), "unknown TLS version: x");
    refused(
        "tls_server_config: {cert_file: c.pem, key_file: no.pem}",
        "failed to read key_file (no.pem): open no.pem: no such file or directory",
    );
    refused(
        "tls_server_config: {cert_file: j.pem, key_file: k.pem}",
        "failed to load X509KeyPair: tls: failed to find any PEM data in certificate input",
    );
}

#[test]
fn headers_are_few_and_some_have_few_values() {
    load("http_server_config: {headers: {X-Frame-Options: deny, Content-Security-Policy: x}}").unwrap();
    refused("http_server_config: {headers: {X-Foo: x}}", "HTTP header \"X-Foo\" can not be configured");
    refused(
        "http_server_config: {headers: {X-Frame-Options: bogus}}",
        "invalid value for X-Frame-Options. Expected one of: [\"deny\" \"sameorigin\"], but got: \"bogus\"",
    );
}

#[test]
fn passwords_are_hashes_of_bcrypt() {
    load(&format!("basic_auth_users: {{a: \"{HASH}\"}}")).unwrap();
    let hash = |from: &str, to: &str| format!("basic_auth_users: {{a: \"{}\"}}", HASH.replacen(from, to, 1));
    load(&hash("$2y$", "$2$")).unwrap();
    refused(
        "basic_auth_users: {a: plain}",
        "crypto/bcrypt: hashedSecret too short to be a bcrypted password",
    );
    refused(&hash("$10$", "$99$"), "crypto/bcrypt: cost 99 is outside allowed inclusive range 4..31");
    refused(&hash("$10$", "$xx$"), "strconv.Atoi: parsing \"xx\": invalid syntax");
    refused(
        &hash("$2y$", "$3y$"),
        "crypto/bcrypt: bcrypt algorithm version '3' requested is newer than current version '2'",
    );
    refused(
        &hash("$2y$", "Q2y$"),
        "crypto/bcrypt: bcrypt hashes must start with '$', but hashedSecret started with 'Q'",
    );
}

#[test]
fn unknown_keys_and_wrong_types_are_refused_with_their_place() {
    refused("foo: 1", "yaml: unmarshal errors:\n  line 1: field foo not found in type web.Config");
    refused(
        "rate_limit: {interval: x}",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `x` into time.Duration",
    );
    let error = WebConfig::load(Path::new("/no/such/file"), &RealFileSystem, &|_, _| Ok(())).unwrap_err();
    assert_eq!(error.to_string(), "open /no/such/file: no such file or directory");
}
