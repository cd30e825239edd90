//! Random series and queries of a seed.

use model::Labels;

use super::evaluator::Series;

const STALE: f64 = f64::from_bits(0x7ff0_0000_0000_0002);

const RANGE_FUNCTIONS: &[&str] = &[
    "sum_over_time",
    "avg_over_time",
    "min_over_time",
    "max_over_time",
    "count_over_time",
    "last_over_time",
    "present_over_time",
    "rate",
    "increase",
    "delta",
    "changes",
    "resets",
    "idelta",
];

/// Draws numbers by splitmix64; the same seed draws the same ones.
pub(super) struct Generator(u64);

impl Generator {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(1))
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }

    /// Two metrics, whole numbers about 10 s apart, with gaps, falls and staleness markers.
    pub(super) fn series(&mut self) -> Vec<Series> {
        let mut all = Vec::new();
        for name in ["a", "b"] {
            for x in ["1", "2", "3"] {
                for y in ["1", "2"] {
                    if self.below(8) > 0 {
                        let labels = Labels::from_pairs([("__name__", name), ("x", x), ("y", y)]);
                        all.push((labels, self.samples()));
                    }
                }
            }
        }
        all
    }

    fn samples(&mut self) -> Vec<(i64, f64)> {
        let (mut samples, mut value) = (Vec::new(), self.below(5) as f64);
        let jitter = [0, 0, 3][self.below(3)];
        let mut gap = 0;
        for number in 0..60_i64 {
            value = if self.below(12) == 0 { 0.0 } else { value + self.below(9) as f64 };
            let time = number * 10_000 + self.below(jitter * 1000 + 1) as i64;
            if gap > 0 {
                gap -= 1;
            } else if self.below(25) == 0 {
                gap = self.below(8);
                if self.below(2) == 0 {
                    samples.push((time, STALE));
                }
            } else {
                samples.push((time, value));
            }
        }
        samples
    }

    /// A query, and start, end and step in milliseconds.
    pub(super) fn query(&mut self) -> (String, (i64, i64, i64)) {
        let depth = 1 + self.below(3);
        let text = self.vector(depth);
        let step = [5_000, 10_000, 17_000, 60_000][self.below(4)];
        let start = self.below(500) as i64 * 1000;
        (text, (start, start + step * self.below(20) as i64, step))
    }

    fn selector(&mut self) -> String {
        let matchers =
            self.pick(&["", "", "", "{x=\"1\"}", "{x!=\"2\"}", "{y=~\"1|3\"}", "{x!~\"1|2\",y=\"2\"}"]);
        format!("{}{matchers}", self.pick(&["a", "b"]))
    }

    fn offset(&mut self) -> &'static str {
        self.pick(&["", "", "", " offset 7s", " offset 1m", " offset -10s"])
    }

    fn vector(&mut self, depth: usize) -> String {
        let choice = if depth == 0 { 0 } else { self.below(9) };
        match choice {
            0 => format!("{}{}", self.selector(), self.offset()),
            1 | 2 => {
                let (function, width) = (self.pick(RANGE_FUNCTIONS), self.pick(&["10s", "25s", "1m", "3m"]));
                format!("{function}({}[{width}]{})", self.selector(), self.offset())
            }
            3 => {
                let function = self.pick(RANGE_FUNCTIONS);
                let (width, step) = (self.pick(&["30s", "1m", "2m"]), self.pick(&["10s", "7s", "30s"]));
                format!("{function}(({})[{width}:{step}]{})", self.vector(depth - 1), self.offset())
            }
            4 | 5 => {
                let op = self.pick(&["sum", "avg", "min", "max", "count", "group"]);
                let clause = self.pick(&["", " by (x)", " by (y, x)", " without (y)", " without ()"]);
                format!("{op}{clause} ({})", self.vector(depth - 1))
            }
            6 => {
                // What is compared is whole, so that rounding decides nothing.
                let op = self.pick(&["==", "!=", "<", "<=", ">", ">=", "== bool", "> bool"]);
                format!("{} {op} {}", self.selector(), self.selector())
            }
            7 => {
                let (left, op) =
                    (self.vector(depth - 1), self.pick(&["+", "-", "*", "/", "and", "or", "unless"]));
                // Without names, so that a range function above finds no two series of the same labels.
                let sign = if op == "or" { "-" } else { "" };
                format!("{sign}({left}) {op} {sign}({})", self.vector(depth - 1))
            }
            _ => {
                let (op, number) = (self.pick(&["+", "-", "*", "/"]), self.pick(&["0", "2", "-3", "0.5"]));
                let vector = self.vector(depth - 1);
                if self.below(2) == 0 {
                    format!("({vector}) {op} {number}")
                } else {
                    format!("{number} {op} ({vector})")
                }
            }
        }
    }
}
