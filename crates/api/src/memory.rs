//! What reads much waits while memory is short, and is refused where it stays so.

#[cfg(test)]
mod tests;

use std::time::Duration;

use platform::MemoryBudget;

use crate::error::{ApiError, ErrorType};

/// The longest that is waited: clients should hear of it before they give up themselves.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// How often it is looked at again.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// Waits until there is memory for another query, at most `within`.
///
/// # Errors
/// 503 `unavailable` where there is none all the time.
pub(crate) async fn admit(memory: &MemoryBudget, within: Duration) -> Result<(), ApiError> {
    if memory.takes_queries() {
        return Ok(());
    }
    let room = async {
        while !memory.takes_queries() {
            tokio::time::sleep(LOOK_INTERVAL).await;
        }
    };
    tokio::time::timeout(within.min(WAIT_MAX), room).await.map_err(|_| {
        memory.note_refused_query();
        ApiError::new(ErrorType::Overloaded, format!("query refused for want of memory: {memory}"))
    })
}
