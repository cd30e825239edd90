//! `/api/v2/silences` and `/api/v2/silence/ID`.

use alerting::MatchOp;
use alerting::silence::{Silence, SilenceError, SilenceState, holds_matchers, matcher_of};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::alerts::matchers;
use super::body::{self, Complaint, required, wrong_type};
use super::{Alertmanager, Asked, complaint, document, empty, refusal, times};

fn shown(silence: &Silence, now: i64) -> Value {
    let first = silence.matcher_sets.iter().flatten();
    let matchers: Vec<Value> = first
        .map(|matcher| {
            json!({
                "name": matcher.name(),
                "value": matcher.value(),
                "isRegex": matches!(matcher.op(), MatchOp::Regex | MatchOp::NotRegex),
                "isEqual": !matcher.op().is_negative(),
            })
        })
        .collect();
    let mut shown = json!({
        "id": silence.id,
        "status": { "state": silence.state(now).as_str() },
        "updatedAt": times::shown(silence.updated_at),
        "comment": silence.comment,
        "createdBy": silence.created_by,
        "endsAt": times::shown(silence.ends_at),
        "matchers": matchers,
        "startsAt": times::shown(silence.starts_at),
    });
    if !silence.annotations.is_empty()
        && let Some(object) = shown.as_object_mut()
    {
        object.insert("annotations".to_owned(), json!(silence.annotations));
    }
    shown
}

/// Active ones by their end, those to come by their start, those over by their end, the latest first.
fn order(silence: &Silence, now: i64) -> (SilenceState, i64, String) {
    let state = silence.state(now);
    let key = match state {
        SilenceState::Active => silence.ends_at,
        SilenceState::Pending => silence.starts_at,
        SilenceState::Expired => silence.ends_at.saturating_neg(),
    };
    (state, key, silence.id.clone())
}

/// Whether a text is a UUID.
fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

fn bad_id(id: &str) -> Response {
    let message = format!("silenceID in path must be of type uuid: {}", model::quote::quote(id));
    complaint(StatusCode::UNPROCESSABLE_ENTITY, 601, &message)
}

impl Alertmanager {
    pub(super) fn silences(&self, asked: &Asked) -> Response {
        let matchers = match matchers(asked) {
            Ok(matchers) => matchers,
            Err(error) => return refusal(StatusCode::BAD_REQUEST, &error),
        };
        let (mut found, now) = self.runner.look(|dispatcher, now| {
            let found = dispatcher.silences().filter(|silence| {
                holds_matchers(silence, &matchers) && asked.is_on(silence.state(now).as_str())
            });
            (found.cloned().collect::<Vec<_>>(), now)
        });
        found.sort_by_cached_key(|silence| order(silence, now));
        if found.iter().any(|silence| silence.matcher_sets.len() > 1) {
            let text =
                "a silence has more than one set of matchers, which this version of the API cannot show";
            return refusal(StatusCode::INTERNAL_SERVER_ERROR, text);
        }
        let shown: Vec<Value> = found.iter().map(|silence| shown(silence, now)).collect();
        document(StatusCode::OK, &Value::from(shown))
    }

    pub(super) fn silence(&self, id: &str) -> Response {
        if !is_uuid(id) {
            return bad_id(id);
        }
        let found =
            self.runner.look(|dispatcher, now| dispatcher.silence(id).map(|silence| shown(silence, now)));
        match found {
            Some(silence) => document(StatusCode::OK, &silence),
            None => empty(StatusCode::NOT_FOUND),
        }
    }

    pub(super) fn expire(&self, id: &str) -> Response {
        if !is_uuid(id) {
            return bad_id(id);
        }
        match self.runner.expire_silence(id) {
            Ok(()) => empty(StatusCode::OK),
            Err(SilenceError::NotFound) => empty(StatusCode::NOT_FOUND),
            Err(error) => refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
        }
    }

    pub(super) fn post_silence(&self, asked: &Asked) -> Response {
        let read = body::read(asked, "silence").and_then(|document| Posted::read(&document));
        let posted = match read {
            Ok(posted) => posted,
            Err(complaint) => return complaint.into_response("silence"),
        };
        let refuse = |text: &str| refusal(StatusCode::BAD_REQUEST, text);
        let mut matchers = Vec::new();
        for (at, (name, value, is_regex, is_equal)) in posted.matchers.iter().enumerate() {
            match matcher_of(name, value, *is_regex, *is_equal, at) {
                Ok(matcher) => matchers.push(matcher),
                Err(error) => return refuse(&error.to_string()),
            }
        }
        if posted.ends_at <= posted.starts_at {
            return refuse("Failed to create silence: start time must be before end time");
        }
        if posted.ends_at < self.runner.now() {
            return refuse("Failed to create silence: end time can't be in the past");
        }
        let silence = Silence {
            id: posted.id,
            matcher_sets: vec![matchers],
            starts_at: posted.starts_at,
            ends_at: posted.ends_at,
            updated_at: 0,
            created_by: posted.created_by,
            comment: posted.comment,
            annotations: posted.annotations.into_iter().collect(),
        };
        match self.runner.set_silence(silence) {
            Ok(id) => document(StatusCode::OK, &json!({ "silenceID": id })),
            Err(error @ SilenceError::NotFound) => refusal(StatusCode::NOT_FOUND, &error.to_string()),
            Err(error) => refuse(&error.to_string()),
        }
    }
}

/// What the original calls a silence that is none.
const SILENCE_TYPE: &str = "value of type struct { ID string \"json:\\\"id,omitempty\\\"\" }";

/// A silence as it was posted.
struct Posted {
    id: String,
    matchers: Vec<(String, String, bool, bool)>,
    starts_at: i64,
    ends_at: i64,
    created_by: String,
    comment: String,
    annotations: Vec<(String, String)>,
}

impl Posted {
    fn read(document: &Value) -> Result<Posted, Complaint> {
        let nothing = Map::new();
        let object = match document {
            Value::Null => &nothing,
            Value::Object(object) => object,
            other => return Err(wrong_type(other, SILENCE_TYPE)),
        };
        let text = |key: &str| body::text(object, key, "Silence");
        let id = body::text(object, "id", "")?;
        let (comment, created_by) = (text("comment")?, text("createdBy")?);
        let time = |key: &str| body::time(object, key);
        let (starts_at, ends_at) = (time("startsAt")?, time("endsAt")?);
        let annotations = body::texts(object, "annotations", "Silence")?;
        let matchers = match body::get(object, "matchers") {
            None | Some(Value::Null) => None,
            Some(Value::Array(items)) => Some(items.as_slice()),
            Some(other) => {
                return Err(wrong_type(other, "struct field Silence.matchers of type models.Matchers"));
            }
        };
        let read: Result<Vec<_>, Complaint> = matchers
            .unwrap_or_default()
            .iter()
            .enumerate()
            .map(|(at, item)| Written::read(item, at))
            .collect();
        let read = read?;
        // Missing parts are told in the order of their names.
        let comment = comment.ok_or_else(|| required("comment"))?;
        let created_by = created_by.ok_or_else(|| required("createdBy"))?;
        let ends_at = ends_at.ok_or_else(|| required("endsAt"))?.unwrap_or_default();
        if matchers.is_none() {
            return Err(required("matchers"));
        }
        if read.is_empty() {
            return Err(Complaint::Invalid(612, "matchers in body should have at least 1 items".to_owned()));
        }
        let whole: Result<Vec<_>, Complaint> =
            read.into_iter().enumerate().map(|(at, written)| written.whole(at)).collect();
        let matchers = whole?;
        let starts_at = starts_at.ok_or_else(|| required("startsAt"))?.unwrap_or_default();
        Ok(Posted {
            id: id.unwrap_or_default(),
            matchers,
            starts_at,
            ends_at,
            created_by,
            comment,
            annotations: annotations.unwrap_or_default(),
        })
    }
}

fn no_matcher(found: &Value, at: usize) -> Complaint {
    body::not_into(found, &format!("Silence.matchers.{at} of type models.Matcher"))
}

/// A matcher of which parts may be missing.
struct Written {
    name: Option<String>,
    value: Option<String>,
    is_regex: Option<bool>,
    is_equal: Option<bool>,
}

impl Written {
    fn read(item: &Value, at: usize) -> Result<Written, Complaint> {
        let Some(object) = item.as_object() else { return Err(no_matcher(item, at)) };
        let place = format!("Silence.matchers.{at}");
        let switch = |key: &str| match body::get(object, key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(other) => Err(wrong_type(other, &format!("struct field {place}.{key} of type bool"))),
        };
        Ok(Written {
            name: body::text(object, "name", &place)?,
            value: body::text(object, "value", &place)?,
            is_regex: switch("isRegex")?,
            is_equal: switch("isEqual")?,
        })
    }

    fn whole(self, at: usize) -> Result<(String, String, bool, bool), Complaint> {
        let missing = |key: &str| required(&format!("matchers.{at}.{key}"));
        let is_regex = self.is_regex.ok_or_else(|| missing("isRegex"))?;
        let name = self.name.ok_or_else(|| missing("name"))?;
        let value = self.value.ok_or_else(|| missing("value"))?;
        Ok((name, value, is_regex, self.is_equal.unwrap_or(true)))
    }
}
