//! How figures of chunks are spread, as bars of text.

use std::io::{self, Write};

/// About so many bars are drawn.
const BARS: u64 = 10;
/// Bars are a power of ten wide, from this on.
const WIDTH_MIN: u64 = 10;
/// They get no wider than this.
const WIDTH_MAX: u64 = 100_000;

/// Writes how many of the figures fall in which range; a `#` stands for a hundredth of `total`.
pub(super) fn write_spread(
    name: &str,
    figures: &mut [u64],
    total: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    figures.sort_unstable();
    let (Some(min), Some(max)) = (figures.first().copied(), figures.last().copied()) else {
        return writeln!(out, "{name}: N/A\n");
    };
    let average = figures.iter().sum::<u64>() / figures.len() as u64;
    writeln!(out, "{name} (min/avg/max): {min}/{average}/{max}")?;
    let mut width = WIDTH_MIN;
    while width < (max - min) / BARS && width < WIDTH_MAX {
        width *= 10;
    }
    let start = min - min % width;
    let bars = (max - max % width + width - start) / width + 1;
    // The original's ranges are named one too high: what is told as [11, 20] is 10 to 19.
    let counts: Vec<usize> = (0..bars)
        .map(|bar| {
            let range = start + bar * width..start + (bar + 1) * width;
            figures.iter().filter(|figure| range.contains(figure)).count()
        })
        .collect();
    let digits = |number: u64| number.to_string().len();
    let end = start + bars * width;
    let (left, right) = (digits(end - width + 1), digits(end));
    let most = digits(counts.iter().max().copied().unwrap_or_default() as u64);
    for (bar, count) in (0..).zip(counts) {
        let (lower, upper) = (start + bar * width + 1, start + (bar + 1) * width);
        let hashes = "#".repeat(100 * count / total.max(1));
        writeln!(out, "[{lower:>left$}, {upper:>right$}]: {count:>most$} {hashes}")?;
    }
    writeln!(out)
}
