//! Addresses, networks and ranges.

use super::*;

#[test]
fn addresses_networks_and_ranges_are_read() {
    for (text, inside, outside) in [
        ("192.168.0.1", "192.168.0.1", "192.168.0.2"),
        ("10.0.0.0/8", "10.255.1.2", "11.0.0.0"),
        ("10.0.0.1-10.0.0.9", "10.0.0.9", "10.0.0.10"),
        ("::1", "::1", "0.0.0.1"),
        ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
        ("0.0.0.0/0", "8.8.8.8", "::8"),
    ] {
        let range = IpRange::parse(text).unwrap();
        assert!(range.contains(inside.parse().unwrap()), "{text}");
        assert!(!range.contains(outside.parse().unwrap()), "{text}");
    }
}

#[test]
fn what_says_no_addresses_is_told() {
    for text in
        ["bad", "", "1.2.3", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.9-10.0.0.1", "::1-1.2.3.4", "::/129"]
    {
        let told = format!("ip: invalid pattern: \"{text}\"");
        assert_eq!(IpRange::parse(text).unwrap_err().to_string(), told);
    }
}
