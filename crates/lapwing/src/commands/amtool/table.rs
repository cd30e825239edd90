//! Tables of texts.

use template::Time;

/// Rows under a head, in columns as wide as they must be.
pub(super) struct Table(Vec<Vec<String>>);

impl Table {
    pub(super) fn new(head: &[&str]) -> Table {
        Table(vec![head.iter().map(|title| (*title).to_owned()).collect()])
    }

    pub(super) fn row(&mut self, row: Vec<String>) {
        self.0.push(row);
    }

    pub(super) fn text(&self) -> String {
        let columns = self.0.iter().map(Vec::len).max().unwrap_or_default();
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                let cells = self.0.iter().filter_map(|row| row.get(column));
                cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
            })
            .collect();
        let mut out = String::new();
        for row in &self.0 {
            for (cell, width) in row.iter().zip(widths.iter().copied()) {
                out.push_str(&format!("{cell:<width$}  "));
            }
            out.push('\n');
        }
        out
    }
}

/// A time of the API by a layout of Go.
pub(super) fn time_shown(text: &str, layout: &str) -> String {
    Time::parse(text).map_or_else(|| text.to_owned(), |time| time.format(layout))
}
