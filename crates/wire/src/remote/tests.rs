//! Requests as another implementation of protocol buffers writes them are read as what they were, and what is
//! written here reads back there.

mod messages;
mod property;

use super::{Decompressor, Error, SentHistogram, SentLabels, SentSample, UnfitLabels, v1, v2};
use messages::bytes_of;

fn labels<'a>(pairs: &[(&'a str, &'a str)]) -> SentLabels<'a> {
    let mut labels = SentLabels::new();
    for (name, value) in pairs {
        labels.push(name.as_bytes(), value.as_bytes());
    }
    labels
}

#[test]
fn labels_are_sorted_and_empty_ones_left_out() {
    let mut sent = labels(&[("b", "1"), ("__name__", "up"), ("a", ""), ("a_b", "2")]);
    assert_eq!(sent.to_series().unwrap().to_string(), r#"{__name__="up", a_b="2", b="1"}"#);
}

#[test]
fn labels_that_no_series_has_are_refused_in_the_original_s_words() {
    let text = |pairs: &[(&str, &str)]| labels(pairs).to_series().unwrap_err().to_string();
    assert_eq!(text(&[("job", "a")]), r#"invalid metric name or labels, got {job="a"}"#);
    assert_eq!(text(&[]), "invalid metric name or labels, got {}");
    assert_eq!(text(&[("__name__", "")]), r#"invalid metric name or labels, got {__name__=""}"#);
    assert_eq!(
        text(&[("__name__", "dl"), ("a", "1"), ("a", "2")]),
        r#"invalid labels for series, labels {__name__="dl", a="1", a="2"}, duplicated label a"#
    );
    let unnamed = labels(&[("__name__", "x"), ("", "v")]).to_series();
    assert!(matches!(unnamed, Err(UnfitLabels::Invalid { .. })));
    let mut no_text = labels(&[("__name__", "x")]);
    no_text.push(b"a", b"q\"\xff");
    assert_eq!(
        no_text.to_series().unwrap_err().to_string(),
        r#"invalid metric name or labels, got {__name__="x", a="q\"\xff"}"#
    );
}

/// All of them stood in memory before they were counted: 268 MB of a body that is 1.5 MB when compressed.
#[test]
fn more_texts_and_references_than_any_request_has_are_not_kept() {
    let (empty, mut symbols) = ([0x22, 0].repeat(3 << 20), Vec::new());
    let too_many = v2::Request::new(&empty, &mut symbols).unwrap_err();
    assert!(matches!(too_many, Error::TooMany { what: "symbols" }));
    assert_eq!(symbols.len(), 1 << 20);
    // A series (field 5) and an exemplar, each of four million references in one field.
    let references = [&[0x0a, 0x80, 0x80, 0x80, 0x02][..], &[0].repeat(4 << 20)].concat();
    let body = [&[0x2a, 0x85, 0x80, 0x80, 0x02][..], &references].concat();
    let mut request = v2::Request::new(&body, &mut symbols).unwrap();
    let mut refs = vec![7];
    let too_many = request.next_series().unwrap().unwrap().label_refs(&mut refs).unwrap_err();
    assert!(matches!(too_many, Error::TooMany { what: "labels" }) && refs.len() <= 1 + (1 << 16));
    assert!(v2::Exemplar::decode(&references, &mut refs).is_err() && refs.len() <= 1 << 16);
}

#[test]
fn broken_requests_give_the_original_s_texts() {
    let walk = |body: &[u8]| -> Result<usize, Error> {
        let mut request = v1::Request::new(body);
        let mut series = 0;
        while let Some(next) = request.next_series()? {
            next.labels(&mut SentLabels::new())?;
            let mut items = next.items();
            while items.next()?.is_some() {}
            series += 1;
        }
        Ok(series)
    };
    for (body, text) in [
        (&b"\xff\xff"[..], "unexpected EOF"),
        (b"\x08\x03", "proto: wrong wireType = 0 for field Timeseries"),
        (b"\x0a\x02\x08\x01", "proto: wrong wireType = 0 for field Labels"),
        (b"\x0a\x04\x0a\x02\x08\x01", "proto: wrong wireType = 0 for field Name"),
        (b"\x0a\x02\x10\x01", "proto: wrong wireType = 0 for field Samples"),
        (b"\x0a\x04\x12\x02\x08\x01", "proto: wrong wireType = 0 for field Value"),
        (b"\x0a\x04\x12\x02\x12\x00", "proto: wrong wireType = 2 for field Timestamp"),
        (b"\x1a\x02\x0a\x00", "proto: wrong wireType = 2 for field Type"),
        (b"\x02\x00", "proto: WriteRequest: illegal tag 0 (wire type 2)"),
        (b"\x0f", "proto: illegal wireType 7"),
        (b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "proto: integer overflow"),
    ] {
        assert_eq!(walk(body).unwrap_err().to_string(), text, "{body:?}");
    }
    assert_eq!(walk(b""), Ok(0));
    // Fields that are not known are passed over.
    assert_eq!(walk(b"\x48\x03\x0a\x03\x48\x01\x2d\xea\x04\x02xx"), Err(Error::Truncated));
    assert_eq!(walk(b"\x48\x03\x0a\x02\x48\x01\xea\x04\x02xx"), Ok(1));
}

#[test]
fn labels_between_samples_are_found_too() {
    // Label a=1, a sample at 7, label b=2.
    let body = b"\x0a\x14\x0a\x06\x0a\x01a\x12\x011\x12\x02\x10\x07\x0a\x06\x0a\x01b\x12\x012";
    let series = v1::Request::new(body).next_series().unwrap().unwrap();
    assert_eq!((series.raw_labels(), series.plain()), (Ok(None), None));
    let mut sent = SentLabels::new();
    series.labels(&mut sent).unwrap();
    assert_eq!(sent.to_string(), r#"{a="1", b="2"}"#);
    let mut items = series.items();
    let sample = SentSample { timestamp: 7, start_timestamp: 0, value: 0.0 };
    assert_eq!(items.next(), Ok(Some(v1::Item::Sample(sample))));
    assert_eq!(items.next(), Ok(None));
}

#[test]
fn references_outside_of_the_table_are_refused() {
    let symbols: [&[u8]; 3] = [b"", b"__name__", b"up"];
    let mut labels = SentLabels::new();
    assert_eq!(v2::resolve(&[1, 2], &symbols, &mut labels), Ok(()));
    assert_eq!(labels.to_string(), r#"{__name__="up"}"#);
    let text = |refs: &[u32]| v2::resolve(refs, &symbols, &mut SentLabels::new()).unwrap_err().to_string();
    assert_eq!(text(&[1, 2, 1]), "invalid labelRefs length 3");
    assert_eq!(
        text(&[1, 2, 1, 3]),
        "labelRefs 2 (name) = 1 or labelRefs 3 (value) = 3 outside of symbols table (size 3)"
    );
}

#[test]
fn bodies_that_stand_for_too_much_are_refused_before_they_are_decompressed() {
    let mut decompressor = Decompressor::default();
    let body = super::compress(&[7; 5000]);
    assert_eq!(decompressor.decompress(&body, 4999), Err(Error::TooLarge { len: 5000, max: 4999 }));
    assert_eq!(decompressor.decompress(&body, 5000), Ok(&[7; 5000][..]));
    assert_eq!(decompressor.decompress(&super::compress(b"short"), 5000), Ok(&b"short"[..]));
    for bad in [&b""[..], b"hello", b"\x05", b"\x05\x00a", b"\xff\xff\xff\xff\x7f"] {
        assert_eq!(
            decompressor.decompress(bad, 5000).unwrap_err().to_string(),
            "snappy: corrupt input",
            "{bad:?}"
        );
    }
    assert_eq!(decompressor.decompress(b"\x00", 5000), Ok(&b""[..]));
}

#[test]
fn a_histogram_with_more_buckets_than_any_is_refused() {
    let message =
        bytes_of(&messages::Histogram { positive_counts: vec![0.0; 1 << 18], ..Default::default() });
    assert!(SentHistogram::decode(&message).is_ok());
    let message =
        bytes_of(&messages::Histogram { positive_deltas: vec![0; (1 << 18) + 1], ..Default::default() });
    assert_eq!(SentHistogram::decode(&message), Err(Error::TooMany { what: "buckets" }));
}
