//! Units of OpenTelemetry (UCUM) in the words of Prometheus.

/// Words for units that are counted in; what is not listed stays as it is.
const MAIN: [(&str, &str); 26] = [
    ("d", "days"),
    ("h", "hours"),
    ("min", "minutes"),
    ("s", "seconds"),
    ("ms", "milliseconds"),
    ("us", "microseconds"),
    ("ns", "nanoseconds"),
    ("By", "bytes"),
    ("KiBy", "kibibytes"),
    ("MiBy", "mebibytes"),
    ("GiBy", "gibibytes"),
    // Spelt so by the original, and series are known by it.
    ("TiBy", "tibibytes"),
    ("KBy", "kilobytes"),
    ("MBy", "megabytes"),
    ("GBy", "gigabytes"),
    ("TBy", "terabytes"),
    ("m", "meters"),
    ("V", "volts"),
    ("A", "amperes"),
    ("J", "joules"),
    ("W", "watts"),
    ("g", "grams"),
    ("Cel", "celsius"),
    ("Hz", "hertz"),
    ("1", ""),
    ("%", "percent"),
];

/// Words for what comes behind `per`.
const PER: [(&str, &str); 7] = [
    ("s", "second"),
    ("m", "minute"),
    ("h", "hour"),
    ("d", "day"),
    ("w", "week"),
    ("mo", "month"),
    ("y", "year"),
];

/// The words of a unit: what is counted, and `per` what; either may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Unit {
    pub(super) main: String,
    pub(super) per: String,
}

impl Unit {
    /// The words of a unit, in the classic syntax where `escape` asks for it.
    pub(super) fn of(unit: &str, escape: bool) -> Self {
        let (main, per) = unit.split_once('/').map_or((unit, ""), |(main, per)| (main, per));
        Self { main: word(main, &MAIN, escape), per: word(per, &PER, escape) }
    }

    /// Both words as one.
    pub(super) fn joined(&self) -> String {
        match (self.main.is_empty(), self.per.is_empty()) {
            (false, false) => format!("{}_per_{}", self.main, self.per),
            (true, false) => format!("per_{}", self.per),
            (_, true) => self.main.clone(),
        }
    }
}

/// The word for one part; remarks in braces are no unit.
fn word(part: &str, words: &[(&str, &str)], escape: bool) -> String {
    let part = part.trim();
    if part.contains(['{', '}']) {
        return String::new();
    }
    let word = words.iter().find(|(unit, _)| *unit == part).map_or(part, |(_, word)| word);
    if !escape {
        return word.to_owned();
    }
    word.split(|character: char| !(character.is_ascii_alphanumeric() || character == ':'))
        .filter(|piece| !piece.is_empty())
        .collect::<Vec<_>>()
        .join("_")
}
