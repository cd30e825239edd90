//! URLs that a real Prometheus 3.5.3 gave of the same targets, with the same external URL and port.

use super::GlobalUrls;

#[test]
fn targets_on_this_machine_are_named_as_users_reach_it() {
    let urls = GlobalUrls::new("https://ext.example.org:8443/prom", "19091");
    for (scraped, told) in [
        ("http://127.0.0.1:19099/metrics", "http://ext.example.org:19099/metrics"),
        ("http://[::1]:19099/metrics", "http://ext.example.org:19099/metrics"),
        ("http://localhost/metrics", "http://ext.example.org/metrics"),
        ("http://localhost.localdomain:19099/metrics", "http://localhost.localdomain:19099/metrics"),
        ("http://127.0.0.2:19099/metrics", "http://127.0.0.2:19099/metrics"),
        ("https://127.0.0.1/metrics?x=a+b&x=c", "https://ext.example.org/metrics?x=a+b&x=c"),
        ("https://127.0.0.1:443/metrics?x=a+b&x=c", "https://ext.example.org:443/metrics?x=a+b&x=c"),
    ] {
        assert_eq!(urls.of(scraped), told);
    }
}

#[test]
fn the_server_itself_is_found_under_its_external_url() {
    let urls = GlobalUrls::new("https://ext.example.org:8443/prom", "19091");
    assert_eq!(urls.of("http://localhost:19091/nix"), "https://ext.example.org:8443/nix");
    let urls = GlobalUrls::new("http://ext.example.org", "19091");
    assert_eq!(urls.of("http://localhost:19091/prom/metrics"), "http://ext.example.org/prom/metrics");
    assert_eq!(urls.of("http://[::1]:1/x"), "http://ext.example.org:1/x");
}
