//! Every flag of the server, once: Prometheus's names and defaults, and our own at the end.

use super::flag::Kind::{Duration, List, Number, Size, Switch, Text};
use super::flag::{Flag, flag};

const NO_CONSOLES: &str = "console templates are not part of this server";
const NO_GO: &str = "there is no Go runtime to tune";
const NO_OLD_UI: &str = "there is no page for it to appear on";

/// The flags in the order in which `--help` shows them.
pub(crate) static FLAGS: &[Flag] = &[
    flag(
        "config.file",
        Text,
        "prometheus.yml",
        "Configuration file. Without the flag and without such a file the server scrapes itself.",
    ),
    flag("config.auto-reload", Switch, "false", "Reload the configuration when its files change.").not_yet(),
    flag("config.auto-reload-interval", Duration, "30s", "How often the files are looked at for a reload.")
        .not_yet(),
    flag("web.listen-address", List, "0.0.0.0:9090", "Address to listen on. May be repeated."),
    flag("web.config.file", Text, "", "File with TLS and authentication settings."),
    flag(
        "web.read-timeout",
        Duration,
        "5m",
        "How long a client may take to send a request's head, and its body.",
    ),
    flag("web.max-connections", Number, "512", "Connections at once, over all listeners."),
    flag(
        "web.max-notifications-subscribers",
        Number,
        "16",
        "Clients that follow live notifications at once.",
    ),
    flag(
        "web.external-url",
        Text,
        "",
        "The URL under which users reach the server; its path is put in front of all routes.",
    ),
    flag(
        "web.route-prefix",
        Text,
        "",
        "Path in front of all routes. Default: the path of --web.external-url.",
    ),
    flag("web.user-assets", Text, "", "Folder of files served under /user.").not_yet(),
    flag("web.enable-lifecycle", Switch, "false", "Allow shutdown and reload by HTTP request."),
    flag("web.enable-admin-api", Switch, "false", "Allow the admin endpoints."),
    flag("web.enable-remote-write-receiver", Switch, "false", "Take samples at /api/v1/write."),
    flag(
        "web.remote-write-receiver.accepted-protobuf-messages",
        List,
        "prometheus.WriteRequest,io.prometheus.write.v2.Request",
        "Messages taken at /api/v1/write.",
    ),
    flag("web.enable-otlp-receiver", Switch, "false", "Take samples at /api/v1/otlp/v1/metrics."),
    flag("web.console.templates", Text, "consoles", "Folder of console templates.").ignored(NO_CONSOLES),
    flag("web.console.libraries", Text, "console_libraries", "Folder of console libraries.")
        .ignored(NO_CONSOLES),
    flag(
        "web.page-title",
        Text,
        "Prometheus Time Series Collection and Processing Server",
        "Title of the web page.",
    )
    .ignored(NO_OLD_UI),
    flag(
        "web.cors.origin",
        Text,
        ".*",
        "Origins that browsers may call from, a regular expression matched as a whole.",
    ),
    flag(
        "web.search.max-limit",
        Number,
        "10000",
        "The largest limit of the search endpoints (--enable-feature=search-api); 0 for none.",
    ),
    flag("storage.tsdb.path", Text, "data/", "Folder of the samples."),
    flag(
        "storage.tsdb.retention.time",
        Duration,
        "",
        "How long samples are kept. Default: 15d, or storage.tsdb.retention of the configuration file.",
    ),
    flag(
        "storage.tsdb.retention.size",
        Size,
        "",
        "How many bytes of blocks are kept (B, KB, MB, GB, TB, PB, EB).",
    ),
    flag("storage.tsdb.no-lockfile", Switch, "false", "Do not lock the data folder."),
    flag(
        "storage.tsdb.head-chunks-write-queue-size",
        Number,
        "0",
        "Size of the queue in front of the head's chunk files.",
    )
    .not_yet(),
    flag(
        "storage.tsdb.delay-compact-file.path",
        Text,
        "",
        "File that names blocks which are not to be compacted.",
    )
    .not_yet(),
    flag("storage.tsdb.wal-compression", Switch, "true", "Compress the write-ahead log."),
    flag(
        "storage.tsdb.wal-compression-type",
        Text,
        "snappy",
        "Compression of the write-ahead log: snappy or zstd.",
    )
    .hidden(),
    flag(
        "storage.tsdb.wal-segment-size",
        Size,
        "",
        "Size of a segment of the write-ahead log, 10MB to 256MB. Default: 128MB.",
    )
    .hidden(),
    flag("storage.tsdb.min-block-duration", Duration, "2h", "Time range of the smallest blocks.")
        .hidden()
        .not_yet(),
    flag("storage.tsdb.max-block-duration", Duration, "", "Time range of the largest blocks.")
        .hidden()
        .not_yet(),
    flag("storage.tsdb.max-block-chunk-segment-size", Size, "", "Size of a block's chunk files.")
        .hidden()
        .not_yet(),
    flag("storage.tsdb.samples-per-chunk", Number, "120", "Samples that a chunk aims for.")
        .hidden()
        .not_yet(),
    flag("storage.tsdb.allow-overlapping-compaction", Switch, "true", "Merge blocks that overlap.")
        .hidden()
        .not_yet(),
    flag(
        "storage.tsdb.block-reload-interval",
        Duration,
        "1m",
        "How often the folder is looked at for blocks.",
    )
    .hidden()
    .not_yet(),
    flag(
        "storage.tsdb.delayed-compaction.max-percent",
        Number,
        "10",
        "Most of a block's range that its compaction is delayed by.",
    )
    .hidden()
    .not_yet(),
    flag("storage.remote.flush-deadline", Duration, "1m", "How long remote write may flush at a stop."),
    flag(
        "storage.remote.read-sample-limit",
        Number,
        "50000000",
        "Samples that a query of a remote read may find; 0 for any number.",
    ),
    flag("storage.remote.read-concurrent-limit", Number, "10", "Remote reads that are answered at once."),
    flag(
        "storage.remote.read-max-bytes-in-frame",
        Number,
        "1048576",
        "Bytes of one frame of a streamed remote read answer.",
    ),
    flag(
        "rules.alert.for-outage-tolerance",
        Duration,
        "1h",
        "Longest outage over which the state of alerts is restored.",
    ),
    flag(
        "rules.alert.for-grace-period",
        Duration,
        "10m",
        "Shortest time between restoring an alert and its firing.",
    ),
    flag("rules.alert.resend-delay", Duration, "1m", "Shortest time between two notifications of an alert."),
    flag(
        "rules.max-concurrent-evals",
        Number,
        "4",
        "Rules evaluated beside those in their turn (--enable-feature=concurrent-rule-eval).",
    ),
    flag("scrape.adjust-timestamps", Switch, "true", "Align the times of scrapes to their interval.")
        .hidden(),
    flag(
        "scrape.timestamp-tolerance",
        Duration,
        "2ms",
        "Most that the time of a scrape is moved to align it.",
    )
    .hidden(),
    flag("scrape.discovery-reload-interval", Duration, "5s", "How often discovered targets are taken over.")
        .hidden(),
    flag("alertmanager.notification-queue-capacity", Number, "10000", "Alerts waiting to be sent."),
    flag("alertmanager.notification-batch-size", Number, "256", "Alerts sent in one request."),
    flag(
        "alertmanager.drain-notification-queue-on-shutdown",
        Switch,
        "true",
        "Send waiting alerts before the end.",
    ),
    flag("query.lookback-delta", Duration, "5m", "How far back an instant selector looks for a sample."),
    flag("query.timeout", Duration, "2m", "The longest that a query may take."),
    flag("query.max-concurrency", Number, "20", "Queries at once."),
    flag("query.max-samples", Number, "50000000", "Samples that a query may hold in memory."),
    flag("enable-feature", List, "", "Features to turn on, separated by commas. May be repeated."),
    flag("agent", Switch, "false", "Run as an agent, without local storage.").not_yet(),
    flag("auto-gomaxprocs", Switch, "true", "Set the number of Go's threads.").ignored(NO_GO),
    flag("auto-gomemlimit", Switch, "true", "Set Go's memory limit.").ignored(NO_GO),
    flag("auto-gomemlimit.ratio", Text, "0.9", "Part of the memory that Go's limit is set to.")
        .ignored(NO_GO),
    flag("log.level", Text, "info", "The least severity that is logged: debug, info, warn, error."),
    flag("log.format", Text, "logfmt", "Form of the log: logfmt or json."),
    // Our own.
    flag(
        "storage.wal-sync",
        Text,
        "interval",
        "When the write-ahead log is synced to the device: interval (once a second at most) or always (before a write is acknowledged).",
    ),
    flag(
        "storage.tsdb.disk-reserve",
        Size,
        "512MB",
        "How much of the disk is left free: below it no samples are taken. At most a twentieth of the file system; 0 for nothing.",
    ),
    flag(
        "memory.budget",
        Text,
        "75%",
        "The memory that the server may take: a size, or a percentage of what its control group or the machine gives. Near it caches shrink, then new queries and then new series are refused. 0 for no budget.",
    ),
    flag(
        "storage.tsdb.decoded-chunks",
        Text,
        "6%",
        "The memory that chunks may take which queries read again and again, decoded: a size, or a percentage of the memory budget. 0 keeps none.",
    ),
    flag(
        "storage.tsdb.series-limit",
        Number,
        "0",
        "The most series in memory: beyond it samples of new series are refused. 0 for no limit.",
    ),
    flag(
        "scrape.series-limit",
        Number,
        "0",
        "The most series that the targets of one scrape job may have together: beyond it new ones are not taken. 0 for no limit.",
    ),
    flag("config.loki", Text, "", "Loki's configuration file."),
    flag(
        "config.alertmanager",
        Text,
        "",
        "Alertmanager's configuration file: with it alerts are grouped and told by the server itself.",
    ),
    flag(
        "alertmanager.storage.path",
        Text,
        "",
        "Folder of an Alertmanager, whose state is taken over and kept there. Default: alerts/ in the folder of the samples.",
    ),
    flag("alertmanager.data.retention", Duration, "120h", "How long silences and what was told are kept."),
    flag(
        "alertmanager.data.maintenance-interval",
        Duration,
        "15m",
        "Interval between garbage collection and writing the state of alerts anew.",
    ),
    flag(
        "alertmanager.silences.max-silences",
        Number,
        "0",
        "Maximum number of silences, including expired silences. 0 for no limit.",
    ),
    flag(
        "alertmanager.silences.max-silence-size-bytes",
        Number,
        "0",
        "Maximum silence size in bytes. 0 for no limit.",
    ),
    flag("alertmanager.alerts.gc-interval", Duration, "30m", "Interval between alert GC."),
    flag(
        "alertmanager.alerts.per-alertname-limit",
        Number,
        "0",
        "Maximum number of alerts per alertname. 0 for no limit.",
    ),
    flag("alertmanager.alerts.survive-restart", Switch, "true", "Keep alerts over a restart."),
    flag(
        "alertmanager.dispatch.start-delay",
        Duration,
        "0s",
        "Minimum amount of time to wait before dispatching alerts.",
    ),
    flag(
        "alertmanager.web.external-url",
        Text,
        "",
        "The URL that notifications lead to. Default: that of the server.",
    ),
    flag("config.promtail", Text, "", "Promtail's configuration file.").not_yet(),
];
