//! Lines of the Influx protocol: no panic; times of each precision are times.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::influx::{Line, Precision};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    for text in text.lines() {
        match Line::parse(text) {
            Ok(None) => assert!(text.trim_end_matches('\r').is_empty() || text.starts_with('#')),
            Ok(Some(line)) => {
                assert!(!line.fields.is_empty());
                assert!(line.tags.iter().all(|(_, value)| !value.is_empty()));
                if let Some(time) = line.timestamp {
                    for name in ["", "ns", "us", "ms", "s", "m", "h"] {
                        let ms = Precision::from_name(name).to_ms(time);
                        assert!(ms == 0 || (ms > 0) == (time > 0), "{name}: {time} is {ms}");
                    }
                }
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
});
