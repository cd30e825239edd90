//! Histograms as text: for people, and in the notation of test scripts.

use std::fmt::{self, Write};

use super::{Bucket, CounterResetHint, FloatHistogram, Histogram, Indexed};
use crate::number::format_general;

/// The longest side that the notation writes out, gaps included.
const WRITTEN_BUCKETS_MAX: i64 = 100_000;

/// `{count:3, sum:14, [-0.001,0.001]:1, (1,2]:2}`: what is populated, ascending.
impl fmt::Display for FloatHistogram {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{{count:{}, sum:{}", format_general(self.count), format_general(self.sum))?;
        let buckets = self.negative().rev().chain([self.zero_bucket()]).chain(self.positive());
        for bucket in buckets.filter(|bucket| bucket.count != 0.0) {
            write!(out, ", {bucket}")?;
        }
        out.write_char('}')
    }
}

/// As the same histogram with fractional counts.
impl fmt::Display for Histogram {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_float().fmt(out)
    }
}

/// `(1,2]:3`.
impl fmt::Display for Bucket {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_char(if self.lower_inclusive { '[' } else { '(' })?;
        write!(out, "{},{}", format_general(self.lower), format_general(self.upper))?;
        out.write_char(if self.upper_inclusive { ']' } else { ')' })?;
        write!(out, ":{}", format_general(self.count))
    }
}

impl FloatHistogram {
    /// The histogram in the notation of series in test scripts: `{{schema:1 count:3 sum:14 buckets:[1 2]}}`.
    pub fn notation(&self) -> String {
        let mut fields = Vec::new();
        if self.schema != 0 {
            fields.push(format!("schema:{}", self.schema));
        }
        let numbers = [
            ("count", self.count),
            ("sum", self.sum),
            ("z_bucket", self.zero_count),
            ("z_bucket_w", self.zero_threshold),
        ];
        for (key, number) in numbers {
            if number != 0.0 {
                fields.push(format!("{key}:{}", format_general(number)));
            }
        }
        if self.has_custom_buckets() {
            fields.push(format!("custom_values:{}", list(&self.custom_values)));
        }
        let hint = match self.counter_reset_hint {
            CounterResetHint::Unknown => None,
            CounterResetHint::Reset => Some("reset"),
            CounterResetHint::NotReset => Some("not_reset"),
            CounterResetHint::Gauge => Some("gauge"),
        };
        fields.extend(hint.map(|hint| format!("counter_reset_hint:{hint}")));
        push_side(&mut fields, "", self.positive_indexed());
        push_side(&mut fields, "n_", self.negative_indexed());
        format!("{{{{{}}}}}", fields.join(" "))
    }
}

/// Writes one side as its first index and its counts, gaps filled with zeros.
fn push_side(fields: &mut Vec<String>, prefix: &str, side: Indexed<'_, f64>) {
    let mut populated = side.filter(|(_, count)| *count != 0.0);
    let Some((first, count)) = populated.next() else { return };
    let mut counts = vec![count];
    for (index, count) in populated {
        let place = i64::from(index) - i64::from(first);
        if place >= WRITTEN_BUCKETS_MAX {
            break;
        }
        counts.resize(usize::try_from(place).unwrap_or(0), 0.0);
        counts.push(count);
    }
    if first != 0 {
        fields.push(format!("{prefix}offset:{first}"));
    }
    fields.push(format!("{prefix}buckets:{}", list(&counts)));
}

fn list(numbers: &[f64]) -> String {
    let texts: Vec<String> = numbers.iter().map(|number| format_general(*number)).collect();
    format!("[{}]", texts.join(" "))
}
