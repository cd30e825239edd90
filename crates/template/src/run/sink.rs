//! Where the text of a template goes.

use crate::{Value, format::printed};

/// Takes what a template writes.
pub(crate) trait Sink {
    /// Text of the template itself.
    fn text(&mut self, text: &str);

    /// A value that an action writes.
    fn value(&mut self, value: &Value);

    /// How many bytes there are.
    fn len(&self) -> usize;

    /// Whether values are escaped.
    fn escapes(&self) -> bool {
        false
    }
}

/// Takes all as it is.
#[derive(Default)]
pub(crate) struct PlainSink {
    text: String,
}

impl PlainSink {
    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

impl Sink for PlainSink {
    fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn value(&mut self, value: &Value) {
        self.text.push_str(&printed(value));
    }

    fn len(&self) -> usize {
        self.text.len()
    }
}
