//! Chunks that are kept decoded give what the others give, whatever is read of them and happens to them.

use std::collections::BTreeMap;
use std::time::Duration;

use model::Matcher;
use platform::simulated::SimulatedFileSystem;
use storage::{AppendOptions, Appendable, TimeRange};
use tsdb::{Db, DecodedLimit, Settings};

use crate::fixture::{labels, open_with, select};

const MINUTE: i64 = 60_000;
const MINUTES: i64 = 125;

type Content = BTreeMap<String, Vec<(i64, f64)>>;

fn settings(decoded_chunks: DecodedLimit) -> Settings {
    Settings {
        block_duration_min: Duration::from_mins(10),
        block_duration_max: Duration::from_mins(30),
        samples_per_chunk: 8,
        decoded_chunks,
        ..Settings::default()
    }
}

/// Series whose times and values are of each form that is kept apart.
fn scrape(db: &Db, minute: i64, content: &mut Content) {
    let mut appender = db.appender(AppendOptions::default());
    let number = minute as f64;
    let stale = f64::from_bits(model::sample::STALE_NAN_BITS);
    let ended = if minute % 40 == 39 { stale } else { number };
    let rows = [
        ("constant", 0, 7.5),
        ("whole", 0, 1e9 + 3.0 * number),
        ("hundredths", 0, (number * 17.0) / 100.0),
        ("any", 0, number.sqrt()),
        ("jitter", minute * minute % 7, number),
        ("stale", 0, ended),
    ];
    for (id, late, value) in rows {
        let labels = labels(&[("__name__", "m"), ("id", id)]);
        let series = appender.series(&labels).unwrap();
        let time = minute * MINUTE + late;
        appender.append(series, time, 0, value).unwrap();
        content.entry(labels.to_string()).or_default().push((time, value));
    }
    appender.commit().unwrap();
}

fn bits(content: &Content) -> Vec<(&String, Vec<(i64, u64)>)> {
    let samples =
        |samples: &Vec<(i64, f64)>| samples.iter().map(|(time, value)| (*time, value.to_bits())).collect();
    content.iter().map(|(labels, all)| (labels, samples(all))).collect()
}

/// Reads many spans of time, each of them again and again.
fn check(db: &Db, content: &Content) {
    let mut seed = 1_u64;
    let mut random = |below: i64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as i64 % below
    };
    let any = [Matcher::equal("__name__", "m")];
    for _ in 0..200 {
        let start = random(MINUTES * MINUTE);
        let range = match random(4) {
            0 => TimeRange::ALL,
            1 => TimeRange::new(start, start),
            2 => TimeRange::new(start / MINUTE * MINUTE, (start + random(30 * MINUTE)) / MINUTE * MINUTE),
            _ => TimeRange::new(start, start + random(30 * MINUTE)),
        };
        let inside = |samples: &Vec<(i64, f64)>| -> Vec<(i64, f64)> {
            samples.iter().filter(|(time, _)| range.contains(*time)).copied().collect()
        };
        let mut expected: Content =
            content.iter().map(|(labels, samples)| (labels.clone(), inside(samples))).collect();
        expected.retain(|_, samples| !samples.is_empty());
        let found: Content = select(db, &any, range).into_iter().collect();
        assert_eq!(bits(&found), bits(&expected), "{range:?}");
    }
}

#[test]
fn answers_are_the_same_with_decoded_chunks_and_without() {
    // None, room for a few, room for all.
    for limit in [DecodedLimit::Off, DecodedLimit::Bytes(64 << 10), DecodedLimit::default()] {
        let db = open_with(&SimulatedFileSystem::new(), settings(limit));
        let mut content = Content::new();
        for minute in 0..MINUTES {
            scrape(&db, minute, &mut content);
            db.sync().unwrap();
            if minute % 5 == 4 {
                db.maintain().unwrap();
            }
        }
        check(&db, &content);
        // What is deleted is gone, of chunks that are known too, in blocks and head.
        for range in
            [TimeRange::new(33 * MINUTE + 1, 47 * MINUTE), TimeRange::new(100 * MINUTE, 118 * MINUTE)]
        {
            db.delete(range, &[Matcher::equal("__name__", "m")]).unwrap();
            for samples in content.values_mut() {
                samples.retain(|(time, _)| !range.contains(*time));
            }
            check(&db, &content);
        }
        // Other blocks take the place of those that were read.
        db.clean_tombstones().unwrap();
        for minute in MINUTES..MINUTES + 30 {
            scrape(&db, minute, &mut content);
            db.sync().unwrap();
        }
        db.maintain().unwrap();
        check(&db, &content);
    }
}
