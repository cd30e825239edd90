//! Which servers are asked through a proxy.

use super::{Exceptions, ProxyRules, ProxyUrl};

fn rules(variables: &[(&str, &str)]) -> ProxyRules {
    let value = |name: &str| variables.iter().find(|(other, _)| *other == name).map(|(_, v)| (*v).to_owned());
    ProxyRules::from_environment(&value).unwrap()
}

fn proxy_of(rules: &ProxyRules, url: &str) -> Option<String> {
    rules.of(&url.parse().unwrap()).map(ProxyUrl::address)
}

#[test]
fn each_scheme_has_its_proxy_and_this_machine_has_none() {
    let rules = rules(&[("HTTP_PROXY", "a:3128"), ("https_proxy", "http://u:p@b/x")]);
    assert_eq!(proxy_of(&rules, "http://x/").as_deref(), Some("a:3128"));
    assert_eq!(proxy_of(&rules, "https://x/").as_deref(), Some("b:80"));
    for own in ["http://localhost:9/", "http://127.3.2.1/", "http://[::1]:80/"] {
        assert_eq!(proxy_of(&rules, own), None, "{own}");
    }
}

#[test]
fn a_program_of_a_web_server_takes_no_proxy_from_a_header() {
    let rules = rules(&[("HTTP_PROXY", "a"), ("REQUEST_METHOD", "GET")]);
    assert_eq!(proxy_of(&rules, "http://x/"), None);
}

#[test]
fn exceptions_are_addresses_ranges_and_domains() {
    let list = Exceptions::parse(
        "10.0.0.0/8, fd00::/8,192.168.1.1:81 ,[2001:db8::1]:443,2001:db8::2,Example.com,.sub.org,*.star.net,x:80,,:9",
    );
    let contains = |host: &str, port| list.contain(host, port);
    for (host, port) in [
        ("10.200.1.1", 1),
        ("[fd12::1]", 1),
        ("192.168.1.1", 81),
        ("[2001:db8::1]", 443),
        ("2001:db8::2", 7),
        ("example.com", 1),
        ("EXAMPLE.com", 1),
        ("a.example.com", 1),
        ("a.sub.org", 1),
        ("a.star.net", 1),
        ("x", 80),
        ("a.x", 80),
    ] {
        assert!(contains(host, port), "{host}:{port}");
    }
    for (host, port) in [
        ("11.0.0.1", 1),
        ("fe00::1", 1),
        ("192.168.1.1", 80),
        ("2001:db8::1", 1),
        ("badexample.com", 1),
        ("sub.org", 1),
        ("star.net", 1),
        ("x", 81),
    ] {
        assert!(!contains(host, port), "{host}:{port}");
    }
    assert!(Exceptions::parse("a,*").contain("whatever", 1));
    assert!(Exceptions::parse("0.0.0.0/0").contain("8.8.8.8", 1));
}

#[test]
fn urls_of_proxies_are_read() {
    let address = |text: &str| ProxyUrl::parse(text).map(|proxy| proxy.address());
    assert_eq!(address("socks5://h"), Ok("h:1080".to_owned()));
    assert_eq!(address("https://h:"), Ok("h:443".to_owned()));
    assert_eq!(address("http://[::1]:8080/"), Ok("[::1]:8080".to_owned()));
    let proxy = ProxyUrl::parse("http://me:p%40ss@h").unwrap();
    // "me:p@ss" in base64.
    assert_eq!(proxy.authorization().as_deref(), Some("Basic bWU6cEBzcw=="));
    assert!(!format!("{proxy:?}").contains("p@ss"));
    for wrong in ["ftp://h", "http://", "http://h:x", "http://u:hunter2@h:x", "u:hunter2@h:x"] {
        let error = ProxyUrl::parse(wrong).unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
