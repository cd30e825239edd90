//! A token that a service gave, for as long as it holds.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

/// A place for a token; clones are the same place.
#[derive(Clone, Debug, Default)]
pub(crate) struct TokenPlace(Arc<Mutex<Option<Token>>>);

#[derive(Debug)]
struct Token {
    text: String,
    /// Nanoseconds since the Unix epoch.
    holds_until: i64,
}

impl TokenPlace {
    /// The token, while it holds.
    pub(crate) fn get(&self, now: i64) -> Option<String> {
        self.0.lock().as_ref().filter(|token| token.holds_until > now).map(|token| token.text.clone())
    }

    /// Keeps a token for a while.
    pub(crate) fn keep(&self, text: &str, now: i64, holds_for: Duration) {
        let holds_for = i64::try_from(holds_for.as_nanos()).unwrap_or(i64::MAX);
        *self.0.lock() = Some(Token { text: text.to_owned(), holds_until: now.saturating_add(holds_for) });
    }

    /// Forgets a token that does not hold any more, unless another one has come meanwhile.
    pub(crate) fn forget(&self, text: &str) {
        self.0.lock().take_if(|token| token.text == text);
    }
}
