//! Mail.

mod compose;
mod smtp;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::send::{Message, Outcome, Tools};
use crate::values::Secret;

/// What a mail is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Email {
    /// To whom, separated by commas.
    pub to: String,
    /// From whom.
    pub from: String,
    /// The name that the client says.
    pub hello: String,
    /// The server.
    pub smarthost: HostPort,
    /// Who logs in.
    pub auth_username: String,
    /// The password.
    pub auth_password: Secret,
    /// A file that holds it.
    pub auth_password_file: PathBuf,
    /// The secret of CRAM-MD5.
    pub auth_secret: Secret,
    /// A file that holds it.
    pub auth_secret_file: PathBuf,
    /// The identity of PLAIN.
    pub auth_identity: String,
    /// Headers.
    pub headers: BTreeMap<String, String>,
    /// The page.
    pub html: String,
    /// The plain text.
    pub text: String,
    /// Whether the connection must be secured.
    pub require_tls: Option<bool>,
    /// Whether it is secured from its start; by the port where not given.
    pub force_implicit_tls: Option<bool>,
    /// How mails are threaded.
    pub threading: Option<Threading>,
}

impl Default for Email {
    fn default() -> Self {
        Self {
            to: Default::default(),
            from: Default::default(),
            hello: Default::default(),
            smarthost: Default::default(),
            auth_username: Default::default(),
            auth_password: Default::default(),
            auth_password_file: Default::default(),
            auth_secret: Default::default(),
            auth_secret_file: Default::default(),
            auth_identity: Default::default(),
            headers: Default::default(),
            html: "{{ template \"email.default.html\" . }}".to_owned(),
            text: Default::default(),
            require_tls: Default::default(),
            force_implicit_tls: Default::default(),
            threading: Default::default(),
        }
    }
}

/// How mails of a group are threaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Threading {
    /// Whether they are.
    pub enabled: bool,
    /// `daily` for a thread each day, or `none`.
    pub thread_by_date: String,
}

impl Default for Threading {
    fn default() -> Self {
        Self { enabled: Default::default(), thread_by_date: "daily".to_owned() }
    }
}

/// A server and its port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostPort {
    /// The host.
    pub host: String,
    /// The port.
    pub port: String,
}

impl std::fmt::Display for HostPort {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.is_empty() && self.port.is_empty() {
            return Ok(());
        }
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(formatter, "{open}{}{close}:{}", self.host, self.port)
    }
}

impl Email {
    pub(super) async fn send(&self, message: &Message, tools: &Tools) -> Outcome {
        let envelope = self.compose(message, tools)?;
        smtp::deliver(self, &envelope, message, tools).await?;
        Ok(BTreeMap::new())
    }
}
