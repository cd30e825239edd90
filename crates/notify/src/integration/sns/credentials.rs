//! Whose keys sign: those of the configuration, of a profile, or of the environment; and those of a role that they may
//! take on.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use http::Method;
use platform::FileSystem;

use super::SigV4;
use super::sign::{FORM, signed};
use crate::send::{Failure, Message, Post, Tools, check_status, encoded};
use crate::values::Secret;

/// The largest file of profiles that is read.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Keys with which requests are signed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Credentials {
    pub(super) access_key: String,
    pub(super) secret_key: Secret,
    /// What proves that keys of a role are meant.
    pub(super) token: Option<Secret>,
}

/// Looks up variables of the environment; those that are empty are not there.
pub(super) type Environment<'a> = &'a (dyn Fn(&str) -> Option<String> + Sync);

impl SigV4 {
    /// The region: of the configuration, or of the environment.
    pub(super) fn region(&self, environment: Environment<'_>) -> String {
        if !self.region.is_empty() {
            return self.region.clone();
        }
        environment("AWS_REGION").or_else(|| environment("AWS_DEFAULT_REGION")).unwrap_or_default()
    }

    /// The keys that sign.
    pub(super) async fn credentials(
        &self,
        message: &Message,
        tools: &Tools,
        environment: Environment<'_>,
    ) -> Result<Credentials, Failure> {
        let own = self.own(tools.files.as_ref(), environment)?;
        if self.role_arn.is_empty() { Ok(own) } else { self.of_role(&own, message, tools, environment).await }
    }

    fn own(&self, files: &dyn FileSystem, environment: Environment<'_>) -> Result<Credentials, Failure> {
        if !self.access_key.is_empty() {
            let (access_key, secret_key) = (self.access_key.clone(), self.secret_key.clone());
            return Ok(Credentials { access_key, secret_key, token: None });
        }
        if self.profile.is_empty()
            && let (Some(access_key), Some(secret)) =
                (environment("AWS_ACCESS_KEY_ID"), environment("AWS_SECRET_ACCESS_KEY"))
        {
            let token = environment("AWS_SESSION_TOKEN").map(|token| token.as_str().into());
            return Ok(Credentials { access_key, secret_key: secret.as_str().into(), token });
        }
        let profile = match self.profile.as_str() {
            "" => environment("AWS_PROFILE").unwrap_or_else(|| "default".to_owned()),
            profile => profile.to_owned(),
        };
        let home = || environment("HOME").map(|home| Path::new(&home).join(".aws"));
        let place = |variable: &str, name: &str| {
            environment(variable).map(PathBuf::from).or_else(|| home().map(|home| home.join(name)))
        };
        let files = [
            (place("AWS_SHARED_CREDENTIALS_FILE", "credentials"), profile.clone()),
            (place("AWS_CONFIG_FILE", "config"), format!("profile {profile}")),
            (place("AWS_CONFIG_FILE", "config"), profile.clone()),
        ]
        .into_iter()
        .filter_map(|(path, section)| Some((files.read(&path?, FILE_BYTES_MAX).ok()?, section)))
        .find_map(|(bytes, section)| of_section(&String::from_utf8_lossy(&bytes), &section));
        files.ok_or_else(|| Failure::lasting(format!("no keys of AWS for the profile {profile:?}")))
    }

    /// Takes on the role.
    async fn of_role(
        &self,
        own: &Credentials,
        message: &Message,
        tools: &Tools,
        environment: Environment<'_>,
    ) -> Result<Credentials, Failure> {
        let region = self.region(environment);
        let url = environment("AWS_ENDPOINT_URL_STS")
            .unwrap_or_else(|| format!("https://sts.{region}.amazonaws.com/"));
        let session = message.now_ns.to_string();
        let mut pairs = vec![
            ("Action", "AssumeRole"),
            ("Version", "2011-06-15"),
            ("RoleArn", &self.role_arn),
            ("RoleSessionName", &session),
        ];
        if !self.external_id.is_empty() {
            pairs.push(("ExternalId", &self.external_id));
        }
        let body = encoded(&pairs);
        let post = Post {
            headers: signed(own, (&region, "sts"), &url, &body, message.now_ns),
            method: Method::POST,
            url,
            content_type: FORM,
            body: body.into_bytes(),
            timeout: message.timeout,
        };
        let answer = post.send(tools).await?;
        check_status(&answer, &[])?;
        // Whole: a token may be longer than what a complaint shows of an answer.
        of_answer(&String::from_utf8_lossy(&answer.body))
            .ok_or_else(|| Failure::lasting("the answer to the wish for a role holds no keys"))
    }
}

/// The keys of a role, all three of which an answer holds.
fn of_answer(text: &str) -> Option<Credentials> {
    Some(Credentials {
        access_key: element(text, "AccessKeyId")?,
        secret_key: element(text, "SecretAccessKey")?.as_str().into(),
        token: Some(element(text, "SessionToken")?.as_str().into()),
    })
}

/// The keys of a section of a file of profiles.
fn of_section(text: &str, section: &str) -> Option<Credentials> {
    let mut found = Credentials::default();
    let mut is_in = false;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            is_in = name.trim() == section;
        } else if let Some((name, value)) = line.split_once('=').filter(|_| is_in) {
            let value = value.trim();
            match name.trim().to_ascii_lowercase().as_str() {
                "aws_access_key_id" => found.access_key = value.to_owned(),
                "aws_secret_access_key" => found.secret_key = value.into(),
                "aws_session_token" => found.token = Some(value.into()),
                _ => {}
            }
        }
    }
    (!found.access_key.is_empty() && !found.secret_key.is_empty()).then_some(found)
}

/// The text of the first element of a name.
fn element(text: &str, name: &str) -> Option<String> {
    let (_, behind) = text.split_once(&format!("<{name}>"))?;
    let (inside, _) = behind.split_once(&format!("</{name}>"))?;
    Some(inside.trim().to_owned())
}
