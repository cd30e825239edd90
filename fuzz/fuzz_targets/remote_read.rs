//! Requests and answers of remote read, the first byte says which: no panic; a request that is written again reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::remote::Error;
use wire::remote::read::{ReadRequest, each_chunked_series, each_series, labels_of, split_frame};

fuzz_target!(|bytes: &[u8]| {
    let Some((first, body)) = bytes.split_first() else { return };
    match first % 4 {
        0 => {
            if let Ok(request) = ReadRequest::decode(body) {
                assert_eq!(ReadRequest::decode(&request.encode()).as_ref(), Ok(&request));
            }
        }
        1 => {
            let _ = each_series::<Error>(body, |_, series| {
                let mut items = series.items();
                while items.next()?.is_some() {}
                labels_of(&series).map(drop)
            });
        }
        2 => {
            let mut rest = body;
            while let Ok(Some((message, len))) = split_frame(rest, 1 << 20) {
                assert!(message.len() <= len && len <= rest.len());
                rest = &rest[len..];
            }
        }
        _ => {
            let _ = each_chunked_series::<Error>(body, |_, chunks| {
                assert!(chunks.iter().all(|chunk| chunk.data.len() <= body.len()));
                Ok(())
            });
        }
    }
});
