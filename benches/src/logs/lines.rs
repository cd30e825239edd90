//! The lines of each kind of log.

use super::text::{Clock, Line, Noise};

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "DELETE", "HEAD"];
const PATHS: [&str; 12] = [
    "/api/v1/items/",
    "/static/js/app.",
    "/api/v1/users/",
    "/login?next=",
    "/images/thumb/",
    "/api/v1/orders/",
    "/search?q=",
    "/healthz?from=",
    "/api/v1/cart/",
    "/static/css/main.",
    "/api/v2/reports/",
    "/favicon.ico?v=",
];
const AGENTS: [&str; 8] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "okhttp/4.12.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
    "python-requests/2.32.3",
    "kube-probe/1.30",
    "curl/8.7.1",
];
const HOSTS: [&str; 4] = ["www.example.org", "api.example.org", "shop.example.org", "cdn.example.org"];
const CALLERS: [&str; 8] = [
    "handler.go:212",
    "cache.go:87",
    "pool.go:45",
    "retry.go:131",
    "session.go:302",
    "queue.go:76",
    "auth.go:158",
    "export.go:64",
];
const MESSAGES: [&str; 8] = [
    "request completed",
    "cache refreshed",
    "connection taken from pool",
    "session renewed",
    "job queued",
    "token verified",
    "batch exported",
    "configuration reloaded",
];
const FAILURES: [&str; 5] = [
    "upstream timed out",
    "connection reset by peer",
    "context deadline exceeded",
    "permission denied",
    "no rows in result set",
];
const SERVLETS: [&str; 7] = [
    "sync?filter=0&timeout=30000&since=s",
    "rooms/!kfHLOd%3Aexample.org/messages?dir=b&limit=30&from=t",
    "rooms/!kfHLOd%3Aexample.org/send/m.room.message/m",
    "presence/%40user%3Aexample.org/status?v=",
    "rooms/!QtykxK%3Aexample.org/typing/u",
    "keys/query?q=",
    "rooms/!QtykxK%3Aexample.org/read_markers?e=",
];
const LOGGERS: [&str; 6] = [
    "synapse.federation.sender.transaction_manager",
    "synapse.http.matrixfederationclient",
    "synapse.handlers.presence",
    "synapse.storage.txn",
    "synapse.push.httppusher",
    "synapse.rest.client.sync",
];
const STATEMENTS: [&str; 6] = [
    "SELECT id, name, price, stock FROM items WHERE id = ",
    "UPDATE carts SET updated_at = now(), total = total + 1 WHERE user_id = ",
    "INSERT INTO events (kind, payload, created_at) VALUES ('view', '{}', now()) RETURNING ",
    "SELECT o.id, o.total, u.email FROM orders o JOIN users u ON u.id = o.user_id WHERE o.id = ",
    "DELETE FROM sessions WHERE expires_at < now() AND shard = ",
    "SELECT count(*) FROM order_lines WHERE order_id = ",
];

/// Writes a line of nginx: JSON.
pub(super) fn nginx(line: &mut Line, clock: &Clock, noise: &mut Noise) {
    let status = match noise.below(1_000) {
        0..=859 => 200,
        860..=909 => 304,
        910..=959 => 404,
        960..=984 => 302,
        985..=991 => 500,
        992..=996 => 502,
        _ => 503,
    };
    line.text("{\"time\":\"");
    clock.write(line, "T", ".");
    line.text("Z\",\"remote_addr\":\"").address(noise.skewed(1 << 18)).text("\",\"request_id\":\"");
    line.hexadecimal(noise.next()).text("\",\"method\":\"").text(noise.pick(&METHODS));
    line.text("\",\"host\":\"").text(noise.pick(&HOSTS)).text("\",\"uri\":\"").text(noise.pick(&PATHS));
    line.number(noise.skewed(1 << 20)).text("\",\"status\":").number(status).text(",\"body_bytes_sent\":");
    line.number(200 + noise.skewed(1 << 17)).text(",\"request_time\":0.").padded(noise.skewed(1_000), 3);
    line.text(",\"upstream_addr\":\"")
        .address(noise.below(24))
        .text(":8080\",\"upstream_response_time\":\"0.");
    line.padded(noise.skewed(1_000), 3).text("\",\"http_user_agent\":\"").text(noise.pick(&AGENTS));
    line.text("\"}");
}

/// Writes a line of a service in logfmt.
pub(super) fn logfmt(line: &mut Line, clock: &Clock, noise: &mut Noise) {
    let level = match noise.below(100) {
        0..=79 => "info",
        80..=91 => "debug",
        92..=96 => "warn",
        _ => "error",
    };
    line.text("ts=");
    clock.write(line, "T", ".");
    line.text("Z level=").text(level).text(" caller=").text(noise.pick(&CALLERS));
    line.text(" component=worker trace_id=").hexadecimal(noise.next());
    line.text(" user=").number(noise.skewed(200_000)).text(" attempt=").number(1 + noise.skewed(4));
    line.text(" duration=").number(noise.skewed(4_000)).text("ms bytes=").number(noise.skewed(1 << 16));
    line.text(" msg=\"").text(noise.pick(&MESSAGES)).text("\"");
    if level == "error" {
        line.text(" err=\"").text(noise.pick(&FAILURES)).text("\"");
    }
}

/// Writes a line of the homeserver Synapse.
pub(super) fn synapse(line: &mut Line, clock: &Clock, noise: &mut Noise) {
    clock.write(line, " ", ",");
    let request = noise.below(1 << 22);
    match noise.below(100) {
        0..=79 => {
            line.text(" - synapse.access.http.8008 - 460 - INFO - GET-").number(request).text(" - ");
            line.address(noise.skewed(1 << 18)).text(" - 8008 - {@user").number(noise.skewed(40_000));
            line.text(":example.org} Processed request: ").number(noise.skewed(30)).text(".");
            line.padded(noise.below(1_000), 3).text("sec/0.00").number(noise.below(10)).text("sec (0.");
            line.padded(noise.skewed(1_000), 3).text("sec, 0.00").number(noise.below(10)).text("sec) (0.0");
            line.padded(noise.below(100), 2).text("sec/0.").padded(noise.skewed(1_000), 3).text("sec/");
            line.number(noise.skewed(40))
                .text(") ")
                .number(noise.skewed(1 << 16))
                .text("B 200 \"GET /_matrix/client/v3/");
            line.text(noise.pick(&SERVLETS))
                .number(noise.skewed(1 << 24))
                .text(" HTTP/1.1\" \"Element/1.11.69\" [");
            line.number(noise.skewed(20)).text(" dbevts]");
        }
        80..=97 => {
            line.text(" - ").text(noise.pick(&LOGGERS)).text(" - 290 - INFO - background_process-");
            line.number(request).text("- Transaction for matrix-").number(noise.skewed(800));
            line.text(".example.net took ")
                .number(noise.skewed(2_000))
                .text(" ms, ")
                .number(noise.skewed(50));
            line.text(" events");
        }
        _ => {
            line.text(" - ").text(noise.pick(&LOGGERS)).text(" - 118 - ERROR - GET-").number(request);
            line.text(" - Failed to handle request: ").text(noise.pick(&FAILURES));
        }
    }
}

/// Writes a line of PostgreSQL.
pub(super) fn postgres(line: &mut Line, clock: &Clock, noise: &mut Noise) {
    clock.write(line, " ", ".");
    let process = 1_000 + noise.skewed(400);
    line.text(" UTC [").number(process).text("] app@orders ");
    match noise.below(1_000) {
        0..=879 => {
            line.text("LOG:  duration: ").number(noise.skewed(400)).text(".").padded(noise.below(1_000), 3);
            line.text(" ms  statement: ").text(noise.pick(&STATEMENTS)).number(noise.skewed(1 << 20));
        }
        880..=939 => {
            line.text("LOG:  connection authorized: user=app database=orders application_name=worker-");
            line.number(noise.below(64))
                .text(" SSL enabled (protocol=TLSv1.3, cipher=TLS_AES_256_GCM_SHA384, bits=256)");
        }
        940..=979 => {
            line.text("LOG:  checkpoint complete: wrote ").number(noise.skewed(20_000));
            line.text(" buffers (1.2%); 0 WAL file(s) added, 0 removed, ").number(noise.below(9));
            line.text(" recycled; write=").number(noise.skewed(270)).text(".").padded(noise.below(1_000), 3);
            line.text(" s, sync=0.").padded(noise.below(1_000), 3).text(" s");
        }
        980..=997 => {
            line.text(
                "ERROR:  duplicate key value violates unique constraint \"orders_pkey\" DETAIL:  Key (id)=(",
            );
            line.number(noise.skewed(1 << 22)).text(") already exists.");
        }
        _ => {
            line.text(
                "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
            );
        }
    }
}
