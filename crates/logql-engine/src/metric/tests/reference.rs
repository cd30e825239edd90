//! A plain evaluation of the definitions: at each time all entries are looked at.

use std::collections::BTreeMap;
use std::time::Duration;

use logql_syntax::Expr;
use logql_syntax::ast::{
    Grouping, LogExpr, MetricExpr, RangeAggregation, RangeOperation, Unwrap, VectorAggregation,
    VectorOperation,
};
use model::{Labels, Matcher};
use proptest::prelude::*;
use storage::logs::memory::{Doubled, MemoryLogs};
use storage::logs::{AppendRules, EntryAppendable, EntryRef, StreamEntries};

use super::super::{MatrixSeries, MetricAnswer};
use super::recorded::close;
use super::{Asked, dataset};

/// One entry: time, stream, value, a key of metadata.
type Entry = (i64, u8, i32, u8);

const OPERATIONS: [RangeOperation; 12] = [
    RangeOperation::Count,
    RangeOperation::Rate,
    RangeOperation::Bytes,
    RangeOperation::Sum,
    RangeOperation::Average,
    RangeOperation::Min,
    RangeOperation::Max,
    RangeOperation::Variance,
    RangeOperation::Deviation,
    RangeOperation::Quantile,
    RangeOperation::First,
    RangeOperation::Last,
];

#[derive(Debug, Clone)]
struct Case {
    entries: Vec<Entry>,
    operation: RangeOperation,
    range: i64,
    offset: i64,
    start: i64,
    steps: i64,
    step: i64,
    /// No clause, `by (zone)`, `without (v)`, `by ()`.
    clause: u8,
    sums: bool,
}

fn cases() -> impl Strategy<Value = Case> {
    let entries = proptest::collection::vec((0..600i64, 0..3u8, -40..40i32, 0..3u8), 0..60);
    let when = (1..300i64, -50..50i64, 0..500i64, 0..30i64, 1..60i64);
    (entries, 0..OPERATIONS.len(), when, 0..4u8, any::<bool>()).prop_map(
        |(entries, operation, (range, offset, start, steps, step), clause, sums)| Case {
            entries,
            operation: OPERATIONS[operation],
            range,
            offset,
            start,
            steps,
            step,
            clause,
            sums,
        },
    )
}

impl Case {
    fn unwraps(&self) -> bool {
        !matches!(self.operation, RangeOperation::Count | RangeOperation::Rate | RangeOperation::Bytes)
    }

    fn clause(&self) -> Option<Grouping> {
        let clause = |without, labels: &[&str]| {
            Some(Grouping { without, labels: labels.iter().map(|label| (*label).to_owned()).collect() })
        };
        match self.clause {
            0 => None,
            1 => clause(false, &["zone"]),
            2 => clause(true, &["key", "stream"]),
            _ => clause(false, &[]),
        }
    }

    fn expr(&self) -> Expr {
        let unwrap = Unwrap { label: "v".to_owned(), conversion: None, filters: Vec::new() };
        let inner_clause = if self.sums { None } else { self.clause() };
        let range = MetricExpr::Range(Box::new(RangeAggregation {
            operation: self.operation,
            parameter: Some(0.3),
            log: LogExpr { matchers: vec![Matcher::equal("app", "x")], stages: Vec::new() },
            unwrap: self.unwraps().then_some(unwrap),
            range: Duration::from_nanos(self.range as u64),
            offset_nanos: self.offset,
            grouping: inner_clause,
        }));
        Expr::Metric(match self.sums {
            false => range,
            true => MetricExpr::Aggregation(Box::new(VectorAggregation {
                operation: VectorOperation::Sum,
                count: None,
                grouping: self.clause(),
                expr: range,
            })),
        })
    }

    fn line(entry: &Entry) -> String {
        "x".repeat(entry.2.unsigned_abs() as usize % 7)
    }

    fn stream(stream: u8) -> Labels {
        let zone = if stream == 2 { "b" } else { "a" };
        Labels::from_pairs([("app", "x"), ("stream", &stream.to_string()), ("zone", zone)])
    }

    fn metadata(entry: &Entry) -> Vec<(String, String)> {
        let mut metadata = vec![("v".to_owned(), (f64::from(entry.2) / 4.0).to_string())];
        if entry.3 > 0 {
            metadata.insert(0, ("key".to_owned(), format!("k{}", entry.3)));
        }
        metadata
    }

    fn store(&self, block_rows: usize) -> MemoryLogs {
        let logs = MemoryLogs::with_block_rows(block_rows);
        for entry in self.unique() {
            let (line, metadata, labels) =
                (Self::line(&entry), Self::metadata(&entry), Self::stream(entry.1));
            let metadata: Vec<(&str, &str)> =
                metadata.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let entries = [EntryRef { timestamp: entry.0, line: line.as_bytes(), metadata: &metadata }];
            let push = [StreamEntries { labels: &labels, entries: &entries, hint: None }];
            logs.append(dataset::TENANT, &push, &AppendRules::default()).unwrap();
        }
        logs
    }

    /// The entries without repeated ones, in order of time, of a hash of the stream's labels, and of arrival.
    fn unique(&self) -> Vec<Entry> {
        let mut unique: Vec<Entry> = Vec::new();
        for entry in &self.entries {
            if !unique.contains(entry) {
                unique.push(*entry);
            }
        }
        let hash = |stream: u8| {
            let pairs = Self::stream(stream);
            let text: Vec<u8> = pairs
                .iter()
                .flat_map(|(name, value)| [name.as_bytes(), b"\xff", value.as_bytes(), b"\xff"].concat())
                .collect();
            twox_hash::XxHash64::oneshot(0, &text)
        };
        unique.sort_by_key(|entry| (entry.0, hash(entry.1)));
        unique
    }

    fn labels(&self, entry: &Entry) -> Labels {
        let mut all: Vec<(String, String)> =
            Self::stream(entry.1).iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        all.extend(Self::metadata(entry));
        let unwraps = self.unwraps();
        let clause = if self.sums { None } else { self.clause() };
        all.retain(|(name, _)| {
            let named = clause.as_ref().is_some_and(|clause| clause.labels.contains(name));
            let kept = clause.as_ref().is_none_or(|clause| clause.without != named);
            kept && !(unwraps && name == "v")
        });
        Labels::from_pairs(all)
    }

    fn value(&self, entries: &[&Entry]) -> f64 {
        let values: Vec<f64> = entries.iter().map(|entry| f64::from(entry.2) / 4.0).collect();
        let (sum, count) = (values.iter().sum::<f64>(), values.len() as f64);
        let variance = values.iter().map(|value| (value - sum / count).powi(2)).sum::<f64>() / count;
        match self.operation {
            RangeOperation::Count => count,
            RangeOperation::Rate => count / (self.range as f64 / 1e9),
            RangeOperation::Bytes => {
                entries.iter().map(|entry| Self::line(entry).len()).sum::<usize>() as f64
            }
            RangeOperation::Sum => sum,
            RangeOperation::Average => sum / count,
            RangeOperation::Min => values.iter().copied().fold(f64::INFINITY, f64::min),
            RangeOperation::Max => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            RangeOperation::Variance => variance,
            RangeOperation::Deviation => variance.sqrt(),
            RangeOperation::Quantile => vectors::aggregate::quantile(0.3, &mut values.clone()),
            RangeOperation::First => values[0],
            _ => values[values.len() - 1],
        }
    }

    /// The definition: at each time the entries of the window, by their labels.
    fn expected(&self) -> BTreeMap<Labels, Vec<(i64, f64)>> {
        let entries = self.unique();
        let mut expected: BTreeMap<Labels, Vec<(i64, f64)>> = BTreeMap::new();
        let mut time = self.start.div_euclid(self.step) * self.step;
        let end = self.start + self.steps * self.step;
        loop {
            let (from, to) = (time - self.offset - self.range, time - self.offset);
            let mut series: BTreeMap<Labels, Vec<&Entry>> = BTreeMap::new();
            for entry in entries.iter().filter(|entry| from < entry.0 && entry.0 <= to) {
                series.entry(self.labels(entry)).or_default().push(entry);
            }
            let mut sums: BTreeMap<Labels, f64> = BTreeMap::new();
            for (labels, entries) in series {
                let value = self.value(&entries);
                let keep = |name: &str| match self.clause() {
                    _ if !self.sums => true,
                    None => false,
                    Some(clause) => clause.labels.iter().any(|label| label == name) != clause.without,
                };
                *sums.entry(labels.filtered(keep)).or_insert(0.0) += value;
            }
            for (labels, value) in sums {
                expected.entry(labels).or_default().push((time, value));
            }
            if time >= end {
                return expected;
            }
            time += self.step;
        }
    }

    fn check(&self, logs: &dyn storage::logs::LogQueryable) {
        let mut asked = Asked::of(logs);
        asked.limits.series_max = None;
        let answer = asked.range(&self.expr(), (self.start, self.start + self.steps * self.step), self.step);
        let MetricAnswer::Matrix(series) = answer.unwrap() else { panic!("no matrix") };
        let expected = self.expected();
        let labels: Vec<&Labels> = series.iter().map(|series| &series.labels).collect();
        assert_eq!(labels, expected.keys().collect::<Vec<_>>());
        for MatrixSeries { labels, points } in &series {
            let wanted = &expected[labels];
            let same = |(a, b): (&(i64, f64), &(i64, f64))| a.0 == b.0 && close(a.1, b.1);
            let all_same = points.len() == wanted.len() && points.iter().zip(wanted).all(same);
            assert!(all_same, "{labels}: {points:?} instead of {wanted:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn answers_are_those_of_the_definitions(case in cases()) {
        case.check(&case.store(usize::MAX));
        case.check(&case.store(3));
    }

    #[test]
    fn entries_that_are_told_twice_count_once(case in cases()) {
        case.check(&Doubled(case.store(5), case.store(2)));
    }
}
