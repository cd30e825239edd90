//! Filters on the line: of one line, and of all lines of a block at once.

use std::borrow::Cow;
use std::net::IpAddr;

use aho_corasick::AhoCorasick;
use go_regex::{Folding, Regex};
use logql_syntax::ast::{LineFilter, LineFilterOperator, LineOperand};
use logql_syntax::ip::IpRange;
use logql_syntax::pattern::{Piece, parse_filter_pattern};
use memchr::memmem;
use storage::logs::{EntryColumns, Needle, TIME_MARKS};

use super::rows::Rows;
use super::words::Words;
use crate::{Error, Result};

/// A filter on the line: any of its operands compares, or none does.
#[derive(Debug)]
pub(crate) struct LineTest {
    negative: bool,
    operands: Vec<Operand>,
    /// All operands at once, where they are several texts.
    texts: Option<AhoCorasick>,
}

/// What a line is compared with.
#[derive(Debug)]
enum Operand {
    Text(Box<memmem::Finder<'static>>),
    /// An expression, and the words that it is, if it is that.
    Regex(Regex, Option<Box<Words>>),
    Pattern(Vec<Part>),
    Ip(IpRange),
}

/// A piece of a pattern: anything (but nothing), or a text.
#[derive(Debug)]
enum Part {
    Anything,
    Text(Box<memmem::Finder<'static>>),
}

impl LineTest {
    pub(crate) fn new(filter: &LineFilter) -> Result<Self> {
        let operands = filter.operands().map(|operand| operand_of(filter.operator, operand));
        let operands: Vec<Operand> = operands.collect::<Result<_>>()?;
        let texts: Option<Vec<&[u8]>> = operands.iter().map(|operand| operand.text()).collect();
        let texts = texts.filter(|texts| texts.len() > 1 && texts.iter().all(|text| stays_in_line(text)));
        let texts = texts.and_then(|texts| AhoCorasick::new(texts).ok());
        Ok(Self { negative: filter.operator.is_negative(), operands, texts })
    }

    /// Whether every line stays or goes, whatever it is.
    pub(crate) fn always(&self) -> Option<bool> {
        self.operands.iter().any(Operand::is_always).then_some(!self.negative)
    }

    /// Whether a line stays.
    pub(crate) fn keeps(&self, line: &[u8]) -> bool {
        self.operands.iter().any(|operand| operand.is_in(line)) != self.negative
    }

    /// Whether the same lines stay where the times that lines tell are left out of them.
    pub(crate) fn passes_times(&self) -> bool {
        self.operands.iter().all(|operand| match operand {
            Operand::Text(finder) => {
                let is_of_times = |byte: &u8| byte.is_ascii_digit() || TIME_MARKS.contains(byte);
                finder.needle().len() > 1 && !finder.needle().iter().any(is_of_times)
            }
            Operand::Regex(regex, _) => {
                regex.len_min() > 1 && regex.is_without(b"0123456789\n") && regex.is_without(&TIME_MARKS)
            }
            Operand::Pattern(_) | Operand::Ip(_) => false,
        })
    }

    /// What a block must hold so that a line can stay: one of each group.
    pub(crate) fn needles(&self, groups: &mut Vec<Vec<Needle>>) {
        if self.negative {
            return;
        }
        match self.operands.as_slice() {
            [operand] => groups.extend(operand.needles()),
            operands => {
                // One group of each operand, together.
                let best = |operand: &Operand| {
                    let shortest = |group: &Vec<Needle>| group.iter().map(|needle| needle.bytes.len()).min();
                    operand.needles().into_iter().max_by_key(shortest)
                };
                let all: Option<Vec<Vec<Needle>>> = operands.iter().map(best).collect();
                groups.extend(all.map(|groups| groups.concat()));
            }
        }
    }

    /// Keeps the rows of a block whose lines stay. `found` is memory.
    pub(crate) fn search(&self, columns: &EntryColumns, rows: &mut Rows, found: &mut Rows) {
        // A few lines are quicker looked at one by one.
        let is_sparse = rows.count() * 8 < columns.rows;
        if is_sparse || !self.searches_blocks() {
            self.search_rows(columns, rows);
            return;
        }
        found.clear(columns.rows);
        match &self.texts {
            Some(texts) => each_hit(columns, found, |text| texts.find(text).map(|hit| hit.start())),
            None => self.operands.iter().for_each(|operand| operand.search(columns, found)),
        }
        if self.negative { rows.remove_all(found) } else { rows.retain_in(found) }
    }

    fn search_rows(&self, columns: &EntryColumns, rows: &mut Rows) {
        let mut next = 0;
        while let Some(row) = rows.at_or_after(next) {
            if !self.keeps(columns.line(row)) {
                rows.remove(row);
            }
            next = row + 1;
        }
    }

    /// Whether all operands can look at a whole block at once.
    fn searches_blocks(&self) -> bool {
        self.operands.iter().all(|operand| match operand {
            Operand::Text(finder) => stays_in_line(finder.needle()),
            Operand::Regex(regex, _) => regex.stays_in_line() || !best_literals(regex).is_empty(),
            Operand::Pattern(parts) => parts.iter().any(|part| part.text().is_some_and(stays_in_line)),
            Operand::Ip(_) => false,
        })
    }
}

impl Part {
    fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Anything => None,
            Self::Text(finder) => Some(finder.needle()),
        }
    }
}

impl Operand {
    fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Text(finder) => Some(finder.needle()),
            _ => None,
        }
    }

    fn is_always(&self) -> bool {
        match self {
            Self::Text(finder) => finder.needle().is_empty(),
            Self::Regex(regex, _) => {
                regex.matches_everything() || (regex.matches_empty() && regex.stays_in_line())
            }
            Self::Pattern(_) | Self::Ip(_) => false,
        }
    }

    fn is_in(&self, line: &[u8]) -> bool {
        match self {
            Self::Text(finder) => finder.find(line).is_some(),
            Self::Regex(regex, _) => regex.is_match_bytes(line),
            Self::Pattern(parts) => fits(parts, line),
            Self::Ip(range) => has_address(line, range),
        }
    }

    fn needles(&self) -> Vec<Vec<Needle>> {
        let plain = |bytes: &[u8]| vec![Needle { bytes: bytes.to_vec(), any_case: false }];
        match self {
            Self::Text(finder) => vec![plain(finder.needle())],
            Self::Regex(regex, _) => regex
                .required_literals()
                .iter()
                .map(|group| {
                    let any_case = group.folding == Folding::Ascii;
                    group
                        .any_of
                        .iter()
                        .map(|text| Needle { bytes: text.clone().into_bytes(), any_case })
                        .collect()
                })
                .collect(),
            Self::Pattern(parts) => parts.iter().filter_map(|part| part.text().map(plain)).collect(),
            Self::Ip(_) => Vec::new(),
        }
    }

    /// Adds the rows of a block whose lines compare.
    fn search(&self, columns: &EntryColumns, found: &mut Rows) {
        match self {
            Self::Text(finder) => each_hit(columns, found, |text| finder.find(text)),
            Self::Pattern(parts) => {
                let longest = parts.iter().filter_map(|part| match part {
                    Part::Text(finder) if stays_in_line(finder.needle()) => Some(finder),
                    _ => None,
                });
                if let Some(finder) = longest.max_by_key(|finder| finder.needle().len()) {
                    each_hit(columns, found, |text| finder.find(text));
                    keep_only(columns, found, |line| fits(parts, line));
                }
            }
            Self::Regex(_, Some(words)) => words.search(columns, found),
            Self::Regex(regex, None) => search_regex(regex, columns, found),
            Self::Ip(_) => {}
        }
    }
}

/// Adds the rows of a block in whose lines an expression matches.
fn search_regex(regex: &Regex, columns: &EntryColumns, found: &mut Rows) {
    if regex.stays_in_line()
        && let Ok(text) = std::str::from_utf8(&columns.text)
    {
        let mut row = 0;
        let mut from = 0;
        while let Some(hit) = text.get(from..).and_then(|text| regex.find_iter(text).next()) {
            (row, from) = row_of(columns, row, from + hit.start);
            if row >= columns.rows {
                return;
            }
            found.insert(row);
            row += 1;
        }
        return;
    }
    let literals = best_literals(regex);
    let folding = regex
        .required_literals()
        .iter()
        .any(|group| group.any_of == literals && group.folding == Folding::Ascii);
    let searcher = AhoCorasick::builder().ascii_case_insensitive(folding).build(literals);
    match searcher {
        Ok(searcher) if !literals.is_empty() => {
            let mut candidates = Rows::default();
            candidates.clear(columns.rows);
            each_hit(columns, &mut candidates, |text| searcher.find(text).map(|hit| hit.start()));
            keep_only(columns, &mut candidates, |line| regex.is_match_bytes(line));
            let mut next = 0;
            while let Some(row) = candidates.at_or_after(next) {
                found.insert(row);
                next = row + 1;
            }
        }
        _ => {
            for row in 0..columns.rows {
                if regex.is_match_bytes(columns.line(row)) {
                    found.insert(row);
                }
            }
        }
    }
}

/// The group of literals that is rarest by the look of it: its shortest one is the longest.
fn best_literals(regex: &Regex) -> &[String] {
    let usable = |texts: &[String]| texts.iter().all(|text| stays_in_line(text.as_bytes()));
    let groups = regex.required_literals().iter().filter(|group| usable(&group.any_of));
    let best = groups.max_by_key(|group| group.any_of.iter().map(String::len).min());
    best.map_or(&[], |group| group.any_of.as_slice())
}

/// Whether a text is found in no place that two lines share.
pub(super) fn stays_in_line(text: &[u8]) -> bool {
    !text.is_empty() && !text.contains(&b'\n')
}

/// Adds the rows in which `find` finds something, looking at the text of all lines at once.
pub(super) fn each_hit(columns: &EntryColumns, found: &mut Rows, find: impl Fn(&[u8]) -> Option<usize>) {
    let mut row = 0;
    let mut from = 0;
    while let Some(hit) = columns.text.get(from..).and_then(&find) {
        (row, from) = row_of(columns, row, from + hit);
        if row >= columns.rows {
            return;
        }
        found.insert(row);
        row += 1;
    }
}

/// The row, not before another one, whose line holds a place of the text, and where the next line begins.
pub(super) fn row_of(columns: &EntryColumns, row: usize, place: usize) -> (usize, usize) {
    let ends = columns.ends.get(row..).unwrap_or_default();
    // Hits are often near each other: steps grow until one is too far.
    let mut step = 1;
    while ends.get(step).is_some_and(|end| (*end as usize) < place) {
        step *= 2;
    }
    let near = ends.get(..(step + 1).min(ends.len())).unwrap_or_default();
    let row = row + near.partition_point(|end| (*end as usize) < place);
    (row, columns.ends.get(row).map_or(columns.text.len(), |end| *end as usize + 1))
}

/// Removes the rows whose lines fail a test.
fn keep_only(columns: &EntryColumns, rows: &mut Rows, test: impl Fn(&[u8]) -> bool) {
    let mut next = 0;
    while let Some(row) = rows.at_or_after(next) {
        if !test(columns.line(row)) {
            rows.remove(row);
        }
        next = row + 1;
    }
}

fn operand_of(operator: LineFilterOperator, operand: &LineOperand) -> Result<Operand> {
    let wrong = Error::Evaluation;
    Ok(match (operator, operand) {
        (_, LineOperand::Ip(text)) => {
            Operand::Ip(IpRange::parse(text).map_err(|error| wrong(error.to_string()))?)
        }
        (LineFilterOperator::Contains | LineFilterOperator::NotContains, LineOperand::Text(text)) => {
            Operand::Text(Box::new(memmem::Finder::new(text).into_owned()))
        }
        (LineFilterOperator::Regex | LineFilterOperator::NotRegex, LineOperand::Text(text)) => {
            let text = without_empty_words(text);
            let regex = Regex::new(&text).map_err(|error| wrong(error.to_string()))?;
            let usable =
                |word: &String| stays_in_line(word.as_bytes()) && !word.contains(char::REPLACEMENT_CHARACTER);
            let words = regex.words().filter(|words| words.any_of.iter().all(usable)).and_then(Words::new);
            Operand::Regex(regex, words.map(Box::new))
        }
        (LineFilterOperator::Pattern | LineFilterOperator::NotPattern, LineOperand::Text(text)) => {
            let pieces = parse_filter_pattern(text).map_err(|error| wrong(error.to_string()))?;
            let parts = pieces.iter().map(|piece| match piece {
                Piece::Literal(text) => Part::Text(Box::new(memmem::Finder::new(text).into_owned())),
                Piece::Capture(_) | Piece::Anything => Part::Anything,
            });
            Operand::Pattern(parts.collect())
        }
    })
}

/// An expression that is nothing but words, without the empty ones among them: the original leaves these out, so that
/// `error|` finds what `error` does.
fn without_empty_words(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c == '|' || !r"\.+*?()[]{}^$".contains(c);
    let has_both = text.split('|').any(str::is_empty) && text.split('|').any(|word| !word.is_empty());
    if !has_both || !text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let words: Vec<&str> = text.split('|').filter(|word| !word.is_empty()).collect();
    Cow::Owned(words.join("|"))
}

/// Whether a line follows a pattern: each text stands at its first place behind the one before, with something
/// between; the last one ends the line. The first text may stand anywhere.
fn fits(parts: &[Part], line: &[u8]) -> bool {
    if parts.is_empty() {
        return line.is_empty();
    }
    let mut rest = line;
    let mut behind_anything = false;
    for part in parts {
        match part {
            Part::Anything => behind_anything = true,
            Part::Text(finder) => {
                let Some(place) = finder.find(rest).filter(|place| *place > 0 || !behind_anything) else {
                    return false;
                };
                rest = rest.get(place + finder.needle().len()..).unwrap_or_default();
                behind_anything = false;
            }
        }
    }
    rest.is_empty() != behind_anything
}

/// Whether an address of a range stands somewhere in a line.
fn has_address(line: &[u8], range: &IpRange) -> bool {
    let belongs = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':');
    let is_v4 = range.first().is_ipv4();
    line.split(|byte| !belongs(byte)).filter(|run| run.len() > 1).any(|run| {
        let text = std::str::from_utf8(run).unwrap_or("");
        let whole = [text, text.trim_end_matches(':'), text.trim_end_matches('.')];
        match whole.iter().find_map(|text| text.parse::<IpAddr>().ok()) {
            Some(address) => range.contains(address),
            // An address of the old kind with a port or letters around it.
            None if is_v4 => {
                let parts = text.split(|c: char| !c.is_ascii_digit() && c != '.');
                let mut parts = parts.filter_map(|part| part.trim_matches('.').parse::<IpAddr>().ok());
                parts.any(|address| range.contains(address))
            }
            None => false,
        }
    })
}
