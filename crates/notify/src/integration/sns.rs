//! Amazon SNS.

mod credentials;
mod sign;

use std::collections::BTreeMap;

use http::Method;

use self::sign::{FORM, signed};
use crate::send::{Failure, Message, Outcome, Post, Tools, check_status, encoded};
use crate::values::Secret;

/// What is published.
#[derive(Clone, Debug, PartialEq)]
pub struct Sns {
    /// Where it is, where not at its usual place.
    pub api_url: String,
    /// How requests are signed.
    pub sigv4: SigV4,
    /// The topic.
    pub topic_arn: String,
    /// Or a telephone.
    pub phone_number: String,
    /// Or a target.
    pub target_arn: String,
    /// The subject.
    pub subject: String,
    /// The message.
    pub message: String,
    /// Attributes.
    pub attributes: BTreeMap<String, String>,
    /// Accepted, without meaning here.
    pub use_aws_http_client: bool,
}

impl Default for Sns {
    fn default() -> Self {
        Self {
            api_url: Default::default(),
            sigv4: Default::default(),
            topic_arn: Default::default(),
            phone_number: Default::default(),
            target_arn: Default::default(),
            subject: "{{ template \"sns.default.subject\" . }}".to_owned(),
            message: "{{ template \"sns.default.message\" . }}".to_owned(),
            attributes: Default::default(),
            use_aws_http_client: Default::default(),
        }
    }
}

/// Who signs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SigV4 {
    /// The region.
    pub region: String,
    /// The key's id.
    pub access_key: String,
    /// The key.
    pub secret_key: Secret,
    /// A named profile instead.
    pub profile: String,
    /// A role to take on.
    pub role_arn: String,
    /// What the role's owner asks for.
    pub external_id: String,
}

/// The longest message, and that of a telephone.
const MESSAGE_BYTES_MAX: usize = 256 << 10;
const SHORT_MESSAGE_BYTES_MAX: usize = 1600;

impl Sns {
    pub(super) async fn send(&self, message: &Message, tools: &Tools) -> Outcome {
        let environment = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let region = self.sigv4.region(&environment);
        let given = message.text(tools, &self.api_url)?;
        let url = if given.is_empty() { format!("https://sns.{region}.amazonaws.com/") } else { given };
        let body = self.form(message, tools)?;
        let keys = self.sigv4.credentials(message, tools, &environment).await?;
        let post = Post {
            headers: signed(&keys, (&region, "sns"), &url, &body, message.now_ns),
            method: Method::POST,
            url,
            content_type: FORM,
            body: body.into_bytes(),
            timeout: message.timeout,
        };
        check_status(&post.send(tools).await?, &[])?;
        Ok(BTreeMap::new())
    }

    fn form(&self, message: &Message, tools: &Tools) -> Result<String, Failure> {
        let text = |text: &str| message.text(tools, text);
        let (topic, phone) = (text(&self.topic_arn)?, text(&self.phone_number)?);
        let target = text(&self.target_arn)?;
        let whole = text(&self.message)?;
        let max = if phone.is_empty() { MESSAGE_BYTES_MAX } else { SHORT_MESSAGE_BYTES_MAX };
        let mut end = whole.len().min(max);
        while !whole.is_char_boundary(end) {
            end -= 1;
        }
        let cut = whole.get(..end).unwrap_or_default();
        let mut attributes = BTreeMap::new();
        for (name, value) in &self.attributes {
            attributes.insert(text(name)?, text(value)?);
        }
        if cut.len() < whole.len() {
            attributes.insert("truncated".to_owned(), "true".to_owned());
        }
        let (subject, hash) = (text(&self.subject)?, message.key_hash());
        let mut pairs = vec![
            ("Action".to_owned(), "Publish".to_owned()),
            ("Version".to_owned(), "2010-03-31".to_owned()),
        ];
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                pairs.push((name.to_owned(), value.to_owned()));
            }
        };
        add("Message", cut);
        add("Subject", &subject);
        add("TopicArn", &topic);
        add("PhoneNumber", &phone);
        add("TargetArn", &target);
        if topic.ends_with(".fifo") {
            add("MessageDeduplicationId", &hash);
            add("MessageGroupId", &hash);
        }
        for (at, (name, value)) in attributes.iter().enumerate() {
            let prefix = format!("MessageAttributes.entry.{}", at + 1);
            add(&format!("{prefix}.Name"), name);
            add(&format!("{prefix}.Value.DataType"), "String");
            add(&format!("{prefix}.Value.StringValue"), value);
        }
        let pairs: Vec<(&str, &str)> =
            pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Ok(encoded(&pairs))
    }
}
