//! Bodies of Elasticsearch's `_bulk`; arguments of the query stand before the first line feed.
#![no_main]

use lapwing_fuzz::logs::{NOW_MS, take};
use libfuzzer_sys::fuzz_target;
use log_intake::Format;
use wire::loki::bulk::{Arguments, bulk};

fuzz_target!(|bytes: &[u8]| {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (query, body) = bytes.split_at(end);
    let query = String::from_utf8_lossy(query);
    let argument = |name: &str| {
        query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    };
    let Ok(arguments) = Arguments::read(argument) else { return };
    take(bulk(body, &arguments, NOW_MS * 1_000_000), Format::Elasticsearch);
});
