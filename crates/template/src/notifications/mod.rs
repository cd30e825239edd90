//! Templates of notifications: their functions and their data.

mod data;
mod functions;
mod json;
mod lists;
#[cfg(test)]
mod tests;
mod texts;

pub use data::{AlertData, NotificationData};
pub use functions::NotificationFunctions;
pub(crate) use functions::unescape;
pub use json::to_json;
pub use texts::Texts;
