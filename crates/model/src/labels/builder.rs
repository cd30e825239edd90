//! Changes to a label set, applied at once.

use super::{Labels, packed};

/// Collects changes to a label set and packs the result once.
#[derive(Debug, Clone, Default)]
pub struct LabelsBuilder {
    base: Labels,
    /// Changed labels, in no order, each name once; an empty value removes the label.
    changes: Vec<(String, String)>,
}

impl LabelsBuilder {
    /// Starts from `base`.
    pub fn new(base: Labels) -> Self {
        Self { base, changes: Vec::new() }
    }

    /// Forgets all changes and starts from `base`, keeping the memory.
    pub fn reset(&mut self, base: Labels) {
        self.base = base;
        self.changes.clear();
    }

    /// Sets a label; an empty value removes it.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        match self.changes.iter_mut().find(|(changed, _)| changed == name) {
            Some((_, present)) => {
                present.clear();
                present.push_str(value);
            }
            None => self.changes.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// Removes a label.
    pub fn remove(&mut self, name: &str) -> &mut Self {
        self.set(name, "")
    }

    /// Removes every label whose name `keep` refuses.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) -> &mut Self {
        let base = self.base.clone();
        for (name, _) in base.iter().filter(|(name, _)| !keep(name)) {
            self.remove(name);
        }
        for (_, value) in self.changes.iter_mut().filter(|(name, _)| !keep(name)) {
            value.clear();
        }
        self
    }

    /// The value as it stands now, empty where there is no such label.
    pub fn value(&self, name: &str) -> &str {
        match self.changes.iter().find(|(changed, _)| changed == name) {
            Some((_, value)) => value,
            None => self.base.value(name),
        }
    }

    /// Calls `visit` with each label as it stands now, in no particular order.
    pub fn for_each(&self, mut visit: impl FnMut(&str, &str)) {
        for (name, value) in &self.base {
            if !self.changes.iter().any(|(changed, _)| changed == name) {
                visit(name, value);
            }
        }
        for (name, value) in self.changes.iter().filter(|(_, value)| !value.is_empty()) {
            visit(name, value);
        }
    }

    /// Packs the labels as they stand now.
    pub fn build(&mut self) -> Labels {
        if self.changes.is_empty() {
            return self.base.clone();
        }
        self.changes.sort();
        let mut bytes = Vec::with_capacity(self.base.as_bytes().len() + 64);
        let mut changes = self.changes.iter().peekable();
        for (name, value) in &self.base {
            while let Some((changed, new)) = changes.next_if(|(changed, _)| changed.as_str() < name) {
                push_present(&mut bytes, changed, new);
            }
            match changes.next_if(|(changed, _)| changed == name) {
                Some((_, new)) => push_present(&mut bytes, name, new),
                None => packed::push(&mut bytes, name, value),
            }
        }
        for (changed, new) in changes {
            push_present(&mut bytes, changed, new);
        }
        Labels(bytes.into())
    }
}

fn push_present(bytes: &mut Vec<u8>, name: &str, value: &str) {
    if !value.is_empty() {
        packed::push(bytes, name, value);
    }
}
