//! Templates of notifications: their functions and their data.

mod data;
mod functions;
mod json;
mod lists;
#[cfg(test)]
mod tests;

pub use data::{AlertData, NotificationData};
pub use functions::NotificationFunctions;
pub use json::to_json;
