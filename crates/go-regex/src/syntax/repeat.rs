//! `*`, `+`, `?` and `{n,m}`.

/// What a count, or the product of nested counts, may be, as in Go.
const COPIES_MAX: u32 = 1000;

/// A repetition operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Repeat {
    pub(super) min: u32,
    pub(super) max: Option<u32>,
    pub(super) greedy: bool,
    /// Whether it was written with braces; only those count towards [`COPIES_MAX`].
    counted: bool,
}

impl Repeat {
    /// The operator that `text` begins with and what follows it, a lazy `?` not yet read.
    /// Braces that hold no count are no operator.
    pub(super) fn read(text: &str) -> Option<(Repeat, &str)> {
        let (first, rest) = text.split_at_checked(1)?;
        let simple = |min, max| Some(Repeat { min, max, greedy: true, counted: false });
        match first {
            "*" => Some((simple(0, None)?, rest)),
            "+" => Some((simple(1, None)?, rest)),
            "?" => Some((simple(0, Some(1))?, rest)),
            "{" => Repeat::read_counted(rest),
            _ => None,
        }
    }

    fn read_counted(text: &str) -> Option<(Repeat, &str)> {
        let (min, rest) = read_count(text)?;
        let (max, rest) = match rest.strip_prefix(',') {
            None => (Some(min), rest),
            Some(rest) if rest.starts_with('}') => (None, rest),
            Some(rest) => {
                let (max, rest) = read_count(rest)?;
                (Some(max), rest)
            }
        };
        let repeat = Repeat { min, max, greedy: true, counted: true };
        Some((repeat, rest.strip_prefix('}')?))
    }

    /// The one operator that does what this and then `outer` do: `x**` is `x*`, and so is `x?+`.
    pub(super) fn merged(self, outer: Repeat) -> Option<Repeat> {
        if self.counted || outer.counted || self.greedy != outer.greedy {
            return None;
        }
        Some(match self == outer {
            true => self,
            false => Repeat { min: 0, max: None, ..self },
        })
    }

    /// Whether its counts are in range and in order.
    pub(super) fn is_valid(&self) -> bool {
        self.min <= COPIES_MAX && self.max.is_none_or(|max| self.min <= max && max <= COPIES_MAX)
    }

    /// Whether what stands there `copies` times already may be repeated so.
    pub(super) fn may_repeat(&self, copies: u32) -> bool {
        let expands = self.min >= 2 || self.max.is_some_and(|max| max >= 2);
        !(self.counted && expands) || self.copies_of(copies) <= COPIES_MAX
    }

    /// How often what stands there `copies` times stands there when repeated so.
    pub(super) fn copies_of(&self, copies: u32) -> u32 {
        if !self.counted {
            return copies;
        }
        match self.max {
            // What is repeated no times is not there.
            Some(0) => 1,
            max => copies.saturating_mul(max.unwrap_or(self.min).max(1)),
        }
    }
}

/// The decimal number that `text` begins with; none if it has a needless zero in front.
fn read_count(text: &str) -> Option<(u32, &str)> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(end)?;
    if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    // A number too large to read is out of range all the same.
    Some((digits.parse().unwrap_or(u32::MAX), rest))
}
