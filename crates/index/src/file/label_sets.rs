//! The labels of many series, as a selector finds them: neighbours share most of their texts, so that few of these need
//! to be looked up.

use model::{Labels, LabelsBuilder};

use super::bytes::Cursor;
use super::reader::IndexReader;
use super::series::read_labels;
use crate::Error;

/// So many texts are kept at hand; a power of two.
const TEXTS: usize = 512;

/// Reads label sets one after the other.
#[derive(Debug)]
pub struct LabelSets<'a> {
    index: &'a IndexReader,
    /// Symbols and their texts, each at the place that the symbol's lowest bits tell.
    texts: Vec<Option<(u32, &'a str)>>,
    pairs: Vec<(&'a str, &'a str)>,
}

impl IndexReader {
    /// For reading the labels of many series.
    pub fn label_sets(&self) -> LabelSets<'_> {
        LabelSets { index: self, texts: vec![None; TEXTS], pairs: Vec::new() }
    }

    /// For reading the labels of one series.
    pub(super) fn label_set(&self) -> LabelSets<'_> {
        LabelSets { index: self, texts: Vec::new(), pairs: Vec::new() }
    }
}

impl<'a> LabelSets<'a> {
    /// The labels of a series.
    ///
    /// # Errors
    /// `Corrupt`, `Checksum`.
    pub fn labels(&mut self, number: u32) -> Result<Labels, Error> {
        self.read(&mut self.index.entry(number)?)
    }

    /// The labels at the beginning of a series' entry.
    pub(super) fn read(&mut self, content: &mut Cursor<'_>) -> Result<Labels, Error> {
        let mut pairs = std::mem::take(&mut self.pairs);
        pairs.clear();
        let mut sorted = true;
        read_labels(content, |name, value| {
            let (name, value) = (self.text(name)?, self.text(value)?);
            sorted &= pairs.last().is_none_or(|(last, _)| *last < name) && !value.is_empty();
            pairs.push((name, value));
            Ok(())
        })?;
        let labels = if sorted { Labels::from_sorted(pairs.iter().copied()) } else { unsorted(&pairs) };
        self.pairs = pairs;
        Ok(labels)
    }

    #[inline]
    fn text(&mut self, symbol: u32) -> Result<&'a str, Error> {
        let place = self.texts.get_mut(symbol as usize % TEXTS);
        if let Some(Some((known, text))) = &place
            && *known == symbol
        {
            return Ok(text);
        }
        let text = self.index.text(symbol)?;
        if let Some(place) = place {
            *place = Some((symbol, text));
        }
        Ok(text)
    }
}

/// Labels as no writer should have left them, brought in order.
#[cold]
fn unsorted(pairs: &[(&str, &str)]) -> Labels {
    let mut builder = LabelsBuilder::default();
    for (name, value) in pairs {
        builder.set(name, value);
    }
    builder.build()
}
