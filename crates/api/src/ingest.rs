//! Samples in the formats of other systems, as VictoriaMetrics takes them: the Influx line protocol at `/write` and
//! `/api/v2/write`, and the text of an exposition at `/api/v1/import/prometheus`.
//!
//! They stand behind the same flag as remote write: who may not send samples there may not send them here.

mod body;
mod samples;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::response::Response;
use http::StatusCode;
use storage::{AppendOptions, Appendable, ErrorKind};

use self::samples::{Refused, Sample, influx, text};
use crate::Api;
use crate::answer::{empty_response, text_error};
use crate::call::Call;
use crate::prometheus::remote::body::receive;
use crate::router::not_ready;

/// Paths whose bodies are samples, whatever the request calls them: `curl --data-binary` calls them a form.
pub(crate) const RAW_PATHS: [&str; 3] = ["/write", "/api/v2/write", "/api/v1/import/prometheus"];

/// `/write`, `/api/v2/write`: the Influx line protocol.
pub(crate) async fn write_influx(api: Arc<Api>, call: Call) -> Response {
    take(api, call, influx).await
}

/// `/api/v1/import/prometheus`: the text of an exposition.
pub(crate) async fn import_text(api: Arc<Api>, call: Call) -> Response {
    take(api, call, text).await
}

/// Reads the samples out of a body.
type Read = fn(&str, &Call, i64) -> Result<Vec<Sample>, Refused>;

async fn take(api: Arc<Api>, mut call: Call, read: Read) -> Response {
    if !api.settings.enable_remote_write_receiver {
        let text = "imports need to be enabled with --web.enable-remote-write-receiver";
        return text_error(StatusCode::NOT_FOUND, text);
    }
    let body = std::mem::take(&mut call.body);
    let received = match receive(&api.remote, &call.headers, body).await {
        Ok(received) => received,
        Err(answer) => return answer,
    };
    let Some(services) = api.services.load_full() else { return not_ready(api.is_stopping()) };
    let now_ms = api.parts.clock.now_ms();
    let work = tokio::task::spawn_blocking(move || {
        let text = body::text(&call.headers, &received.bytes)?;
        let samples = read(&text, &call, now_ms)?;
        store(services.appendable.as_ref(), &samples)
    });
    match work.await {
        Ok(Ok(())) => empty_response(StatusCode::NO_CONTENT),
        Ok(Err(refused)) => text_error(refused.status, &refused.text),
        Err(error) => {
            tracing::error!(%error, "panic while importing samples");
            text_error(StatusCode::INTERNAL_SERVER_ERROR, "unexpected error")
        }
    }
}

/// Stores what can be; samples that are too old or there already are left out.
fn store(appendable: &dyn Appendable, samples: &[Sample]) -> Result<(), Refused> {
    let mut appender = appendable.appender(AppendOptions::default());
    let mut left_out = 0_usize;
    for sample in samples {
        let added = appender
            .series(&sample.labels)
            .and_then(|series| appender.append(series, sample.time_ms, 0, sample.value));
        match added {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::Invalid => left_out += 1,
            Err(error) => {
                let _ = appender.rollback();
                return Err(Refused { status: StatusCode::SERVICE_UNAVAILABLE, text: error.to_string() });
            }
        }
    }
    if left_out > 0 {
        tracing::debug!(left_out, "imported samples were left out");
    }
    appender
        .commit()
        .map_err(|error| Refused { status: StatusCode::INTERNAL_SERVER_ERROR, text: error.to_string() })
}
