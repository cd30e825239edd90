//! Single steps of what the server does, from the table of `lapwing bench micro`.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on ends")]

use benches::micro::{ALL, Step};
use divan::Bencher;
use divan::counter::ItemsCount;

fn main() {
    divan::main();
}

fn steps() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|step| step.name)
}

#[divan::bench(args = steps(), max_time = 1.0)]
fn step(bencher: Bencher<'_, '_>, name: &str) {
    let step: &Step = ALL.iter().find(|step| step.name == name).unwrap();
    let mut prepared = (step.make)().unwrap();
    bencher.counter(ItemsCount::new(prepared.units)).bench_local(|| prepared.run(1).unwrap());
}
