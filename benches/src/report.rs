//! What a benchmark has found: a table for people, a line of JSON for programs.

use serde_json::{Map, Value};

/// What a benchmark has found.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Which benchmark.
    pub bench: &'static str,
    /// What was done: where, how much, with which seed.
    pub about: Vec<(&'static str, Value)>,
    /// The figures.
    pub rows: Vec<Row>,
    /// What must be known of them.
    pub remarks: Vec<String>,
    /// Why they must not be used.
    pub failure: Option<String>,
}

/// The figures of a part of a benchmark.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Which part.
    pub name: String,
    /// Its figures, in the order of all rows.
    pub figures: Vec<Figure>,
}

/// A figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// Its name in JSON.
    pub key: &'static str,
    /// Its value in the unit itself: seconds, bytes; `None` where it was not measured.
    pub value: Option<f64>,
    /// How people read it.
    pub unit: Unit,
}

/// How people read a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A whole number.
    Count,
    /// A number of something in a second.
    PerSecond,
    /// Time.
    Seconds,
    /// Memory or disk.
    Bytes,
    /// A number without a unit.
    Number,
}

/// A figure that was measured.
pub fn figure(key: &'static str, unit: Unit, value: f64) -> Figure {
    Figure { key, value: Some(value), unit }
}

/// A figure that may not have been measured.
pub fn maybe(key: &'static str, unit: Unit, value: Option<f64>) -> Figure {
    Figure { key, value, unit }
}

impl Report {
    /// A report without figures yet.
    pub fn new(bench: &'static str) -> Self {
        Self { bench, about: Vec::new(), rows: Vec::new(), remarks: Vec::new(), failure: None }
    }

    /// Says something of what was done.
    #[must_use]
    pub fn about(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.about.push((key, value.into()));
        self
    }

    /// Adds the figures of a part.
    pub fn row(&mut self, name: impl Into<String>, figures: Vec<Figure>) {
        self.rows.push(Row { name: name.into(), figures });
    }

    /// The table: a line for each part.
    pub fn table(&self) -> String {
        let about: Vec<String> =
            self.about.iter().map(|(key, value)| format!("{key} {}", plain(value))).collect();
        let mut text = format!("{}: {}\n", self.bench, about.join(", "));
        let mut keys: Vec<&'static str> = Vec::new();
        for figure in self.rows.iter().flat_map(|row| &row.figures) {
            if figure.value.is_some() && !keys.contains(&figure.key) {
                keys.push(figure.key);
            }
        }
        let mut lines =
            vec![std::iter::once(String::new()).chain(keys.iter().map(|key| heading(key))).collect()];
        for row in &self.rows {
            let cell = |key: &&'static str| {
                let found = row.figures.iter().find(|figure| figure.key == *key);
                found.map_or_else(|| "-".to_owned(), |figure| figure.shown())
            };
            lines.push(std::iter::once(row.name.clone()).chain(keys.iter().map(cell)).collect());
        }
        text.push_str(&aligned(&lines));
        for remark in self.remarks.iter().chain(&self.failure) {
            text.push_str(&format!("{remark}\n"));
        }
        text
    }

    /// The line of JSON.
    pub fn to_json(&self) -> Value {
        let mut all = Map::new();
        all.insert("bench".to_owned(), self.bench.into());
        all.extend(self.about.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        let rows = self.rows.iter().map(|row| {
            let mut of = Map::from_iter([("name".to_owned(), Value::from(row.name.as_str()))]);
            let figures = row.figures.iter();
            of.extend(figures.map(|figure| (figure.key.to_owned(), figure.value.map(rounded).into())));
            Value::Object(of)
        });
        all.insert("rows".to_owned(), rows.collect());
        if !self.remarks.is_empty() {
            all.insert("remarks".to_owned(), self.remarks.clone().into());
        }
        if let Some(failure) = &self.failure {
            all.insert("failure".to_owned(), failure.as_str().into());
        }
        Value::Object(all)
    }
}

impl Figure {
    /// The figure as people read it.
    fn shown(&self) -> String {
        let Some(value) = self.value else { return "-".to_owned() };
        match self.unit {
            Unit::Count => format!("{value:.0}"),
            Unit::PerSecond => scaled(value, 1000.0, &["/s", "k/s", "M/s", "G/s"]),
            Unit::Number => format!("{value:.3}"),
            Unit::Bytes => scaled(value, 1024.0, &["B", "KiB", "MiB", "GiB", "TiB"]),
            Unit::Seconds if value != 0.0 && value.abs() < 1e-3 => format!("{:.1} us", value * 1e6),
            Unit::Seconds if value.abs() < 1.0 => format!("{:.2} ms", value * 1e3),
            Unit::Seconds => format!("{value:.2} s"),
        }
    }
}

fn scaled(mut value: f64, step: f64, names: &[&str]) -> String {
    let mut names = names.iter().peekable();
    loop {
        let name = names.next().copied().unwrap_or_default();
        if value.abs() < step || names.peek().is_none() {
            return if value.fract() == 0.0 {
                format!("{value:.0} {name}")
            } else {
                format!("{value:.1} {name}")
            };
        }
        value /= step;
    }
}

/// Six digits are more than any of these figures can bear; what was counted stays as it is.
fn rounded(value: f64) -> f64 {
    if value.fract() == 0.0 || !value.is_finite() {
        return value;
    }
    let digits = 5 - value.abs().log10().floor() as i32;
    let by = 10_f64.powi(digits.clamp(-300, 300));
    (value * by).round() / by
}

fn heading(key: &str) -> String {
    key.replace('_', " ")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Columns of equal width; the first one at the left, the others at the right.
fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            lines
                .iter()
                .filter_map(|line| line.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for line in lines {
        let mut whole = String::new();
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            let pad = width - cell.chars().count();
            let (before, behind) = if column == 0 { (0, pad) } else { (pad + 2, 0) };
            whole.extend([" ".repeat(before).as_str(), cell, " ".repeat(behind).as_str()]);
        }
        text.push_str(whole.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests;
