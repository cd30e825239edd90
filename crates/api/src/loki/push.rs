//! Entries that are sent here: Loki's push, logs of OpenTelemetry, Elasticsearch's `_bulk`.

mod body;
mod room;

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
use log_intake::{Format, PushError};
use wire::loki::bulk::Arguments;
use wire::loki::{Error, Push};
use wire::remote::Decompressor;

use self::body::{Decoded, Kind, Received};
pub(super) use self::room::Room;
use super::Loki;
use super::answer::{done, json as answer_json};
use super::asked::Asked;
use super::refusal::Refusal;
use super::table::Answering;

/// `/loki/api/v1/push`
pub(super) fn push(loki: Arc<Loki>, asked: Asked) -> Answering {
    take(loki, asked, false)
}

/// `/api/prom/push`: JSON has its older form here.
pub(super) fn old_push(loki: Arc<Loki>, asked: Asked) -> Answering {
    take(loki, asked, true)
}

fn take(loki: Arc<Loki>, mut asked: Asked, is_old: bool) -> Answering {
    Box::pin(async move {
        asked.tenants.only()?;
        let mut received = receive(&loki, &mut asked).await?;
        loki.work(
            move |loki, asked| {
                let kind = body::kind(asked.headers())?;
                let mut unpacker = Decompressor::default();
                let bytes_max = loki.settings().decoded_bytes_max;
                let Decoded { bytes, mut room } =
                    received.decoded(asked.headers(), kind, bytes_max, &mut unpacker)?;
                let replaced;
                let mut push = match kind {
                    Kind::Protobuf => wire::loki::protobuf(&bytes),
                    Kind::Json => read_json(&bytes, is_old),
                };
                // A line that was cut within a character must not cost all others of its push.
                if let (Kind::Json, Err(Error::Json(_))) = (kind, &push) {
                    replaced = room.replaced(&bytes)?;
                    push = replaced.as_ref().map_or(push, |text| read_json(text.as_bytes(), is_old));
                }
                store(loki, asked, push, Format::Loki)?;
                Ok(done())
            },
            asked,
        )
        .await
    })
}

fn read_json(bytes: &[u8], is_old: bool) -> Result<Push<'_>, Error> {
    if is_old { wire::loki::legacy_json(bytes) } else { wire::loki::json(bytes) }
}

/// Reads the body once there is room for it.
async fn receive(loki: &Loki, asked: &mut Asked) -> Result<Received, Refusal> {
    let body = std::mem::replace(&mut asked.call.body, Body::empty());
    let bytes_max = loki.settings().body_bytes_max;
    body::receive(&loki.body_room, asked.headers(), body, bytes_max).await
}

/// Hands a push in.
fn store(loki: &Loki, asked: &Asked, push: Result<Push<'_>, Error>, format: Format) -> Result<(), Refusal> {
    let push = push.map_err(|error| Refusal::bad(format!("{error}\n")))?;
    let tenant = asked.tenants.only()?;
    let services = loki.services()?;
    let settings = loki.settings();
    services.intake.push(tenant, &push, format, settings.push_limits(tenant)).map_err(refusal)
}

fn refusal(error: PushError) -> Refusal {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Refusal::new(status, format!("{}\n", error.text.trim_end_matches('\n')))
}

/// `/otlp/v1/logs`: what is refused is told in protobuf.
pub(super) fn otlp(loki: Arc<Loki>, mut asked: Asked) -> Answering {
    Box::pin(async move {
        asked.tenants.only()?;
        let mut received = match receive(&loki, &mut asked).await {
            Ok(received) => received,
            Err(refusal) => return Ok(otlp_status(&refusal)),
        };
        let mut taken = move |loki: &Loki, asked: &Asked| -> Result<Response, Refusal> {
            let is_json = otlp_is_json(asked.headers())?;
            let settings = loki.settings();
            let mut bytes = received.decompressed(asked.headers(), settings.decoded_bytes_max)?;
            if is_json {
                let request = wire::otlp::json::logs_to_protobuf(&bytes);
                bytes = request.map_err(Refusal::bad)?.into();
            }
            let limits = settings.push_limits(asked.tenants.only()?);
            let push = wire::otlp::logs::logs(&bytes, &limits.otlp, asked.now);
            store(loki, asked, push, Format::Otlp)?;
            Ok(done())
        };
        let answer = move |loki: &Loki, asked: &Asked| {
            Ok(taken(loki, asked).unwrap_or_else(|refusal| otlp_status(&refusal)))
        };
        loki.work(answer, asked).await
    })
}

fn otlp_is_json(headers: &HeaderMap) -> Result<bool, Refusal> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match kind {
        "application/json" => Ok(true),
        "application/x-protobuf" => Ok(false),
        _ => Err(Refusal::bad(format!("content type: {kind} is not supported"))),
    }
}

/// A refusal as `google.rpc.Status`: its second field is the text.
fn otlp_status(refusal: &Refusal) -> Response {
    let text = refusal.text.trim_end_matches('\n');
    let mut body = vec![0x12];
    let mut length = text.len();
    while length >= 0x80 {
        body.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    body.push(length as u8);
    body.extend_from_slice(text.as_bytes());
    let mut response = Response::new(Body::from(body));
    // An exporter gives up at 500 and tries again at 503.
    let is_internal = refusal.status == StatusCode::INTERNAL_SERVER_ERROR;
    *response.status_mut() = if is_internal { StatusCode::SERVICE_UNAVAILABLE } else { refusal.status };
    let kind = HeaderValue::from_static("application/octet-stream");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// `/_bulk` and `/{index}/_bulk` below `/elasticsearch`: documents become entries.
pub(super) fn bulk(loki: Arc<Loki>, mut asked: Asked) -> Answering {
    Box::pin(async move {
        asked.tenants.only()?;
        let mut received = receive(&loki, &mut asked).await?;
        let taken = move |loki: &Loki, asked: &Asked| {
            let bytes = received.decompressed(asked.headers(), loki.settings().decoded_bytes_max)?;
            let arguments = Arguments::read(|name| argument(asked, name)).map_err(Refusal::bad)?;
            let push = wire::loki::bulk::bulk(&bytes, &arguments, asked.now);
            let count = push.as_ref().map_or(0, |push| push.entries.len());
            store(loki, asked, push, Format::Elasticsearch)?;
            let created = serde_json::json!({ "create": { "status": 201 } });
            answer_json(&serde_json::json!({ "took": 0, "errors": false, "items": vec![created; count] }))
        };
        loki.work(taken, asked).await
    })
}

/// An argument of the query, or the header that stands for it.
fn argument(asked: &Asked, name: &str) -> Option<String> {
    let words: Vec<&str> = name.split('_').filter(|word| !word.is_empty()).collect();
    let header = format!("vl-{}", words.join("-"));
    [asked.params().get(name), asked.header(&header)]
        .into_iter()
        .find(|value| !value.is_empty())
        .map(str::to_owned)
}
