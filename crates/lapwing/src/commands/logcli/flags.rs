//! Flags that every command takes.

use crate::cli::tool::{ToolFlag, list, switch, value};

pub(super) const ADDRESS: ToolFlag = value("addr", "", "Server address; LOKI_ADDR [http://localhost:3100].");
pub(super) const USER: ToolFlag = value("username", "", "Username for HTTP basic auth; LOKI_USERNAME.");
pub(super) const PASSWORD: ToolFlag = value("password", "", "Password for HTTP basic auth; LOKI_PASSWORD.");
pub(super) const TENANT: ToolFlag = value("org-id", "", "Value of the header X-Scope-OrgID; LOKI_ORG_ID.");
pub(super) const TOKEN: ToolFlag = value("bearer-token", "", "Value of the bearer token; LOKI_BEARER_TOKEN.");
pub(super) const TAGS: ToolFlag =
    value("query-tags", "", "Value of the header X-Query-Tags; LOKI_QUERY_TAGS.");
pub(super) const HEADER: ToolFlag = list("header", "", "Further headers (KEY=VALUE).");
pub(super) const QUIET: ToolFlag = switch("quiet", "Suppress query metadata.").or('q');
pub(super) const OUTPUT: ToolFlag = value("output", "default", "Output mode: default, raw, jsonl.").or('o');
pub(super) const ZONE: ToolFlag =
    value("timezone", "Local", "Timezone of the times that are shown: Local, UTC or a name.").or('z');
pub(super) const TIME_FORMAT: ToolFlag = value(
    "output-timestamp-format",
    "rfc3339",
    "Format of times: rfc3339, rfc3339nano, rfc822z, rfc1123z, stampmicro, stampmilli, stampnano, unixdate.",
);
pub(super) const CA: ToolFlag =
    value("ca-cert", "", "Path to the server's certificate authority; LOKI_CA_CERT_PATH.");
pub(super) const CERT: ToolFlag = value("cert", "", "Path to the client certificate; LOKI_CLIENT_CERT_PATH.");
pub(super) const KEY: ToolFlag = value("key", "", "Path to its key; LOKI_CLIENT_KEY_PATH.");
pub(super) const SKIP_VERIFY: ToolFlag =
    switch("tls-skip-verify", "Take any certificate of the server; LOKI_TLS_SKIP_VERIFY.");
pub(super) const TOKEN_FILE: ToolFlag =
    value("bearer-token-file", "", "A file with the bearer token; LOKI_BEARER_TOKEN_FILE.");
pub(super) const AUTH_HEADER: ToolFlag =
    value("auth-header", "", "The header that shows who asks; LOKI_AUTH_HEADER [Authorization].");
pub(super) const NO_CACHE: ToolFlag =
    switch("nocache", "Ask for answers that are computed anew; LOKI_NO_CACHE.");
pub(super) const RETRIES: ToolFlag =
    value("retries", "", "How often a request that fails is sent again; LOKI_CLIENT_RETRIES [0].");
pub(super) const BACKOFF_MIN: ToolFlag =
    value("min-backoff", "", "Seconds before the first retry; LOKI_CLIENT_MIN_BACKOFF [0].");
pub(super) const BACKOFF_MAX: ToolFlag =
    value("max-backoff", "", "The most seconds between retries; LOKI_CLIENT_MAX_BACKOFF [0].");
pub(super) const PROXY: ToolFlag = value("proxy-url", "", "The proxy to ask through; LOKI_HTTP_PROXY_URL.");
pub(super) const PROXY_OF_ENVIRONMENT: ToolFlag =
    switch("envproxy", "Ask through the proxy that HTTP_PROXY and its likes name; LOKI_ENV_PROXY.");
pub(super) const COMPRESS: ToolFlag =
    switch("compress", "Ask for answers that are compressed on their way; LOKI_HTTP_COMPRESSION.");
pub(super) const STDIN: ToolFlag =
    switch("stdin", "Read lines from standard input instead of asking a server; for log queries.");
pub(super) const STATS: ToolFlag = switch("stats", "Show query statistics.");

pub(super) const SINCE: ToolFlag = value("since", "1h", "Lookback window.");
pub(super) const FROM: ToolFlag = value("from", "", "Start looking at this time (RFC 3339).");
pub(super) const TO: ToolFlag = value("to", "", "Stop looking at this time (RFC 3339).");
pub(super) const LIMIT: ToolFlag = value("limit", "30", "Limit on number of entries; 0 for all.");

/// The flags that every command takes, and further ones.
macro_rules! flags {
    ($($more:expr),* $(,)?) => {
        &[
            $crate::commands::logcli::flags::ADDRESS,
            $crate::commands::logcli::flags::USER,
            $crate::commands::logcli::flags::PASSWORD,
            $crate::commands::logcli::flags::TENANT,
            $crate::commands::logcli::flags::TOKEN,
            $crate::commands::logcli::flags::TAGS,
            $crate::commands::logcli::flags::HEADER,
            $crate::commands::logcli::flags::QUIET,
            $crate::commands::logcli::flags::OUTPUT,
            $crate::commands::logcli::flags::ZONE,
            $crate::commands::logcli::flags::STATS,
            $crate::commands::logcli::flags::TIME_FORMAT,
            $crate::commands::logcli::flags::CA,
            $crate::commands::logcli::flags::CERT,
            $crate::commands::logcli::flags::KEY,
            $crate::commands::logcli::flags::SKIP_VERIFY,
            $crate::commands::logcli::flags::TOKEN_FILE,
            $crate::commands::logcli::flags::AUTH_HEADER,
            $crate::commands::logcli::flags::NO_CACHE,
            $crate::commands::logcli::flags::RETRIES,
            $crate::commands::logcli::flags::BACKOFF_MIN,
            $crate::commands::logcli::flags::BACKOFF_MAX,
            $crate::commands::logcli::flags::PROXY,
            $crate::commands::logcli::flags::PROXY_OF_ENVIRONMENT,
            $crate::commands::logcli::flags::COMPRESS,
            $crate::commands::logcli::flags::STDIN,
            $($more),*
        ]
    };
}

pub(super) use flags;
