//! Requests of OpenTelemetry with logs, the first byte says whether they are JSON: never a panic, and what reads is taken or
//! refused.
#![no_main]

use lapwing_fuzz::logs::{NOW_MS, take};
use libfuzzer_sys::fuzz_target;
use log_intake::{Format, OtlpRules};

fuzz_target!(|bytes: &[u8]| {
    let Some((form, body)) = bytes.split_first() else { return };
    let rules = OtlpRules::default();
    let read = |body: &[u8]| take(wire::otlp::logs::logs(body, &rules, NOW_MS * 1_000_000), Format::Otlp);
    if form % 2 == 0 {
        read(body);
    } else if let Ok(body) = wire::otlp::json::logs_to_protobuf(body) {
        read(&body);
    }
});
