//! The Loki that is asked.

use http::Method;
use jiff::Timestamp;
use serde_json::Value;

use super::flags;
use crate::cli::tool::{ToolCall, ToolFlag};
use crate::commands::query::server::Server;
use crate::complain;

const SECOND: i64 = 1_000_000_000;

/// A Loki.
pub(super) struct Loki {
    base: String,
    server: Server,
    quiet: bool,
}

/// The value of a flag, else of a variable of the environment.
fn given(call: &ToolCall, flag: &ToolFlag, variable: &str) -> String {
    match call.get(flag.name) {
        "" => std::env::var(variable).unwrap_or_default(),
        value => value.to_owned(),
    }
}

impl Loki {
    /// The one that flags or the environment name.
    pub(super) fn new(call: &ToolCall) -> Result<Self, String> {
        let mut base = given(call, &flags::ADDRESS, "LOKI_ADDR");
        if base.is_empty() {
            "http://localhost:3100".clone_into(&mut base);
        }
        let base = base.trim_end_matches('/').to_owned();
        let mut server = Server::new(&base, call)?;
        let token = given(call, &flags::TOKEN, "LOKI_BEARER_TOKEN");
        let bearer = if token.is_empty() { String::new() } else { format!("Bearer {token}") };
        for (name, value) in [
            ("authorization", bearer),
            ("x-scope-orgid", given(call, &flags::TENANT, "LOKI_ORG_ID")),
            ("x-query-tags", given(call, &flags::TAGS, "LOKI_QUERY_TAGS")),
        ] {
            if !value.is_empty() {
                server.add_header(name, &value)?;
            }
        }
        Ok(Self { base: with_user(&base, call), server, quiet: call.is_on(flags::QUIET.name) })
    }

    /// Asks below `/loki/api/v1/`.
    pub(super) fn get(&self, path: &str, params: &[(&str, String)]) -> Result<Value, String> {
        let pairs = params.iter().map(|(name, value)| (*name, value.as_str()));
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let url = format!("{}/loki/api/v1/{path}?{query}", self.base);
        if !self.quiet {
            complain(&url, 0);
        }
        let (status, body) =
            self.server.exchange(Method::GET, &url, None).map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&body);
        if !(200..300).contains(&status) {
            return Err(format!("Error response from server: {} ({status})", text.trim_end()));
        }
        serde_json::from_str(&text).map_err(|error| format!("unexpected answer: {error}"))
    }
}

/// An address with the user and the password of the command line.
fn with_user(base: &str, call: &ToolCall) -> String {
    let user = given(call, &flags::USER, "LOKI_USERNAME");
    if user.is_empty() {
        return base.to_owned();
    }
    let escaped = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let password = escaped(&given(call, &flags::PASSWORD, "LOKI_PASSWORD"));
    base.replacen("://", &format!("://{}:{password}@", escaped(&user)), 1)
}

/// The span that `--from`, `--to` and `--since` name, in nanoseconds.
pub(super) fn span(call: &ToolCall) -> Result<(i64, i64), String> {
    let read = |flag: &ToolFlag| match call.get(flag.name) {
        "" => Ok(None),
        text => match text.parse::<Timestamp>() {
            Ok(time) => i64::try_from(time.as_nanosecond()).map(Some).map_err(|error| error.to_string()),
            Err(error) => Err(format!("--{}: {error}", flag.name)),
        },
    };
    let end = read(&flags::TO)?.map_or_else(now, Ok)?;
    let since = model::duration::parse_duration(call.get(flags::SINCE.name))
        .map_err(|error| format!("--since: {error}"))?;
    let since = i64::try_from(since.as_nanos()).unwrap_or(i64::MAX);
    Ok((read(&flags::FROM)?.unwrap_or_else(|| end.saturating_sub(since)), end))
}

/// The present time in nanoseconds.
pub(super) fn now() -> Result<i64, String> {
    use platform::Clock;
    Ok(platform::real::RealClock::new().now_ms().saturating_mul(SECOND / 1000))
}
