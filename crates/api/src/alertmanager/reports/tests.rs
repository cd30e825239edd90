//! Both ways of reading come to the same.

use super::{quick, read};

/// Reads a body in both ways; `None` where the quick one leaves it to the other.
fn both(body: &str) -> Option<usize> {
    let quick = quick::reports(body.as_bytes())?;
    let read = read(&serde_json::from_str(body).unwrap()).unwrap();
    assert_eq!(quick, read, "{body}");
    Some(read.len())
}

#[test]
fn a_body_reads_the_same_in_one_pass_and_piece_by_piece() {
    assert_eq!(both("[]"), Some(0));
    assert_eq!(both(r#" [ {"labels":{"alertname":"A","":"","b":""}} ] "#), Some(1));
    assert_eq!(both(r#"[{"labels":{"b":"1","a":"\"\u00fc\"","b":"2"}}]"#), Some(1));
    let whole = r#"{"labels":{"alertname":"A","n":"1"},"annotations":{"summary":"","b":"x"},"startsAt":"2023-11-14T22:13:20.5Z",
        "endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://p/graph?g0.expr=up&g0.tab=1"}"#;
    let other =
        whole.replace("http://p/", "/p/").replace("0001-01-01T00:00:00Z", "2023-11-14T23:13:20+01:00");
    assert_eq!(both(&format!("[{whole},{other},{whole}]")), Some(3));
}

#[test]
fn what_is_unusual_is_left_to_the_way_that_can_say_so() {
    for body in [
        "",
        "{}",
        "[null]",
        "[{}]",
        r#"[{"labels":null}]"#,
        r#"[{"labels":{"a":null}}]"#,
        r#"[{"labels":{"a":1}}]"#,
        r#"[{"labels":{"a":"b"},"annotations":null}]"#,
        r#"[{"labels":{"a":"b"},"startsAt":"yesterday"}]"#,
        r#"[{"labels":{"a":"b"},"generatorURL":"no address"}]"#,
        r#"[{"labels":{"a":"b"},"labels":{"a":"b"}}]"#,
        r#"[{"labels":{"a":"\ud800"}}]"#,
        r#"[{"labels":{"a":"b"},"other":[{"x":null}]}]"#,
        r#"[{"labels":{"a":"b"},"EndsAt":"2024-01-01T00:00:00Z"}]"#,
        r#"[{"labels":{"a":"b"},"Annotations":{"summary":"x"}}]"#,
    ] {
        assert_eq!(quick::reports(body.as_bytes()), None, "{body}");
    }
    assert_eq!(quick::reports(b"[{\"labels\":{\"a\":\"\xff\"}}]"), None);
}

#[test]
fn keys_in_other_letters_count() {
    let written = r#"[{"labels":{"a":"b"},"annotations":{"s":"x"},"endsAt":"2024-01-01T00:00:00Z"}]"#;
    let in_others = r#"[{"Labels":{"a":"b"},"Annotations":{"s":"x"},"EndsAt":"2024-01-01T00:00:00Z"}]"#;
    let read = |body| read(&serde_json::from_str(body).unwrap()).unwrap();
    assert_eq!(quick::reports(in_others.as_bytes()), None);
    assert_eq!(read(in_others), read(written));
}
