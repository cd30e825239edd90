//! Sizes, addresses, names of files, secrets. Expected texts are the original's.

use super::{ByteSize, Secret, Url, file_path::clean};

#[test]
fn sizes_are_powers_of_1024_however_spelled() {
    for (text, bytes) in [
        ("0", 0),
        ("0B", 0),
        ("512MB", 512 << 20),
        ("1.5KB", 1536),
        ("1MB1KB", (1 << 20) + 1024),
        ("5GiB", 5 << 30),
        ("-5MB", -(5 << 20)),
    ] {
        assert_eq!(ByteSize::parse(text), Ok(ByteSize(bytes)), "{text}");
    }
    for (text, message) in [
        ("5", "units: unknown unit  in 5"),
        ("", "units: invalid "),
        ("MB", "units: invalid MB"),
        (".MB", "units: invalid .MB"),
        ("10XB", "units: unknown unit XB in 10XB"),
        ("5kB", "units: unknown unit kB in 5kB"),
        ("5 MB", "units: unknown unit  MB in 5 MB"),
        ("5iB", "units: unknown unit iB in 5iB"),
        ("5Mi", "units: unknown unit Mi in 5Mi"),
    ] {
        assert_eq!(ByteSize::parse(text), Err(message.to_string()), "{text}");
    }
    for (bytes, text) in [
        (0, "0B"),
        (10 << 20, "10MiB"),
        ((1 << 20) + 512, "1MiB512B"),
        (i64::MAX, "7EiB1023PiB1023TiB1023GiB1023MiB1023KiB1023B"),
    ] {
        assert_eq!(ByteSize(bytes).to_string(), text);
    }
}

#[test]
fn malformed_addresses_are_refused_with_the_original_s_words() {
    for (text, message) in [
        ("http://a b/", r#"parse "http://a b/": invalid character " " in host name"#),
        ("http://[::1", r#"parse "http://[::1": missing ']' in host"#),
        ("http://a:b", r#"parse "http://a:b": invalid port ":b" after host"#),
        ("://x", r#"parse "://x": missing protocol scheme"#),
        ("http://%zz", r#"parse "http://%zz": invalid URL escape "%zz""#),
        (":80", r#"parse ":80": missing protocol scheme"#),
        ("1a://x", r#"parse "1a://x": first path segment in URL cannot contain colon"#),
        ("http://a^b/", r#"parse "http://a^b/": invalid character "^" in host name"#),
        ("http://us er:p@h", r#"parse "http://us er:p@h": net/url: invalid userinfo"#),
        ("http://h\u{7f}", r#"parse "http://h\x7f": net/url: invalid control character in URL"#),
        ("http://x/%zz", r#"parse "http://x/%zz": invalid URL escape "%zz""#),
        ("http://x#%zz", r#"parse "http://x#%zz": invalid URL escape "%zz""#),
        ("ht_p://x", r#"parse "ht_p://x": first path segment in URL cannot contain colon"#),
    ] {
        assert_eq!(Url::parse(text).unwrap_err().to_string(), message);
    }
}

#[test]
fn addresses_print_as_the_original_prints_them_with_passwords_masked() {
    for (text, printed) in [
        ("http://u:p@h:80/p%20a?q=a b#f", "http://u:xxxxx@h:80/p%20a?q=a b#f"),
        ("HTTP://X", "http://X"),
        ("http://user@h/é", "http://user@h/%C3%A9"),
        ("http://a/b c", "http://a/b%20c"),
        ("http://a/%2F", "http://a/%2F"),
        ("a:80", "a:80"),
        ("mailto:a@b", "mailto:a@b"),
        ("/x y", "/x%20y"),
        ("http://[fe80::1%25en0]:9090/", "http://[fe80::1%25en0]:9090/"),
        ("unix:///var/run/docker.sock", "unix:///var/run/docker.sock"),
        ("x", "x"),
        ("", ""),
    ] {
        assert_eq!(Url::parse(text).unwrap().redacted(), printed, "{text}");
    }
    assert_eq!(Url::parse("http://u:p%40q@h/").unwrap().to_string(), "http://u:p%40q@h/");
    assert_eq!(Url::parse("http://[::1]:80/").unwrap().hostname(), "::1");
    assert_eq!(Url::parse("http://a.b:80/").unwrap().hostname(), "a.b");
}

#[test]
fn names_of_files_are_shortened_without_changing_the_file() {
    for (path, short) in [
        ("/a/./b//c", "/a/b/c"),
        ("a/../b", "b"),
        ("../a", "../a"),
        ("/../a", "/a"),
        ("a/..", "."),
        ("./x*.yml", "x*.yml"),
    ] {
        assert_eq!(clean(path), short);
    }
}

#[test]
fn secrets_show_nothing_of_themselves() {
    let secret = Secret::from("hunter2");
    assert_eq!(format!("{secret} {secret:?}"), "<secret> <secret>");
    assert_eq!(secret.expose(), "hunter2");
}
