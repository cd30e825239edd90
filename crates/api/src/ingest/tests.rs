//! What a running VictoriaMetrics stored of the same bodies.

use std::io::Write;

use axum::body::Body;
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::body;
use super::samples::{Refused, Sample, influx, text};
use crate::call::Call;
use crate::params::Params;

const NOW: i64 = 1_795_278_466_500;

fn call(query: &str) -> Call {
    Call {
        path: String::new(),
        client: None,
        method: Method::POST,
        query: query.to_owned(),
        headers: HeaderMap::new(),
        params: Params::new(query, b""),
        segment: String::new(),
        body: Body::empty(),
    }
}

fn shown(samples: Result<Vec<Sample>, Refused>) -> Vec<String> {
    let samples = samples.unwrap();
    samples.iter().map(|sample| format!("{} {} {}", sample.labels, sample.value, sample.time_ms)).collect()
}

#[test]
fn each_field_is_a_series_with_the_tags_and_the_database() {
    let body = "cpu,host=a usage=1.5,idle=2i 1795278466000000000\n\n,x=y v=1\n";
    assert_eq!(
        shown(influx(body, &call("db=mydb&extra_label=foo=bar"), NOW)),
        [
            r#"{__name__="cpu_usage", db="mydb", foo="bar", host="a"} 1.5 1795278466000"#,
            r#"{__name__="cpu_idle", db="mydb", foo="bar", host="a"} 2 1795278466000"#,
            r#"{__name__="v", db="mydb", foo="bar", x="y"} 1 1795278466500"#,
        ]
    );
    assert_eq!(
        shown(influx("m value=1 1795278466", &call("precision=s"), NOW)),
        [r#"{__name__="m_value"} 1 1795278466000"#]
    );
}

#[test]
fn one_bad_line_refuses_all_of_an_influx_body() {
    let refused = influx("a v=1\nbad\n", &call(""), NOW).unwrap_err();
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.text.contains("cannot find Whitespace I in \"bad\""), "{}", refused.text);
    assert!(influx("a v=1", &call("extra_label=x"), NOW).is_err());
}

#[test]
fn bad_lines_of_an_exposition_are_left_out() {
    let body = "foo{a=\"b\"} 1\nbar 2 1795278466000\nbaz 3 1795278466\n# TYPE x counter\nbroken{ 1\nlast 4";
    assert_eq!(
        shown(text(body, &call(""), NOW)),
        [
            r#"{__name__="foo", a="b"} 1 1795278466500"#,
            r#"{__name__="bar"} 2 1795278466000"#,
            r#"{__name__="baz"} 3 1795278466000"#,
            r#"{__name__="last"} 4 1795278466500"#,
        ]
    );
    let given = call("extra_label=x=y&timestamp=1795278460000");
    assert_eq!(shown(text("foo 1\n", &given, NOW)), [r#"{__name__="foo", x="y"} 1 1795278460000"#]);
}

#[test]
fn bodies_are_decompressed_within_bounds() {
    let mut headers = HeaderMap::new();
    assert_eq!(body::text(&headers, b"a 1").unwrap(), "a 1");
    assert!(body::text(&headers, b"\xff").is_err());
    headers.insert("content-encoding", HeaderValue::from_static("gzip"));
    let packed = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    assert_eq!(body::text(&headers, &packed(b"a 1")).unwrap(), "a 1");
    let bomb = packed(&vec![b' '; body::TEXT_BYTES_MAX as usize + 1]);
    assert_eq!(body::text(&headers, &bomb).unwrap_err().status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(body::text(&headers, b"nonsense").unwrap_err().status, StatusCode::BAD_REQUEST);
    headers.insert("content-encoding", HeaderValue::from_static("br"));
    assert_eq!(body::text(&headers, b"").unwrap_err().status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}
