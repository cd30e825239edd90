//! A set of whole texts.

use std::collections::HashSet;

use foldhash::fast::RandomState;

/// Up to how many texts are compared one by one.
const LIST_MAX: usize = 8;

/// A fixed set of texts.
#[derive(Debug)]
pub(crate) struct TextSet {
    shortest: usize,
    longest: usize,
    texts: Texts,
}

#[derive(Debug)]
enum Texts {
    List(Vec<Box<[u8]>>),
    Table(HashSet<Box<[u8]>, RandomState>),
}

impl TextSet {
    pub(crate) fn new<'a>(texts: impl Iterator<Item = &'a str>) -> TextSet {
        let texts: Vec<Box<[u8]>> = texts.map(|text| text.as_bytes().into()).collect();
        TextSet {
            shortest: texts.iter().map(|text| text.len()).min().unwrap_or(0),
            longest: texts.iter().map(|text| text.len()).max().unwrap_or(0),
            texts: match texts.len() > LIST_MAX {
                true => Texts::Table(texts.into_iter().collect()),
                false => Texts::List(texts),
            },
        }
    }

    pub(crate) fn contains(&self, text: &[u8]) -> bool {
        (self.shortest..=self.longest).contains(&text.len())
            && match &self.texts {
                Texts::List(texts) => texts.iter().any(|t| **t == *text),
                Texts::Table(texts) => texts.contains(text),
            }
    }
}
