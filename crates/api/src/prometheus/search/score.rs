//! How well a text fits what was typed, from 0 to 1.

#[cfg(test)]
mod tests;

/// What a text that does not begin with the term keeps of its likeness, so that one which begins with it wins.
const NO_PREFIX: f64 = 0.999;

/// How likeness is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// The term's characters in their order; the longer their runs and the smaller the gaps, the better.
    Subsequence,
    /// Characters in common at about the same place, those of the beginning most of all.
    JaroWinkler,
}

/// Judges texts by terms of which one must fit.
pub(super) struct Scoring {
    terms: Vec<Term>,
    algorithm: Algorithm,
    /// The least likeness of a text that does not hold a term as it is.
    threshold: f64,
    case_sensitive: bool,
}

struct Term {
    text: String,
    characters: Vec<char>,
}

impl Scoring {
    /// `threshold` is in hundredths; 100 turns likeness off, so that only texts that hold a term fit.
    pub(super) fn new(terms: &[&str], algorithm: Algorithm, threshold: u8, case_sensitive: bool) -> Self {
        let terms = terms.iter().map(|term| {
            let text = if case_sensitive { (*term).to_owned() } else { term.to_lowercase() };
            Term { characters: text.chars().collect(), text }
        });
        Self { terms: terms.collect(), algorithm, threshold: f64::from(threshold) / 100.0, case_sensitive }
    }

    /// The score by the term that fits best; `None` where none fits.
    pub(super) fn score(&self, text: &str) -> Option<f64> {
        let lower;
        let text = if self.case_sensitive {
            text
        } else {
            lower = text.to_lowercase();
            &lower
        };
        let characters: Vec<char> = text.chars().collect();
        let scores = self.terms.iter().filter_map(|term| self.score_term(term, text, &characters));
        scores.max_by(f64::total_cmp)
    }

    fn score_term(&self, term: &Term, text: &str, characters: &[char]) -> Option<f64> {
        if text.starts_with(&term.text) {
            return Some(1.0);
        }
        let likeness = match self.algorithm {
            Algorithm::Subsequence => subsequence(&term.characters, characters)?,
            Algorithm::JaroWinkler => jaro_winkler(&term.characters, characters),
        };
        let score = likeness * NO_PREFIX;
        let fits =
            text.contains(&term.text) || (score > 0.0 && self.threshold < 1.0 && score >= self.threshold);
        fits.then_some(score)
    }
}

/// The likeness of the best way to find the term's characters in their order, `None` where there is none.
///
/// A run of `n` characters counts `n²`, a character left out before or between runs costs `1/length`, one behind
/// them half of that; the sum is divided by what the term as a whole would count.
fn subsequence(term: &[char], text: &[char]) -> Option<f64> {
    let first = term.first()?;
    let starts = text.iter().enumerate().filter(|(_, character)| *character == first);
    let likeness = starts.filter_map(|(start, _)| from_start(term, text, start)).max_by(f64::total_cmp)?;
    let whole = (term.len() * term.len()) as f64;
    Some(likeness / whole)
}

/// The sum for the runs that begin at `start` and go on as early as they can.
fn from_start(term: &[char], text: &[char], start: usize) -> Option<f64> {
    let length = text.len() as f64;
    let mut wanted = term.iter();
    let mut next = wanted.next();
    let (mut sum, mut behind_run, mut run) = (0.0, 0usize, 0usize);
    for (position, character) in text.iter().enumerate().skip(start) {
        let hit = next == Some(character);
        if hit {
            if run == 0 {
                sum -= (position - behind_run) as f64 / length;
            }
            run += 1;
            behind_run = position + 1;
            next = wanted.next();
        }
        if run > 0 && (!hit || next.is_none()) {
            sum += (run * run) as f64;
            run = 0;
        }
        if next.is_none() {
            break;
        }
    }
    if next.is_some() {
        return None;
    }
    sum -= (text.len() - behind_run) as f64 / (2.0 * length);
    Some(sum)
}

/// Winkler's variant of Jaro's likeness: up to four equal characters at the beginning add a tenth each of what is
/// missing.
fn jaro_winkler(left: &[char], right: &[char]) -> f64 {
    let jaro = jaro(left, right);
    let prefix = left.iter().zip(right).take(4).take_while(|(left, right)| left == right).count();
    jaro + prefix as f64 * 0.1 * (1.0 - jaro)
}

fn jaro(left: &[char], right: &[char]) -> f64 {
    if left.is_empty() || right.is_empty() {
        return if left.len() == right.len() { 1.0 } else { 0.0 };
    }
    let window = (left.len().max(right.len()) / 2).saturating_sub(1);
    let mut taken = vec![false; right.len()];
    let mut common = Vec::new();
    for (position, character) in left.iter().enumerate() {
        let from = position.saturating_sub(window);
        let candidates = right.iter().zip(taken.iter_mut()).skip(from).take(position + window + 1 - from);
        for (candidate, taken) in candidates {
            if !*taken && candidate == character {
                *taken = true;
                common.push(*character);
                break;
            }
        }
    }
    if common.is_empty() {
        return 0.0;
    }
    let in_order_of_right =
        right.iter().zip(&taken).filter(|(_, taken)| **taken).map(|(character, _)| character);
    let out_of_order = common.iter().zip(in_order_of_right).filter(|(left, right)| left != right).count();
    let (matches, transpositions) = (common.len() as f64, (out_of_order / 2) as f64);
    (matches / left.len() as f64 + matches / right.len() as f64 + (matches - transpositions) / matches) / 3.0
}
