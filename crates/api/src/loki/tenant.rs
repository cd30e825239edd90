//! Whose logs a request is about.

use http::{HeaderMap, StatusCode};

use super::refusal::Refusal;
use super::settings::LokiSettings;

/// The tenant of everybody where requests name none.
pub const SINGLE_TENANT: &str = "fake";

const HEADER: &str = "x-scope-orgid";

/// The longest name.
const NAME_BYTES_MAX: usize = 150;

/// The tenants of a request, sorted, each once; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tenants(Vec<String>);

impl Tenants {
    /// What the header says, where it counts.
    pub(super) fn of(headers: &HeaderMap, settings: &LokiSettings) -> Result<Self, Refusal> {
        if !settings.auth_enabled {
            return Ok(Self(vec![SINGLE_TENANT.to_owned()]));
        }
        let text = headers.get(HEADER).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return Err(Refusal::new(StatusCode::UNAUTHORIZED, "no org id\n"));
        };
        let mut names: Vec<String> = text.split('|').map(str::to_owned).collect();
        for name in &names {
            check(name)?;
        }
        names.sort_unstable();
        names.dedup();
        Ok(Self(names))
    }

    /// Those of a request that is about no tenant.
    pub(super) fn nobody() -> Self {
        Self(Vec::new())
    }

    /// The only tenant.
    pub(super) fn only(&self) -> Result<&str, Refusal> {
        match self.0.as_slice() {
            [name] => Ok(name),
            _ => Err(Refusal::bad("multiple org IDs present")),
        }
    }

    /// The names.
    pub(super) fn names(&self) -> &[String] {
        &self.0
    }

    /// The names as the header gives them.
    pub(super) fn joined(&self) -> String {
        self.0.join("|")
    }
}

fn check(name: &str) -> Result<(), Refusal> {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"!-_.*'()".contains(&byte);
    if name.is_empty() {
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "no org id\n"));
    }
    if name.len() > NAME_BYTES_MAX {
        return Err(Refusal::bad(format!("tenant ID is too long: max {NAME_BYTES_MAX} characters")));
    }
    if name == "." || name == ".." {
        return Err(Refusal::bad("tenant ID is '.' or '..'"));
    }
    match name.char_indices().find(|(_, letter)| !letter.is_ascii() || !is_known(*letter as u8)) {
        None => Ok(()),
        Some((_, letter)) => {
            Err(Refusal::bad(format!("tenant ID '{name}' contains unsupported character '{letter}'")))
        }
    }
}

#[cfg(test)]
mod tests;
