//! The text format as families of metrics, with the errors of the original's strict reader.

use std::collections::{BTreeMap, BTreeSet};

use model::number::parse_float;
use model::quote::quote;

/// What a family's type says of its series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Summary,
    Untyped,
    Histogram,
    GaugeHistogram,
}

impl Kind {
    fn parse(text: &str) -> Option<Self> {
        Some(match text.to_ascii_uppercase().as_str() {
            "COUNTER" => Self::Counter,
            "GAUGE" => Self::Gauge,
            "SUMMARY" => Self::Summary,
            "UNTYPED" => Self::Untyped,
            "HISTOGRAM" => Self::Histogram,
            "GAUGE_HISTOGRAM" => Self::GaugeHistogram,
            _ => return None,
        })
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Summary => "summary",
            Self::Untyped => "untyped",
            Self::Histogram => "histogram",
            Self::GaugeHistogram => "gauge_histogram",
        }
    }

    /// The label that tells the parts of one metric apart, and is none of its own.
    const fn part_label(self) -> Option<&'static str> {
        match self {
            Self::Summary => Some("quantile"),
            Self::Histogram | Self::GaugeHistogram => Some("le"),
            _ => None,
        }
    }
}

/// All metrics of a name.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) name: String,
    pub(super) help: String,
    has_help: bool,
    kind: Option<Kind>,
    pub(super) metrics: Vec<Metric>,
    places: BTreeMap<Vec<(String, String)>, usize>,
}

/// One metric; the parts of a histogram or summary are one.
#[derive(Debug)]
pub(super) struct Metric {
    /// Sorted by name.
    pub(super) labels: Vec<(String, String)>,
    /// Buckets or quantiles.
    parts: usize,
}

impl Family {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            help: String::new(),
            has_help: false,
            kind: None,
            metrics: Vec::new(),
            places: BTreeMap::new(),
        }
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind.unwrap_or(Kind::Untyped)
    }

    /// How many series its metrics are.
    pub(super) fn cardinality(&self) -> usize {
        // A histogram or summary has a sum and a count besides its parts.
        let besides = if self.kind().part_label().is_some() { 2 } else { 1 };
        self.metrics.iter().map(|metric| metric.parts + besides).sum()
    }

    fn add(&mut self, labels: Vec<(String, String)>, is_part: bool) {
        let merged = self.kind().part_label().is_some();
        let place = match self.places.get(&labels) {
            Some(place) if merged => *place,
            _ => {
                self.places.insert(labels.clone(), self.metrics.len());
                self.metrics.push(Metric { labels, parts: 0 });
                self.metrics.len() - 1
            }
        };
        if let (true, Some(metric)) = (is_part && merged, self.metrics.get_mut(place)) {
            metric.parts += 1;
        }
    }
}

/// A text that is not in the format.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FormatError {
    line: usize,
    message: String,
}

impl std::fmt::Display for FormatError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "text format parsing error in line {}: {}", self.line, self.message)
    }
}

/// Reads families in the order in which they are first named.
pub(super) fn parse(text: &str) -> Result<Vec<Family>, FormatError> {
    let mut families = Families::default();
    let lines: Vec<&str> = text.split('\n').collect();
    let (last, whole) = lines.split_last().unwrap_or((&"", &[]));
    for (position, line) in whole.iter().enumerate() {
        families.line(line).map_err(|message| FormatError { line: position + 1, message })?;
    }
    if !last.is_empty() {
        let message = "unexpected end of input stream".to_owned();
        return Err(FormatError { line: lines.len(), message });
    }
    Ok(families.list)
}

#[derive(Default)]
struct Families {
    list: Vec<Family>,
    places: BTreeMap<String, usize>,
}

impl Families {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let line = line.trim_start_matches([' ', '\t']);
        match line.strip_prefix('#') {
            Some(comment) => self.comment(comment.trim_start_matches([' ', '\t'])),
            None if line.is_empty() => Ok(()),
            None => self.sample(line),
        }
    }

    /// The family of exactly this name.
    fn family(&mut self, name: &str) -> Option<&mut Family> {
        let place = *self.places.entry(name.to_owned()).or_insert_with(|| {
            self.list.push(Family::new(name));
            self.list.len() - 1
        });
        self.list.get_mut(place)
    }

    fn comment(&mut self, comment: &str) -> Result<(), String> {
        let (keyword, rest) = comment.split_once([' ', '\t']).unwrap_or((comment, ""));
        if !matches!(keyword, "HELP" | "TYPE") {
            return Ok(());
        }
        let rest = rest.trim_start_matches([' ', '\t']);
        if rest.is_empty() {
            return Ok(());
        }
        let (name, rest) = metric_name(rest)?;
        if name.is_empty() || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
            return Err("invalid metric name in comment".to_owned());
        }
        let rest = rest.trim_start_matches([' ', '\t']);
        let Some(family) = self.family(&name) else { return Ok(()) };
        if keyword == "HELP" {
            if family.has_help {
                return Err(format!("second HELP line for metric name {}", quote(&name)));
            }
            if !rest.is_empty() {
                family.has_help = true;
                family.help = unescape(rest, false)?;
            }
            return Ok(());
        }
        if rest.is_empty() {
            return Ok(());
        }
        if family.kind.is_some() || !family.metrics.is_empty() {
            let name = quote(&name);
            return Err(format!("second TYPE line for metric name {name}, or TYPE reported after samples"));
        }
        let kind = Kind::parse(rest).ok_or_else(|| format!("unknown metric type {}", quote(rest)))?;
        family.kind = Some(kind);
        Ok(())
    }

    fn sample(&mut self, line: &str) -> Result<(), String> {
        let (mut name, rest) = metric_name(line)?;
        let mut rest = rest.trim_start_matches([' ', '\t']);
        let mut labels = Vec::new();
        if let Some(inside) = rest.strip_prefix('{') {
            rest = read_labels(inside, &mut name, &mut labels)?;
        }
        if name.is_empty() {
            return Err("invalid metric name".to_owned());
        }
        check_value(rest.trim_start_matches([' ', '\t']))?;
        let owner = self.owner(&name);
        let Some(family) = self.family(&owner) else { return Ok(()) };
        let mut is_part = false;
        if let Some(part) = family.kind().part_label()
            && let Some(place) = labels.iter().position(|(label, _)| label == part)
        {
            let (_, value) = labels.remove(place);
            if parse_float(&value).is_none() {
                return Err(format!("expected float as value for '{part}' label, got {}", quote(&value)));
            }
            is_part = true;
        }
        labels.sort_unstable();
        family.add(labels, is_part);
        Ok(())
    }

    /// The family that a series belongs to: `a` for `a_sum` where `a` is a summary.
    fn owner(&self, name: &str) -> String {
        let kind_of =
            |name: &str| self.places.get(name).and_then(|place| self.list.get(*place)).map(Family::kind);
        if kind_of(name).is_some() {
            return name.to_owned();
        }
        for suffix in ["_count", "_sum", "_bucket"] {
            let Some(base) = name.strip_suffix(suffix) else { continue };
            match kind_of(base) {
                Some(Kind::Summary) if suffix != "_bucket" => return base.to_owned(),
                Some(Kind::Histogram | Kind::GaugeHistogram) => return base.to_owned(),
                _ => {}
            }
        }
        name.to_owned()
    }
}

/// The name that a text begins with, in quotes or not, and what stands behind it.
fn metric_name(text: &str) -> Result<(String, &str), String> {
    if let Some(inside) = text.strip_prefix('"') {
        let (raw, behind) = quoted(inside)?;
        return Ok((unescape(raw, true)?, behind));
    }
    let mut characters = text.char_indices();
    let end = characters.find(|(position, character)| {
        !(character.is_ascii_alphabetic()
            || matches!(character, '_' | ':')
            || (*position > 0 && character.is_ascii_digit()))
    });
    let (name, rest) = text.split_at(end.map_or(text.len(), |(position, _)| position));
    Ok((name.to_owned(), rest))
}

/// Reads labels behind the opening brace; gives what stands behind the closing one. A name in quotes may stand first.
fn read_labels<'t>(
    mut text: &'t str,
    name: &mut String,
    labels: &mut Vec<(String, String)>,
) -> Result<&'t str, String> {
    let mut seen = BTreeSet::new();
    loop {
        text = text.trim_start_matches([' ', '\t']);
        if let Some(behind) = text.strip_prefix('}') {
            return Ok(behind);
        }
        let quoted_name = text.starts_with('"');
        let (label, behind) = metric_name(text)?;
        if label.is_empty() || (label.contains(':') && !quoted_name) {
            return Err(format!("invalid label name for metric {}", quote(name)));
        }
        let behind = behind.trim_start_matches([' ', '\t']);
        let Some(behind) = behind.strip_prefix('=') else {
            if quoted_name && name.is_empty() {
                *name = label;
                text = separator(behind, "")?;
                continue;
            }
            let found = behind.chars().next().unwrap_or('\n');
            return Err(format!("expected '=' after label name, found {}", shown(found)));
        };
        if label == "__name__" {
            return Err("label name \"__name__\" is reserved".to_owned());
        }
        let behind = behind.trim_start_matches([' ', '\t']);
        let Some(inside) = behind.strip_prefix('"') else {
            let found = behind.chars().next().unwrap_or('\n');
            return Err(format!("expected '\"' at start of label value, found {}", shown(found)));
        };
        let (raw, behind) = quoted(inside)?;
        let value = unescape(raw, true)?;
        if !seen.insert(label.clone()) {
            return Err(format!("duplicate label names for metric {}", quote(name)));
        }
        text = separator(behind, &value)?;
        labels.push((label, value));
    }
}

/// What stands behind the comma after a label, or the closing brace itself.
fn separator<'t>(text: &'t str, value: &str) -> Result<&'t str, String> {
    let text = text.trim_start_matches([' ', '\t']);
    match text.strip_prefix(',') {
        Some(behind) => Ok(behind),
        None if text.starts_with('}') => Ok(text),
        None => Err(format!("unexpected end of label value {}", quote(value))),
    }
}

/// What stands before and behind the closing quote.
fn quoted(inside: &str) -> Result<(&str, &str), String> {
    let mut characters = inside.char_indices();
    while let Some((position, character)) = characters.next() {
        match character {
            '"' => {
                let (raw, behind) = inside.split_at(position);
                return Ok((raw, behind.get(1..).unwrap_or("")));
            }
            '\\' => {
                characters.next();
            }
            _ => {}
        }
    }
    Err(format!("label value {} contains unescaped new-line", quote(inside)))
}

/// Undoes escapes; a quote is escaped in values only.
fn unescape(text: &str, quotes: bool) -> Result<String, String> {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => plain.push('\n'),
            Some('\\') => plain.push('\\'),
            Some('"') if quotes => plain.push('"'),
            Some(other) => return Err(format!("invalid escape sequence '\\{other}'")),
            None => return Err("invalid escape sequence '\\\n'".to_owned()),
        }
    }
    Ok(plain)
}

fn shown(character: char) -> String {
    if character == '\n' { "'\\n'".to_owned() } else { format!("'{character}'") }
}

/// Checks a value and, behind it, a time.
fn check_value(text: &str) -> Result<(), String> {
    let (value, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    // Go reads more forms of numbers than the format has.
    if value.contains(['p', 'P', '_']) || parse_float(value).is_none() {
        return Err(format!("expected float as value, got {}", quote(value)));
    }
    let time = rest.trim_start_matches([' ', '\t']);
    if time.is_empty() {
        return Ok(());
    }
    let (time, spurious) = match time.find([' ', '\t']) {
        Some(position) => time.split_at(position),
        None => (time, ""),
    };
    if time.parse::<i64>().is_err() {
        return Err(format!("expected integer as timestamp, got {}", quote(time)));
    }
    if !spurious.is_empty() {
        return Err(format!("spurious string after timestamp: {}", quote(spurious)));
    }
    Ok(())
}
