//! Literals with gaps between them, found by string search.
//!
//! What follows a gap may begin anywhere, so that the first place where a literal ends is always the right one.

use memchr::memmem::Finder;

use super::items::{Gap, Item};
use crate::facts::Strings;

/// How many literals are searched for in one place; for more, one pass of an engine over the text is cheaper.
const FINDERS_MAX: usize = 4;

/// A shape of texts.
#[derive(Debug)]
pub(crate) struct Glob {
    front: Front,
    middle: Vec<Place>,
    back: Back,
    one_line: Option<OneLine>,
}

/// How the text begins.
#[derive(Debug)]
enum Front {
    /// With a gap.
    Gap,
    /// With one of these, the shortest first.
    Literals(Vec<Box<[u8]>>),
}

/// A literal somewhere after a gap.
#[derive(Debug)]
struct Place {
    gap_min: usize,
    finders: Vec<Finder<'static>>,
}

/// How the text ends.
#[derive(Debug)]
enum Back {
    /// With a gap.
    Gap { gap_min: usize },
    /// With a gap and then one of these.
    Literals { gap_min: usize, texts: Vec<Box<[u8]>> },
}

/// The shape must be found within one line.
#[derive(Debug, Clone, Copy)]
struct OneLine {
    /// Whether there may be other lines before.
    open_front: bool,
    /// Whether there may be other lines after.
    open_back: bool,
}

impl OneLine {
    /// What `items` ask for; `Err` if that is for an engine.
    fn of(items: &[Item]) -> Result<Option<OneLine>, ()> {
        let gaps =
            || items.iter().filter_map(|item| if let Item::Gap(gap) = item { Some(gap) } else { None });
        if gaps().all(|gap| gap.lines) {
            return Ok(None);
        }
        let open = |end: Option<&Item>| matches!(end, Some(Item::Gap(gap)) if gap.lines && !gap.some);
        let (open_front, open_back) = (open(items.first()), open(items.last()));
        let across = gaps().filter(|gap| gap.lines).count();
        let line_feed = items
            .iter()
            .any(|item| matches!(item, Item::Literals(set) if set.iter().any(|text| text.contains('\n'))));
        match line_feed || across != usize::from(open_front) + usize::from(open_back) {
            true => Err(()),
            false => Ok(Some(OneLine { open_front, open_back })),
        }
    }
}

impl Glob {
    /// The shape of `items`, in which literals and gaps alternate; none if that is for an engine.
    pub(super) fn new(items: &[Item]) -> Option<Glob> {
        let one_line = OneLine::of(items).ok()?;
        let (front, mut items) = match items.split_first()? {
            (Item::Literals(set), rest) => (Front::Literals(by_length(set)), rest),
            _ => (Front::Gap, items),
        };
        let (mut middle, mut back) = (Vec::new(), None);
        while let Some((Item::Gap(Gap { some, .. }), after)) = items.split_first() {
            let gap_min = usize::from(*some);
            match after.split_first() {
                None => back = Some(Back::Gap { gap_min }),
                Some((Item::Literals(set), [])) => {
                    let texts = by_length(set);
                    back = Some(Back::Literals { gap_min, texts });
                }
                Some((Item::Literals(set), rest)) if set.len() <= FINDERS_MAX => {
                    let finders = set.iter().map(|text| Finder::new(text).into_owned()).collect();
                    middle.push(Place { gap_min, finders });
                    items = rest;
                    continue;
                }
                Some(_) => {}
            }
            break;
        }
        Some(Glob { front, middle, back: back?, one_line })
    }

    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        // What does not match across lines does not match within one either.
        self.is_match_across(text) && self.one_line.is_none_or(|rule| self.is_match_in_line(text, rule))
    }

    fn is_match_across(&self, text: &[u8]) -> bool {
        let mut rest = text;
        if let Front::Literals(texts) = &self.front {
            match texts.iter().find_map(|t| rest.strip_prefix(&**t)) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        for place in &self.middle {
            match place.first_end(rest).and_then(|end| rest.get(end..)) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        match &self.back {
            Back::Gap { gap_min } => rest.len() >= *gap_min,
            Back::Literals { gap_min, texts } => {
                texts.iter().any(|t| rest.strip_suffix(&**t).is_some_and(|gap| gap.len() >= *gap_min))
            }
        }
    }

    fn is_match_in_line(&self, text: &[u8], rule: OneLine) -> bool {
        if memchr::memchr(b'\n', text).is_none() {
            return true;
        }
        let mut lines = text.split(|b| *b == b'\n');
        match (rule.open_front, rule.open_back) {
            (true, true) => lines.any(|line| self.is_match_across(line)),
            (true, false) => lines.next_back().is_some_and(|line| self.is_match_across(line)),
            (false, true) => lines.next().is_some_and(|line| self.is_match_across(line)),
            (false, false) => false,
        }
    }
}

impl Place {
    /// Where the first literal in `text` ends, a gap before it left.
    fn first_end(&self, text: &[u8]) -> Option<usize> {
        let text = text.get(self.gap_min..)?;
        let ends = self.finders.iter().filter_map(|finder| Some(finder.find(text)? + finder.needle().len()));
        Some(ends.min()? + self.gap_min)
    }
}

fn by_length(set: &Strings) -> Vec<Box<[u8]>> {
    let mut texts: Vec<Box<[u8]>> = set.iter().map(|text| text.as_bytes().into()).collect();
    texts.sort_by_key(|text| text.len());
    texts
}
