//! Histogram chunks as the original writes them.

use chunks::histogram::{decode, reset_header};
use chunks::{Appended, Encoding, HistogramAppender, HistogramKind};
use model::{FloatHistogram, Histogram};

use crate::recorded;

fn check<H: HistogramKind>(encoding: Encoding, samples_min: usize) {
    let mut samples = 0;
    for chunk in recorded::chunks_of(encoding) {
        let reset = reset_header(encoding, &chunk).unwrap();
        let mut bytes = Vec::new();
        let mut appender: Option<HistogramAppender<H>> = None;
        samples += decode(encoding, &chunk, |timestamp, start, histogram| match &mut appender {
            None => {
                let times = (timestamp, start);
                let started = HistogramAppender::start(&mut bytes, false, reset, times, &histogram);
                appender = Some(started.unwrap());
            }
            Some(appender) => {
                let appended = appender.append(&mut bytes, (timestamp, start), &histogram);
                assert_eq!(appended, Ok(Appended::InPlace));
            }
        })
        .unwrap();
        assert_eq!(bytes, chunk, "{reset:?} {appender:?}");
        let resumed = HistogramAppender::resume(&mut bytes, false).unwrap();
        assert_eq!(Some(resumed), appender);
        for len in 0..chunk.len() {
            let cut = chunk.get(..len).unwrap();
            assert!(decode::<H>(encoding, cut, |_, _, _| {}).is_err(), "{len} of {}", chunk.len());
        }
    }
    assert!(samples > samples_min, "{samples}");
}

#[test]
fn recorded_chunks_decode_and_encode_to_the_same_bytes() {
    check::<Histogram>(Encoding::Histogram, 1000);
    check::<FloatHistogram>(Encoding::FloatHistogram, 100);
}
