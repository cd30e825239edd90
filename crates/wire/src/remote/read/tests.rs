//! What is asked is what is read, and what is answered too.

use model::Labels;

use super::*;
use crate::remote::v1::Item;

fn request() -> ReadRequest {
    ReadRequest {
        queries: vec![Query {
            start: -5,
            end: 1_700_000_000_000,
            matchers: vec![
                SentMatcher { kind: 0, name: "__name__".to_owned(), value: "up".to_owned() },
                SentMatcher { kind: 3, name: "job".to_owned(), value: "a|b".to_owned() },
            ],
            hints: Some(Hints {
                step: 15_000,
                function: "rate".to_owned(),
                start: 1,
                end: 2,
                grouping: vec!["job".to_owned(), "x".to_owned()],
                by: true,
                range: 300_000,
            }),
        }],
        accepted: vec![STREAMED_XOR_CHUNKS, SAMPLES],
    }
}

#[test]
fn requests_are_read_as_they_were_asked() {
    assert_eq!(ReadRequest::decode(&request().encode()), Ok(request()));
    let empty = ReadRequest::default();
    assert_eq!(ReadRequest::decode(&empty.encode()), Ok(empty));
}

#[test]
fn answers_with_samples_are_read_as_they_were_written() {
    let mut answer = SamplesAnswer::default();
    answer.end_query();
    answer.add_series(&Labels::from_pairs([("a", "b")]), |series| {
        series.add(7, SampleToRead::Float(1.5));
        series.add(8, SampleToRead::Float(f64::INFINITY));
    });
    answer.end_query();
    let message = answer.into_message();
    let mut found = Vec::new();
    each_series::<Error>(&message, |query, series| {
        let labels = labels_of(&series)?.unwrap();
        let mut items = series.items();
        while let Some(Item::Sample(sample)) = items.next()? {
            found.push((query, labels.to_string(), sample.timestamp, sample.value));
        }
        Ok(())
    })
    .unwrap();
    let name = r#"{a="b"}"#.to_owned();
    assert_eq!(found, [(1, name.clone(), 7, 1.5), (1, name, 8, f64::INFINITY)]);
    for end in 1..message.len() {
        // The empty result of the first query stands for itself.
        let cut = each_series::<Error>(&message[..end], |_, _| Ok(()));
        assert!(cut.is_err() || end == 2, "{end}");
    }
}

#[test]
fn frames_are_taken_one_by_one_as_they_come() {
    let mut frames = ChunkFrames::new(10);
    let mut bytes = Vec::new();
    frames.begin_series(0, &Labels::from_pairs([("a", "b")]));
    frames.add_chunk((1, 2), 1, &[9; 20], &mut bytes);
    frames.add_chunk((3, 4), 2, &[8; 3], &mut bytes);
    frames.end_series(&mut bytes);
    let mut found = Vec::new();
    let mut rest = bytes.as_slice();
    while let Some((message, len)) = split_frame(rest, 1000).unwrap() {
        each_chunked_series::<Error>(message, |labels, chunks| {
            found.push((labels.unwrap().to_string(), chunks.len(), chunks[0]));
            Ok(())
        })
        .unwrap();
        rest = &rest[len..];
    }
    assert!(rest.is_empty());
    let name = || r#"{a="b"}"#.to_owned();
    assert_eq!(
        found,
        [
            (name(), 1, SentChunk { start: 1, end: 2, encoding: 1, data: &[9; 20] }),
            (name(), 1, SentChunk { start: 3, end: 4, encoding: 2, data: &[8; 3] }),
        ]
    );
    let (_, len) = split_frame(&bytes, 1000).unwrap().unwrap();
    for end in 0..len {
        assert_eq!(split_frame(&bytes[..end], 1000), Ok(None), "{end}");
    }
    assert_eq!(split_frame(&bytes, 5), Err(FrameError::TooLarge { max: 5, len: (len - 5) as u64 }));
    bytes[len - 1] ^= 1;
    assert_eq!(split_frame(&bytes, 1000), Err(FrameError::Checksum));
    assert!(split_frame(&[0xff; 12], 1000).is_err());
}
