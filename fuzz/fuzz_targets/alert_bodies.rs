//! Bodies of Alertmanager's API: no panic, and never an answer that blames the server.
#![no_main]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use api::alertmanager::{Alertmanager, ShownConfig, router};
use axum::body::Body;
use http::Request;
use libfuzzer_sys::fuzz_target;
use notify::templates::TemplateSet;
use notify::{Runner, RunnerParts, RunnerSettings};
use platform::simulated::{SimulatedClock, SimulatedFileSystem};
use telemetry::Registry;
use tower::ServiceExt;

const NOW_MS: i64 = 1_700_000_000_000;

const PATHS: [&str; 5] = [
    "/api/v2/alerts",
    "/api/v2/silences",
    "/api/v1/alerts",
    "/api/v2/receivers/test",
    "/api/v2/templates/preview",
];

const CONFIG: &str = "route: {receiver: none, group_by: [alertname]}\nreceivers: [{name: none}]\n";

fn runner() -> Result<Runner, String> {
    let loaded = config::alertmanager::Config::load_text(CONFIG, std::path::Path::new("/alertmanager.yml"));
    let config = loaded.map_err(|error| error.to_string())?.config;
    let settings = RunnerSettings {
        dispatch: alerting::Settings {
            routes: config.routes(),
            inhibit_rules: Vec::new(),
            intervals: config.intervals(),
            receivers: Default::default(),
            resolve_timeout: config.global().resolve_timeout,
        },
        receivers: vec![("none".to_owned(), Vec::new())],
        templates: Arc::new(TemplateSet::new([]).map_err(|error| error.to_string())?),
        hash: 0,
    };
    let parts = RunnerParts {
        clock: Arc::new(SimulatedClock::new(NOW_MS)),
        files: Arc::new(SimulatedFileSystem::new()),
        registry: Registry::new(),
        options: alerting::Options::default(),
        external_url: "http://localhost:9093".to_owned(),
        user_agent: String::new(),
        parse_tree: config::alertmanager::parse_tree,
        folder: PathBuf::from("/alerts"),
        import: PathBuf::from("/"),
        keeps_alerts: true,
        alerts_gc_interval: Duration::from_secs(1800),
        maintenance_interval: Duration::from_secs(900),
        history: None,
    };
    Runner::open(settings, parts)
}

fn interface() -> Arc<Alertmanager> {
    Arc::new(Alertmanager {
        runner: runner().unwrap_or_else(|error| panic!("{error}")),
        registry: Registry::new(),
        config: parking_lot::RwLock::new(ShownConfig::default()),
        reload: Box::new(|| Ok(())),
        build: api::BuildInfo {
            version: String::new(),
            revision: String::new(),
            branch: String::new(),
            build_user: String::new(),
            build_date: String::new(),
            go_version: String::new(),
        },
        prefix: String::new(),
        started_at_ns: 0,
    })
}

async fn post(alertmanager: &Arc<Alertmanager>, path: &str, body: &[u8]) {
    let request =
        Request::post(path).header("content-type", "application/json").body(Body::from(body.to_vec()));
    let Ok(request) = request else { return };
    let Ok(response) = router(Arc::clone(alertmanager)).oneshot(request).await;
    assert!(!response.status().is_server_error(), "{path}: {}", response.status());
}

fuzz_target!(|body: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return };
    runtime.block_on(async {
        let alertmanager = interface();
        for path in PATHS {
            post(&alertmanager, path, body).await;
        }
        // What was taken can be shown.
        for path in ["/api/v2/alerts", "/api/v2/alerts/groups", "/api/v2/silences"] {
            let Ok(request) = Request::get(path).body(Body::empty()) else { continue };
            let Ok(response) = router(Arc::clone(&alertmanager)).oneshot(request).await;
            assert!(response.status().is_success(), "{path}: {}", response.status());
        }
    });
});
