//! A request of OpenTelemetry with metrics, the first byte says whether it is JSON and how it is translated: no panic; what
//! was summed up can be taken back, and comes to the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::Labels;
use wire::otlp::{Accumulator, Deltas, Promotion, Sample, Settings, Sink, Strategy, json, translate};

/// What is made of a request.
#[derive(Default)]
struct Taken(Vec<String>);

impl Sink for Taken {
    type Error = ();

    fn take(&mut self, labels: &Labels, sample: &Sample<'_>) -> Result<(), ()> {
        assert!(labels.iter().all(|(name, value)| !name.is_empty() && !value.is_empty()));
        self.0.push(format!("{labels} {sample:?}"));
        Ok(())
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, body)) = bytes.split_first() else { return };
    let read;
    let body = if first & 1 == 0 {
        body
    } else {
        let Ok(message) = json::to_protobuf(body) else { return };
        read = message;
        &read
    };
    let strategies = [
        Strategy::UnderscoresWithSuffixes,
        Strategy::Underscores,
        Strategy::Utf8WithSuffixes,
        Strategy::Untranslated,
    ];
    let settings = Settings {
        strategy: strategies[usize::from(first >> 1 & 3)],
        promotion: Promotion::Listed(vec!["service.version".to_owned()]),
        histograms_to_nhcb: first & 0x08 != 0,
        promote_scope: first & 0x10 != 0,
        keep_identifying: first & 0x20 != 0,
        deltas: if first & 0x40 == 0 { Deltas::Refused } else { Deltas::Accumulated },
        type_and_unit_labels: first & 0x80 != 0,
        ..Settings::default()
    };
    let mut sums = Accumulator::new();
    let mut twice = [Taken::default(), Taken::default()];
    let outcomes = twice.each_mut().map(|taken| {
        let outcome = translate(body, &settings, (&mut sums, 1_700_000_000_000), taken);
        sums.undo();
        format!("{outcome:?}")
    });
    assert_eq!(outcomes[0], outcomes[1]);
    assert_eq!(twice[0].0, twice[1].0);
});
