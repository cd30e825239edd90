//! Everything about the server itself: readiness, configuration, build, level of the log, rings.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::json;
use wire::exposition::{Family, write_text};

use super::Loki;
use super::answer::{done, json as answer_json, text, typed};
use super::asked::Asked;
use super::refusal::Refusal;

/// `/ready`: whether logs are taken and given.
pub(super) fn ready(loki: &Loki, _: &Asked) -> Result<Response, Refusal> {
    loki.services()?;
    if loki.leaving.load(Ordering::Relaxed) {
        return Err(Refusal::stopping());
    }
    Ok(text("ready\n"))
}

/// `/metrics`: own metrics.
pub(super) fn metrics(loki: &Loki, _: &Asked) -> Result<Response, Refusal> {
    let families: Vec<Family> = loki.parts.registry.gather().into_iter().map(Family::from).collect();
    let mut body = String::with_capacity(64 << 10);
    write_text(&families, &mut body);
    Ok(typed("text/plain; version=0.0.4; charset=utf-8; escaping=underscores", body))
}

/// `/config`: the configuration in force.
pub(super) fn config(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    let settings = loki.settings();
    match asked.params().get("mode") {
        "" => Ok(text(settings.config.clone())),
        "defaults" => Ok(text(settings.config_defaults.clone())),
        "diff" => Ok(text(differences(&settings.config, &settings.config_defaults))),
        mode => Err(Refusal::bad(format!("unknown mode '{mode}'"))),
    }
}

/// The lines of a text of YAML that another one has not, below the keys that they belong to.
fn differences(yaml: &str, other: &str) -> String {
    let known: HashSet<Vec<&str>> = places(other).into_iter().collect();
    let mut different = String::new();
    let mut above: Vec<&str> = Vec::new();
    for place in places(yaml).into_iter().filter(|place| !known.contains(place)) {
        let shown = above.iter().zip(&place).take_while(|(above, own)| above == own).count();
        for line in place.iter().skip(shown.min(place.len() - 1)) {
            different.push_str(line);
            different.push('\n');
        }
        above = place;
    }
    different
}

/// Each line of a text of YAML behind the lines that it belongs to.
fn places(yaml: &str) -> Vec<Vec<&str>> {
    let mut above: Vec<(usize, &str)> = Vec::new();
    let mut places = Vec::new();
    for line in yaml.lines() {
        let spaces = line.len() - line.trim_start().len();
        // An item may stand as far to the left as the key of its list.
        let depth = spaces * 2 + usize::from(line.trim_start().starts_with("- "));
        above.retain(|(other, _)| *other < depth);
        above.push((depth, line));
        places.push(above.iter().map(|(_, line)| *line).collect());
    }
    places
}

/// `/config/tenant/v1/limits`: the limits of the tenant.
pub(super) fn tenant_limits(_: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    Ok(typed("text/plain; charset=utf-8", asked.limits.shown.clone()))
}

/// `/services`: what runs; here it is one thing.
pub(super) fn services(loki: &Loki, _: &Asked) -> Result<Response, Refusal> {
    let state = if loki.services().is_ok() { "Running" } else { "Starting" };
    let names =
        ["server", "store", "ingester", "distributor", "querier", "query-frontend", "compactor", "ring"];
    Ok(text(names.map(|name| format!("{name} => {state}\n")).concat()))
}

/// `/log_level`: the level of the own log, told and set.
pub(super) fn log_level(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    if asked.call.method != Method::POST {
        let message = format!("Current log level is {}", loki.log_level.lock());
        return answer_json(&json!({ "message": message }));
    }
    let wanted = asked.params().get("log_level");
    match (loki.parts.set_log_level)(wanted) {
        Ok(()) => {
            wanted.clone_into(&mut loki.log_level.lock());
            let message = format!("Log level set to {wanted}");
            answer_json(&json!({ "status": "success", "message": message }))
        }
        Err(message) => {
            let mut response = answer_json(&json!({ "status": "failed", "message": message }))?;
            *response.status_mut() = StatusCode::BAD_REQUEST;
            Ok(response)
        }
    }
}

/// `/loki/api/v1/status/buildinfo`: what this build is.
pub(super) fn build(loki: &Loki, _: &Asked) -> Result<Response, Refusal> {
    let mut response = answer_json(&loki.parts.build)?;
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    Ok(response)
}

/// `/flush`: everything in memory goes to its files.
pub(super) fn flush(loki: &Loki, _: &Asked) -> Result<Response, Refusal> {
    loki.services()?.admin.flush()?;
    Ok(done())
}

/// `/ring` and its likes: one member, which is this process.
pub(super) fn ring(_: &Loki, _: &Asked) -> Result<Response, Refusal> {
    let page = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Ring</title></head>\n\
        <body><h1>Ring</h1><p>This process works alone: it has no peers.</p></body></html>\n";
    Ok(typed("text/html", page))
}

/// `/memberlist`: there is none.
pub(super) fn memberlist(_: &Loki, _: &Asked) -> Result<Response, Refusal> {
    Ok(typed("text/plain", "This instance doesn't use memberlist.\n"))
}

/// `/loki/api/v1/drilldown-limits`: what Grafana's application for logs wants to know.
pub(super) fn drilldown(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    answer_json(&json!({
        "limits": asked.limits.published,
        "pattern_ingester_enabled": loki.settings().patterns_enabled,
        "version": loki.parts.build.version,
    }))
}

/// `/loki/api/v1/cache/generation_numbers`: nothing is cached.
pub(super) fn generations(_: &Loki, _: &Asked) -> Result<Response, Refusal> {
    answer_json(&json!([]))
}

/// `/ingester/prepare_shutdown`: whether a stop was announced. It changes nothing, since any stop keeps everything; who
/// announced it may look whether it was understood.
pub(super) fn prepared(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    match asked.call.method {
        Method::GET | Method::HEAD => {
            let is_set = loki.stop_announced.load(Ordering::Relaxed);
            return Ok(text(if is_set { "set" } else { "unset" }));
        }
        Method::DELETE => loki.stop_announced.store(false, Ordering::Relaxed),
        _ => loki.stop_announced.store(true, Ordering::Relaxed),
    }
    Ok(done())
}

/// `/ingester/prepare_partition_downscale`: there are no partitions.
pub(super) fn partitions(_: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    Ok(if asked.call.method == Method::GET { text("unset") } else { done() })
}

/// `/ingester/shutdown`: everything in memory goes to its files, unless it is told to stay. The process goes on, since
/// it is more than the part that Loki ends here: a signal ends it.
pub(super) fn shutdown(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    if asked.params().get("flush") != "false" {
        loki.services()?.admin.flush()?;
    }
    Ok(done())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_keep_the_keys_that_they_stand_below() {
        let defaults = "target:\n- all\nserver:\n  port: 1\n  level: info\nlimits:\n  a: 1\n  b:\n    c: 2\n";
        let yaml = "target:\n- read\nserver:\n  port: 2\n  level: debug\nlimits:\n  a: 1\n  b:\n    c: 3\nmore: {}\n";
        let expected =
            "target:\n- read\nserver:\n  port: 2\n  level: debug\nlimits:\n  b:\n    c: 3\nmore: {}\n";
        assert_eq!(differences(yaml, defaults), expected);
        assert_eq!(differences(defaults, defaults), "");
    }
}
