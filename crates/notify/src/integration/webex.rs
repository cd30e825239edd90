//! Webex.

use std::collections::BTreeMap;

use crate::send::{Message, Object, Outcome, Post, Tools, check_status, cut_bytes};
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

/// The longest message.
const MESSAGE_BYTES_MAX: usize = 7439;

impl Webex {
    pub(super) async fn send(&self, message: &Message, tools: &Tools) -> Outcome {
        let text = cut_bytes(&message.text(tools, &self.message)?, MESSAGE_BYTES_MAX);
        let room = message.text(tools, &self.room_id)?;
        let body = Object::new().text("markdown", &text).text("roomId", &room).end();
        check_status(&Post::json(self.api_url.expose(), body, message.timeout).send(tools).await?, &[])?;
        Ok(BTreeMap::new())
    }
}
