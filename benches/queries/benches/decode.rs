//! How many samples a second come out of chunks, by what is in them.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use queries::blocks::{Series, chunks_of};
use queries::fleet::{Fleet, MachineSeries, SPAN};

fn main() {
    divan::main();
}

/// The chunks of the first hours of all series of a metric.
fn chunks_of_metric(metric: &str) -> Vec<Vec<u8>> {
    let series = Fleet::new(20).series();
    let named = series.iter().filter(|series| metric.is_empty() || series.labels().metric_name() == metric);
    let chunks = |series: &MachineSeries| chunks_of(series, SPAN.start, SPAN.start + SPAN.block);
    named.flat_map(chunks).map(|chunk| chunk.data.into_owned()).collect()
}

#[divan::bench(args = [
    "",
    "node_systemd_unit_state",
    "node_cpu_seconds_total",
    "node_network_receive_bytes_total",
    "node_memory_Part1_bytes",
    "node_load1",
    "http_request_duration_seconds_bucket",
])]
fn xor(bencher: Bencher<'_, '_>, metric: &str) {
    let chunks = chunks_of_metric(metric);
    let samples: usize = chunks
        .iter()
        .filter_map(|chunk| chunk.first_chunk().copied())
        .map(|count| usize::from(u16::from_be_bytes(count)))
        .sum();
    let (mut timestamps, mut values) = (Vec::new(), Vec::new());
    bencher.counter(ItemsCount::new(samples)).bench_local(|| {
        for chunk in &chunks {
            timestamps.clear();
            values.clear();
            let decoded = chunks::xor::decode(black_box(chunk), &mut timestamps, &mut values);
            assert!(decoded.is_ok());
            black_box((&timestamps, &values));
        }
    });
}
