//! Remarks that come with an answer: warnings and infos.

/// Texts that go with an answer, each once, in the order in which they came up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Annotations {
    warnings: Vec<String>,
    infos: Vec<String>,
}

impl Annotations {
    /// No remark.
    pub const fn new() -> Self {
        Self { warnings: Vec::new(), infos: Vec::new() }
    }

    /// Adds a warning unless the same text is there.
    pub fn warn(&mut self, text: impl Into<String>) {
        add(&mut self.warnings, text.into());
    }

    /// Adds an info unless the same text is there.
    pub fn inform(&mut self, text: impl Into<String>) {
        add(&mut self.infos, text.into());
    }

    /// Takes over what `other` has.
    pub fn merge(&mut self, other: Self) {
        for text in other.warnings {
            add(&mut self.warnings, text);
        }
        for text in other.infos {
            add(&mut self.infos, text);
        }
    }

    /// The warnings, full texts.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The infos, full texts.
    pub fn infos(&self) -> &[String] {
        &self.infos
    }

    /// Whether there is no remark.
    pub fn is_empty(&self) -> bool {
        self.warnings.is_empty() && self.infos.is_empty()
    }
}

fn add(texts: &mut Vec<String>, text: String) {
    if !texts.contains(&text) {
        texts.push(text);
    }
}
