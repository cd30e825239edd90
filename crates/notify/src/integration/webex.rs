//! Webex.

use crate::values::Url;

/// What a message is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Webex {
    /// Where it is.
    pub api_url: Url,
    /// The message.
    pub message: String,
    /// To which room.
    pub room_id: String,
}

impl Default for Webex {
    fn default() -> Self {
        Self {
            api_url: Default::default(),
            message: "{{ template \"webex.default.message\" . }}".to_owned(),
            room_id: Default::default(),
        }
    }
}
