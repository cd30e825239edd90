//! Settings that TLS can be spoken with are taken, the others refused with the reason.

use super::{ClientAuth, TlsSettings, check_key_pair};

const CERT: &str = include_str!("../../../../http-client/src/tests/pem/server.pem");
const KEY: &str = include_str!("../../../../http-client/src/tests/pem/server.key");
const OTHER_KEY: &str = include_str!("../../../../http-client/src/tests/pem/client.key");
const CA: &str = include_str!("../../../../http-client/src/tests/pem/ca.pem");

fn settings() -> TlsSettings {
    TlsSettings {
        cert: CERT.to_owned(),
        key: KEY.to_owned(),
        tls12: true,
        tls13: true,
        http2: true,
        ..TlsSettings::default()
    }
}

#[test]
fn certificate_and_key_must_belong_together() {
    assert_eq!(check_key_pair(CERT, KEY), Ok(()));
    assert_eq!(check_key_pair(CERT, OTHER_KEY), Err("tls: private key does not match public key".to_owned()));
    let none = "tls: failed to find any PEM data in certificate input";
    assert_eq!(check_key_pair("", KEY), Err(none.to_owned()));
    assert!(check_key_pair(CERT, "").is_err());
}

#[test]
fn http2_is_offered_where_it_is_on() {
    let on = settings().build().unwrap();
    assert_eq!(on.alpn_protocols, [b"h2".to_vec(), b"http/1.1".to_vec()]);
    let off = TlsSettings { http2: false, ..settings() }.build().unwrap();
    assert_eq!(off.alpn_protocols, [b"http/1.1".to_vec()]);
}

#[test]
fn somebody_must_vouch_for_clients_that_are_verified() {
    for client_auth in [ClientAuth::Request, ClientAuth::RequireAny] {
        assert!(TlsSettings { client_auth, ..settings() }.build().is_ok());
    }
    for client_auth in [ClientAuth::VerifyIfGiven, ClientAuth::RequireAndVerify] {
        let without = TlsSettings { client_auth, ..settings() };
        assert!(without.build().is_err());
        assert!(TlsSettings { client_ca: CA.to_owned(), ..without }.build().is_ok());
    }
}

#[test]
fn suites_and_curves_are_chosen_by_gos_names() {
    let one = TlsSettings {
        cipher_suites: vec!["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256".to_owned()],
        curves: vec!["CurveP256".to_owned(), "CurveP521".to_owned()],
        ..settings()
    };
    let config = one.build().unwrap();
    let older = config.crypto_provider().cipher_suites.iter().filter(|suite| suite.tls13().is_none());
    assert_eq!(older.count(), 1);
    assert_eq!(config.crypto_provider().kx_groups.len(), 1);
    assert!(TlsSettings { curves: vec!["CurveP521".to_owned()], ..settings() }.build().is_err());
    assert!(TlsSettings { tls12: false, tls13: false, ..settings() }.build().is_err());
}
