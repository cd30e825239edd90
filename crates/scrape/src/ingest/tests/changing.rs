//! Targets whose lines come, go and change places end up with the samples and markers that the rules say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::bench;

/// Xorshift: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most as u64) as usize
    }
}

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// What a store must hold by the rules: samples by name, and which series are to end when they are missing.
#[derive(Default)]
struct Rules {
    samples: BTreeMap<&'static str, Vec<String>>,
    tracked: BTreeSet<&'static str>,
}

impl Rules {
    fn end(&mut self, names: impl IntoIterator<Item = &'static str>, time: i64) {
        for name in names {
            self.samples.entry(name).or_default().push(format!("{time}:end"));
        }
    }

    /// Lines are names, values and whether they have a time of their own.
    fn scrape(&mut self, time: i64, lines: &[(&'static str, usize, bool)], fails: bool) {
        let before = std::mem::take(&mut self.tracked);
        if fails {
            return self.end(before, time);
        }
        let mut seen = BTreeSet::new();
        for (name, value, own_time) in lines {
            if seen.insert(*name) {
                let time = if *own_time { time - 10 } else { time };
                self.samples.entry(name).or_default().push(format!("{time}:{value}"));
                self.tracked.extend((!own_time).then_some(*name));
            }
        }
        self.end(before.difference(&seen).copied(), time);
    }

    fn samples(&self) -> Vec<String> {
        self.samples
            .iter()
            .map(|(name, samples)| format!("{{__name__=\"{name}\"}} {}", samples.join(" ")))
            .collect()
    }
}

#[test]
fn samples_and_markers_are_those_of_the_rules() {
    for seed in 1..400 {
        let mut random = Random(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed));
        let (mut bench, mut rules) = (bench(), Rules::default());
        let mut order: Vec<&'static str> = NAMES.to_vec();
        for scrape in 1..25 {
            let time = scrape * 1000;
            match random.below(8) {
                0 => {
                    let (one, other) = (random.below(order.len().max(1)), random.below(order.len().max(1)));
                    if !order.is_empty() {
                        order.swap(one, other);
                    }
                }
                1 => drop(order.pop()),
                2 if !order.is_empty() => drop(order.remove(random.below(order.len()))),
                3 => order.insert(random.below(order.len() + 1), NAMES[random.below(NAMES.len())]),
                _ => {}
            }
            let mut lines = Vec::new();
            for name in &order {
                let first = !lines.iter().any(|(other, _, _)| other == name);
                let own_time = first && order.iter().filter(|other| *other == name).count() == 1;
                lines.push((*name, random.below(100), own_time && random.below(12) == 0));
            }
            let (fails, breaks_at) = (random.below(9) == 0, random.below(order.len() + 1));
            let mut body = String::new();
            for (position, (name, value, own_time)) in lines.iter().enumerate() {
                if fails && position == breaks_at {
                    body.push_str("a bad\n");
                }
                let own = if *own_time { format!(" {}", time - 10) } else { String::new() };
                writeln!(body, "{name} {value}{own}").unwrap();
            }
            if fails {
                body.push_str("a bad\n");
            }
            assert_eq!(bench.scrape(time, &body).1.is_some(), fails, "{body}");
            rules.scrape(time, &lines, fails);
            assert_eq!(bench.samples(), rules.samples(), "seed {seed}, scrape {scrape}:\n{body}");
        }
    }
}
