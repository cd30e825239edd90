//! Amazon SNS.

use std::collections::BTreeMap;

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
