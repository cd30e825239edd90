//! What this build is.

#[cfg(test)]
mod tests;

use api::BuildInfo;

/// The version of Prometheus whose behaviour and API are followed; clients look at it.
pub(crate) const PROMETHEUS_VERSION: &str = "3.14.0";

/// The same of Loki.
pub(crate) const LOKI_VERSION: &str = "3.4.6";

/// The same of Alertmanager.
pub(crate) const ALERTMANAGER_VERSION: &str = "0.33.1";

/// One line on the program.
pub(crate) const ABOUT: &str = "Metrics, logs and alerts in one binary.";

const VERSION: &str = env!("CARGO_PKG_VERSION");
const REVISION: Option<&str> = option_env!("LAPWING_REVISION");
const BRANCH: Option<&str> = option_env!("LAPWING_BRANCH");
const BUILD_DATE: Option<&str> = option_env!("LAPWING_BUILD_DATE");

/// The version that a program of this name is taken for: who installs one looks at it.
fn followed(program: &str) -> &'static str {
    match program {
        "loki" | "logcli" => LOKI_VERSION,
        "alertmanager" | "amtool" => ALERTMANAGER_VERSION,
        _ => PROMETHEUS_VERSION,
    }
}

/// The answer to `--version`.
pub(crate) fn text(program: &str) -> String {
    let followed = followed(program);
    format!(
        "{program}, version {followed} (lapwing {VERSION}, branch: {}, revision: {})\n  build date:       {}\n  \
         platform:         {}/{}\n  profile:          {}\n",
        BRANCH.unwrap_or("unknown"),
        REVISION.unwrap_or("unknown"),
        BUILD_DATE.unwrap_or("unknown"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        if cfg!(debug_assertions) { "dev" } else { "release" },
    )
}

/// The facts for the API.
pub(crate) fn build_info() -> BuildInfo {
    BuildInfo {
        version: PROMETHEUS_VERSION.to_owned(),
        revision: REVISION.unwrap_or("").to_owned(),
        branch: BRANCH.unwrap_or("").to_owned(),
        build_user: format!("lapwing/{VERSION}"),
        build_date: BUILD_DATE.unwrap_or("").to_owned(),
        go_version: "rust".to_owned(),
    }
}
