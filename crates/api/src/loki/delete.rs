//! `/loki/api/v1/delete`: requests to delete entries are made, listed and taken back.

use axum::response::Response;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use logql_engine::pipeline::{CompileOptions, Pipeline, TemplateChecks};
use logql_syntax::{Expr, check_stages};
use serde_json::{Value, json};

use super::Loki;
use super::answer::{done, json as answer_json};
use super::asked::Asked;
use super::refusal::Refusal;
use super::times::parse_rfc3339;
use crate::params::Params;

const SECOND: i64 = 1_000_000_000;

/// The header that names a new request.
const ID_HEADER: HeaderName = HeaderName::from_static("x-delete-request-id");

/// A request to delete entries, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogDelete {
    /// Its name.
    pub id: String,
    /// The query, as it came.
    pub query: String,
    /// The first nanosecond that is deleted.
    pub start: i64,
    /// The last nanosecond that is deleted.
    pub end: i64,
    /// When it came, in milliseconds since the Unix epoch.
    pub created_ms: i64,
    /// How far it has come.
    pub progress: DeleteProgress,
}

/// How far a request to delete entries has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteProgress {
    /// Its entries are hidden, and nothing is removed.
    Received,
    /// So many percent are done.
    Percent(u8),
    /// All its entries are gone.
    Processed,
}

/// Why a request to delete entries is not taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelDeleteRefusal {
    /// There is none of the name.
    Unknown,
    /// It is done.
    Processed,
    /// It has begun or may begin at any time, and was not to be forced.
    Begun,
}

/// `/loki/api/v1/delete`
pub(super) fn delete(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    if !loki.settings().deletes_enabled {
        // As recorded: without retention the path is not there.
        return Err(Refusal::not_found());
    }
    if asked.limits.deletion_mode == "disabled" {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "deletion is not available for this tenant"));
    }
    match asked.call.method {
        Method::GET | Method::HEAD => list(loki, asked),
        Method::DELETE => cancel(loki, asked),
        _ => add(loki, asked),
    }
}

fn add(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    let tenant = asked.tenants.only()?;
    let params = asked.params();
    let query = params.get("query");
    if query.is_empty() {
        return Err(Refusal::bad("query not set"));
    }
    let invalid = || Refusal::bad("invalid query expression");
    // What selects every stream may be asked for, but is not deleted: an empty variable would take all that there is.
    let options = logql_syntax::Options { any_selector: false, ..asked.limits.syntax() };
    let expr = logql_syntax::parse(query, options).map_err(|_| invalid())?;
    check_stages(&expr, &TemplateChecks).map_err(|_| invalid())?;
    let Expr::Log(log) = expr else { return Err(invalid()) };
    Pipeline::compile(&log.stages, &CompileOptions::ALL).map_err(|_| invalid())?;
    let (start, end) = span(params, asked.now)?;
    if !log.stages.is_empty() {
        check_interval(params, end - start, loki.settings().delete_interval_max)?;
    }
    let id = loki.services()?.admin.delete(tenant, query, start, end)?;
    let mut response = done();
    let id = HeaderValue::from_str(&id).map_err(Refusal::internal)?;
    response.headers_mut().insert(ID_HEADER, id);
    Ok(response)
}

/// The first and the last nanosecond that are to be deleted.
fn span(params: &Params, now: i64) -> Result<(i64, i64), Refusal> {
    let start = match params.get("start") {
        "" => return Err(Refusal::bad("start time not set")),
        text => time("start", text)?,
    };
    let end = match params.get("end") {
        "" => now,
        text => time("end", text)?,
    };
    if end > now {
        return Err(Refusal::bad("deletes in the future are not allowed"));
    }
    if start >= end {
        return Err(Refusal::bad("start time can't be greater than or equal to end time"));
    }
    Ok((start, end))
}

/// Reads a time: ten digits of seconds or RFC 3339; unlike in queries nanoseconds are none.
fn time(name: &str, text: &str) -> Result<i64, Refusal> {
    let seconds = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    let time = match text.parse::<i64>() {
        Ok(seconds_since) if seconds => seconds_since.checked_mul(SECOND),
        _ => parse_rfc3339(text),
    };
    let wrong = || Refusal::bad(format!("invalid {name} time: require unix seconds or RFC3339 format"));
    time.ok_or_else(wrong)
}

/// Checks `max_interval`. It splits the work in the original; here a request is worked on part by part anyway.
fn check_interval(params: &Params, length: i64, most: std::time::Duration) -> Result<(), Refusal> {
    let text = params.get("max_interval");
    if text.is_empty() {
        return Ok(());
    }
    let interval = model::duration::parse_duration(text)
        .map_err(|error| Refusal::bad(format!("invalid max_interval: {error}")))?;
    if interval.is_zero() {
        return Err(Refusal::bad("invalid max_interval: it must be above zero"));
    }
    let shown = model::duration::format_duration;
    if !most.is_zero() && interval > most {
        return Err(Refusal::bad(format!("max_interval can't be greater than {}", shown(most))));
    }
    let length = std::time::Duration::from_nanos(length.unsigned_abs());
    if interval > length {
        let length = shown(length);
        let text = format!("max_interval can't be greater than the interval to be deleted ({length})");
        return Err(Refusal::bad(text));
    }
    Ok(())
}

fn list(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    let requests = loki.services()?.admin.deletes(asked.tenants.only()?);
    let shown: Vec<Value> = requests.iter().map(LogDelete::shown).collect();
    answer_json(&shown)
}

impl LogDelete {
    fn shown(&self) -> Value {
        let status = match self.progress {
            DeleteProgress::Received => "received".to_owned(),
            DeleteProgress::Percent(percent) => format!("{percent}% Complete"),
            DeleteProgress::Processed => "processed".to_owned(),
        };
        json!({
            "request_id": self.id,
            "start_time": seconds(self.start.div_euclid(1_000_000)),
            "end_time": seconds(self.end.div_euclid(1_000_000)),
            "query": self.query,
            "status": status,
            "created_at": seconds(self.created_ms),
        })
    }
}

/// Milliseconds as seconds, whole ones without a decimal point.
fn seconds(milliseconds: i64) -> Value {
    match milliseconds % 1000 {
        0 => json!(milliseconds / 1000),
        _ => json!(milliseconds as f64 / 1000.0),
    }
}

fn cancel(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    let tenant = asked.tenants.only()?;
    let params = asked.params();
    let force = params.get("force") == "true";
    match loki.services()?.admin.cancel_delete(tenant, params.get("request_id"), force)? {
        Ok(()) => Ok(done()),
        Err(CancelDeleteRefusal::Unknown) => {
            Err(Refusal::new(StatusCode::NOT_FOUND, "could not find delete request with given id"))
        }
        Err(CancelDeleteRefusal::Processed) => {
            let text = "deletion of request which is in process or already processed is not allowed";
            Err(Refusal::bad(text))
        }
        Err(CancelDeleteRefusal::Begun) => Err(Refusal::bad(
            "deletion of request which has begun or is past its cancel period is not allowed. To force, use the ?force query parameter",
        )),
    }
}
