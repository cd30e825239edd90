//! What a script expects of an evaluation besides its value: errors, annotations, order.

use go_regex::Regex;

/// What is expected besides the value.
#[derive(Debug, Clone, Default)]
pub(super) struct Expectations {
    /// Whether the order of the series counts.
    pub(super) ordered: bool,
    /// Patterns for the error; `None` where the query must succeed.
    pub(super) fail: Option<Vec<Pattern>>,
    pub(super) warnings: Remarks,
    pub(super) infos: Remarks,
}

/// Which annotations of one kind are expected.
#[derive(Debug, Clone, Default)]
pub(super) enum Remarks {
    /// Any or none.
    #[default]
    Unchecked,
    Absent,
    /// Each pattern fits at least one, and each one fits at least one pattern.
    Present(Vec<Pattern>),
}

/// What a text must be like.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    Anything,
    Equal(String),
    Regex(Regex),
}

/// Why an `expect` line means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ExpectError {
    #[error("unknown expectation {0:?}")]
    Unknown(String),
    #[error("expectation {0:?} takes no text")]
    UnexpectedText(String),
    #[error("expectation text must start with \"msg:\" or \"regex:\", got {0:?}")]
    UnknownPattern(String),
    #[error("invalid regular expression: {0}")]
    Regex(String),
    #[error("{0:?} contradicts an expectation before it")]
    Contradiction(String),
}

impl Expectations {
    /// Takes in the text behind `expect`.
    pub(super) fn read(&mut self, text: &str) -> Result<(), ExpectError> {
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        match word {
            "ordered" | "no_warn" | "no_info" if !rest.is_empty() => {
                return Err(ExpectError::UnexpectedText(text.to_owned()));
            }
            "ordered" => self.ordered = true,
            "no_warn" => self.warnings.set_absent(text)?,
            "no_info" => self.infos.set_absent(text)?,
            "fail" => self.fail.get_or_insert_default().push(Pattern::parse(rest)?),
            "warn" => self.warnings.push(Pattern::parse(rest)?, text)?,
            "info" => self.infos.push(Pattern::parse(rest)?, text)?,
            _ => return Err(ExpectError::Unknown(text.to_owned())),
        }
        Ok(())
    }

    /// Takes in what stands behind `eval_` in the older form; whether it was one of these words.
    pub(super) fn read_suffix(&mut self, suffix: &str) -> bool {
        match suffix {
            "" => {}
            "ordered" => self.ordered = true,
            "fail" => self.fail = Some(Vec::new()),
            "warn" => self.warnings = Remarks::Present(vec![Pattern::Anything]),
            "info" => self.infos = Remarks::Present(vec![Pattern::Anything]),
            _ => return false,
        }
        true
    }

    /// What is wrong with the annotations, if anything.
    pub(super) fn check_annotations(&self, warnings: &[String], infos: &[String]) -> Option<String> {
        self.warnings.check("warning", warnings).or_else(|| self.infos.check("info", infos))
    }

    /// What is wrong with the error, if anything.
    pub(super) fn check_error(&self, error: &str) -> Option<String> {
        let patterns = self.fail.as_ref()?;
        let unfitting = patterns.iter().find(|pattern| !pattern.fits(error))?;
        Some(format!("expected error {unfitting}\n     got error {error:?}"))
    }
}

impl Remarks {
    fn set_absent(&mut self, text: &str) -> Result<(), ExpectError> {
        if matches!(self, Self::Present(_)) {
            return Err(ExpectError::Contradiction(text.to_owned()));
        }
        *self = Self::Absent;
        Ok(())
    }

    fn push(&mut self, pattern: Pattern, text: &str) -> Result<(), ExpectError> {
        match self {
            Self::Unchecked => *self = Self::Present(vec![pattern]),
            Self::Present(patterns) => patterns.push(pattern),
            Self::Absent => return Err(ExpectError::Contradiction(text.to_owned())),
        }
        Ok(())
    }

    fn check(&self, kind: &str, got: &[String]) -> Option<String> {
        match self {
            Self::Unchecked => None,
            Self::Absent if got.is_empty() => None,
            Self::Absent => Some(format!("expected no {kind}\n     got {got:?}")),
            Self::Present(patterns) => {
                if let Some(missing) =
                    patterns.iter().find(|pattern| !got.iter().any(|text| pattern.fits(text)))
                {
                    return Some(format!("expected {kind} {missing}\n     got {got:?}"));
                }
                let extra = got.iter().find(|text| !patterns.iter().any(|pattern| pattern.fits(text)))?;
                Some(format!("unexpected {kind} {extra:?}"))
            }
        }
    }
}

impl Pattern {
    /// Reads `msg: text`, `regex: pattern` or nothing.
    fn parse(text: &str) -> Result<Self, ExpectError> {
        if text.is_empty() {
            Ok(Self::Anything)
        } else if let Some(message) = text.strip_prefix("msg:") {
            Ok(Self::Equal(message.trim().to_owned()))
        } else if let Some(pattern) = text.strip_prefix("regex:") {
            Self::regex(pattern.trim())
        } else {
            Err(ExpectError::UnknownPattern(text.to_owned()))
        }
    }

    /// A pattern of the regular expression.
    pub(super) fn regex(pattern: &str) -> Result<Self, ExpectError> {
        Regex::new(pattern).map(Self::Regex).map_err(|error| ExpectError::Regex(error.to_string()))
    }

    fn fits(&self, text: &str) -> bool {
        let bare = without_place(text);
        match self {
            Self::Anything => true,
            Self::Equal(expected) => {
                expected == text || expected == bare || expected == without_details(bare)
            }
            Self::Regex(regex) => regex.is_match(text) || regex.is_match(bare),
        }
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Anything => out.write_str("of any text"),
            Self::Equal(text) => write!(out, "{text:?}"),
            Self::Regex(regex) => write!(out, "matching {:?}", regex.as_str()),
        }
    }
}

/// The text without what was found out about buckets that are not monotonic: scripts expect the info alone.
fn without_details(text: &str) -> &str {
    text.split_once(", from buckets ").map_or(text, |(bare, _)| bare)
}

/// The text without ` (line:column)` at its end.
fn without_place(text: &str) -> &str {
    let place = text.rsplit_once(" (").and_then(|(bare, place)| Some((bare, place.strip_suffix(')')?)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match place {
        Some((bare, place))
            if place.split_once(':').is_some_and(|(line, column)| digits(line) && digits(column)) =>
        {
            bare
        }
        _ => text,
    }
}
