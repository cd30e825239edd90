//! Annotations kept as what differs from those of another alert: alerts of one rule say nearly the same.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use model::Labels;

use super::Annotations;

/// What an alert says, as what differs from a model that alerts of its rule share.
#[derive(Clone, Debug)]
pub(crate) struct Wording {
    model: Arc<Annotations>,
    /// For each text of the model how many of its first and last bytes are in this one too, and what stands between
    /// them; nothing at all where every text is that of the model.
    own: Box<[u8]>,
}

impl Wording {
    /// Whether these are the annotations.
    pub(crate) fn says(&self, annotations: &Annotations) -> bool {
        if self.own.is_empty() {
            return *self.model == *annotations;
        }
        difference(&self.model, annotations).is_some_and(|own| *own == *self.own)
    }

    /// The annotations.
    pub(crate) fn annotations(&self) -> Annotations {
        if self.own.is_empty() {
            return Annotations::clone(&self.model);
        }
        let (mut bytes, mut text, mut own) = (Vec::with_capacity(256), Vec::with_capacity(64), &*self.own);
        for (name, model) in self.model.iter() {
            text.clear();
            // What was written by `difference` is there; the text of a difference that is not would be empty.
            let _ = put_together(model.as_bytes(), &mut own, &mut text);
            Labels::pack(name, std::str::from_utf8(&text).unwrap_or_default(), &mut bytes);
        }
        Annotations::from_packed(&bytes)
    }
}

/// The models, one for each rule that alerts were reported of.
#[derive(Debug)]
pub(crate) struct Models {
    by_rule: HashMap<(Arc<str>, Box<str>), Arc<Annotations>>,
    /// At how many those that no alert has are looked for.
    collects_at: usize,
}

/// So many are kept before those that nobody has are looked for.
const KEPT_MIN: usize = 1024;

impl Models {
    pub(crate) fn new() -> Models {
        Models { by_rule: HashMap::new(), collects_at: KEPT_MIN }
    }

    /// Annotations of an alert of this name that comes from `url`.
    pub(crate) fn word(&mut self, url: &Arc<str>, name: &str, annotations: Annotations) -> Wording {
        let rule = (Arc::clone(url), Box::from(name));
        if let Some(model) = self.by_rule.get(&rule)
            && let Some(own) = difference(model, &annotations)
        {
            return Wording { model: Arc::clone(model), own: own.into() };
        }
        // The rule is new, or says something else than it did.
        if self.by_rule.len() >= self.collects_at {
            self.collect_garbage();
            self.collects_at = (2 * self.by_rule.len()).max(KEPT_MIN);
        }
        let model = Arc::new(annotations);
        self.by_rule.insert(rule, Arc::clone(&model));
        Wording { model, own: Box::default() }
    }

    /// Forgets models that no alert has.
    pub(crate) fn collect_garbage(&mut self) {
        self.by_rule.retain(|_, model| Arc::strong_count(model) > 1);
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.by_rule.len()
    }
}

/// What differs; none where the names do, or where it would hardly be less than the whole.
fn difference(model: &Annotations, annotations: &Annotations) -> Option<Vec<u8>> {
    if model == annotations {
        return Some(Vec::new());
    }
    let mut out = Vec::new();
    let mut own = annotations.iter();
    for (name, model) in model.iter() {
        let (_, text) = own.next().filter(|(own, _)| *own == name)?;
        let (model, text) = (model.as_bytes(), text.as_bytes());
        let alike = |(a, b): &(&u8, &u8)| a == b;
        let first = model.iter().zip(text).take_while(alike).count();
        let left = model.len().min(text.len()) - first;
        let last = model.iter().rev().zip(text.iter().rev()).take(left).take_while(alike).count();
        let between = text.get(first..text.len() - last)?;
        [first, last, between.len()].into_iter().for_each(|number| push_number(number, &mut out));
        out.extend_from_slice(between);
    }
    (own.next().is_none() && out.len() * 2 <= annotations.packed().as_bytes().len()).then_some(out)
}

/// Appends the text whose difference from `model` stands at the front of `own`, and takes that away.
fn put_together(model: &[u8], own: &mut &[u8], text: &mut Vec<u8>) -> Option<()> {
    let (first, last, between) = (take_number(own)?, take_number(own)?, take_number(own)?);
    let (between, rest) = own.split_at_checked(between)?;
    *own = rest;
    text.extend_from_slice(model.get(..first)?);
    text.extend_from_slice(between);
    text.extend_from_slice(model.get(model.len().checked_sub(last)?..)?);
    Some(())
}

/// Seven bits a byte, the lowest first; all but the last have the highest bit set.
fn push_number(mut number: usize, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take_number(bytes: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for shift in (0..usize::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}
