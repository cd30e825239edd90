//! Bodies of pushes, the first byte says which form: never a panic, and what reads is taken or refused as a whole server
//! would.
#![no_main]

use lapwing_fuzz::logs::take;
use libfuzzer_sys::fuzz_target;
use log_intake::Format;

fuzz_target!(|bytes: &[u8]| {
    let Some((form, body)) = bytes.split_first() else { return };
    match form % 3 {
        0 => take(wire::loki::protobuf(body), Format::Loki),
        1 => take(wire::loki::json(body), Format::Loki),
        _ => take(wire::loki::legacy_json(body), Format::Loki),
    }
});
