//! `/debug/pprof`: profiles of the process, where they are switched on; in front of whichever surface is served.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::any;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use parking_lot::Mutex;
use profiling::heap::Shown;
use profiling::{Error, ErrorKind, Stop};

use crate::answer::{redirect, text_error};
use crate::call::Call;
use crate::params::Params;
use crate::router::method_not_allowed;

#[cfg(test)]
mod tests;

/// The longest profile of the processor.
const SECONDS_MAX: u64 = 300;
/// How long one takes where nothing is said.
const SECONDS_DEFAULT: u64 = 30;
/// Forms are a few parameters.
const FORM_BYTES_MAX: usize = 64 << 10;
const METHODS: &[Method] = &[Method::GET, Method::POST];

const OFF: &str = "profiles are switched off: start the server with --enable-feature=profiling";

const INDEX: &str = "<html><head><title>/debug/pprof/</title></head><body><h1>/debug/pprof/</h1><table>
<tr><td><a href=\"heap\">heap</a></td><td>Who holds memory now.</td></tr>
<tr><td><a href=\"allocs\">allocs</a></td><td>Who has allocated memory since the start.</td></tr>
<tr><td><a href=\"profile\">profile</a></td><td>Where the processor's time goes; <code>?seconds=</code> says \
for how long (30).</td></tr>
</table><p>To be read by <code>go tool pprof</code>.</p></body></html>
";

/// Profiles that programs in Go have, and why there are none here.
const ABSENT: [(&str, &str); 9] = [
    ("block", "waits are not recorded; ask for profile"),
    ("cmdline", "the command line is not told; /api/v1/status/flags has the flags"),
    ("fgprof", "time off the processor is not recorded; ask for profile"),
    ("goroutine", "there are no goroutines; ask for profile"),
    ("goroutineleak", "there are no goroutines; ask for heap"),
    ("mutex", "waits for locks are not recorded; ask for profile"),
    ("symbol", "profiles have their names in them"),
    ("threadcreate", "it is not recorded who starts threads; /metrics counts them"),
    ("trace", "there is no tracer of Go's scheduler; ask for profile"),
];

/// Profiles of the process for those who ask, and an end to the one that is being taken.
#[derive(Debug)]
pub struct Profiles {
    is_on: bool,
    running: Mutex<Running>,
}

#[derive(Debug, Default)]
struct Running {
    stop: Option<Arc<Stop>>,
    ended: bool,
}

/// Puts `/debug/pprof` in front of a surface whose paths begin with `prefix`.
pub fn with_profiles(router: Router, prefix: &str, profiles: &Arc<Profiles>) -> Router {
    let home = format!("{prefix}/debug/pprof");
    let list = format!("{home}/");
    let to_list = {
        let list = list.clone();
        any(move |request: Request<Body>| async move {
            redirect(StatusCode::MOVED_PERMANENTLY, &list, request.method() == Method::GET)
        })
    };
    let profiles = Arc::clone(profiles);
    let before = list.len();
    let answer = any(move |request: Request<Body>| {
        let profiles = Arc::clone(&profiles);
        async move {
            let name = request.uri().path().get(before..).unwrap_or_default().to_owned();
            profiles.answer(&name, request).await
        }
    });
    router.route(&home, to_list).route(&list, answer.clone()).route(&format!("{list}{{name}}"), answer)
}

impl Profiles {
    /// Answers with profiles, or with a word on how to switch them on.
    pub fn new(is_on: bool) -> Self {
        Self { is_on, running: Mutex::default() }
    }

    /// Ends the one that is being taken; no other is begun.
    pub fn end(&self) {
        let mut running = self.running.lock();
        running.ended = true;
        if let Some(stop) = running.stop.take() {
            stop.ask();
        }
    }

    fn begin(&self) -> Ending {
        let stop = Arc::new(Stop::default());
        let mut running = self.running.lock();
        if running.ended {
            stop.ask();
        } else if running.stop.as_ref().is_none_or(|stop| Arc::strong_count(stop) == 1) {
            // Whoever comes while another one is at it is refused, and must not take its place here.
            running.stop = Some(Arc::clone(&stop));
        }
        Ending(stop)
    }

    async fn answer(&self, name: &str, request: Request<Body>) -> Response {
        if !METHODS.contains(request.method()) {
            return method_not_allowed(METHODS);
        }
        if !self.is_on {
            return text_error(StatusCode::NOT_FOUND, OFF);
        }
        let params = match Call::read(request, String::new(), Some(FORM_BYTES_MAX)).await {
            Ok(call) => call.params,
            Err(error) => return error.into_response(),
        };
        match name {
            "" => list(),
            "profile" => self.cpu(&params).await,
            "heap" => memory(&params, "heap", Shown::InUse).await,
            "allocs" => memory(&params, "allocs", Shown::Allocated).await,
            _ => match ABSENT.iter().find(|(absent, _)| *absent == name) {
                Some((_, why)) => text_error(StatusCode::NOT_IMPLEMENTED, &format!("{name}: {why}")),
                None => text_error(StatusCode::NOT_FOUND, "Unknown profile"),
            },
        }
    }

    /// Where the processor's time goes from now on.
    async fn cpu(&self, params: &Params) -> Response {
        let time = match asked_time(params) {
            Ok(time) => time,
            Err(text) => return text_error(StatusCode::BAD_REQUEST, &text),
        };
        let ending = self.begin();
        let stop = Arc::clone(&ending.0);
        taken("profile", move || profiling::cpu::profile(time, &stop)).await
    }
}

/// Ends a profile when nobody waits for it any more.
struct Ending(Arc<Stop>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.ask();
    }
}

/// What there is.
fn list() -> Response {
    let mut response = Response::new(Body::from(INDEX));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// Who holds or has allocated memory.
async fn memory(params: &Params, name: &'static str, shown: Shown) -> Response {
    if let Err(text) = check_form(params) {
        return text_error(StatusCode::BAD_REQUEST, &text);
    }
    if !params.get("seconds").is_empty() {
        let text = "seconds: differences of memory are told by the reader, pprof -base, of two profiles";
        return text_error(StatusCode::BAD_REQUEST, text);
    }
    taken(name, move || profiling::heap::profile(shown)).await
}

/// For how long a profile is to be taken.
fn asked_time(params: &Params) -> Result<Duration, String> {
    check_form(params)?;
    let asked =
        match params.get("seconds") {
            "" => SECONDS_DEFAULT,
            text => text.parse().ok().filter(|asked| (1..=SECONDS_MAX).contains(asked)).ok_or_else(|| {
                format!("seconds: {text:?} is no number of seconds from 1 to {SECONDS_MAX}")
            })?,
        };
    Ok(Duration::from_secs(asked))
}

/// Profiles as text, which Go's programs have too, are not written.
fn check_form(params: &Params) -> Result<(), String> {
    match params.get("debug") {
        "" | "0" => Ok(()),
        other => Err(format!("debug: there is no form {other:?}, leave it out or say 0")),
    }
}

async fn taken(
    name: &'static str,
    take: impl FnOnce() -> Result<Vec<u8>, Error> + Send + 'static,
) -> Response {
    let bytes = match tokio::task::spawn_blocking(take).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(error)) => return text_error(status(error.kind()), &error.to_string()),
        Err(error) => return text_error(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    };
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    let nosniff = HeaderValue::from_static("nosniff");
    headers.insert(HeaderName::from_static("x-content-type-options"), nosniff);
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    response
}

fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::OverLimit => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::NOT_IMPLEMENTED,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
