//! The other blocks of Loki's file, as far as they mean something here.

use super::ignored::unused;
use super::values::{Names, Span};
use crate::{
    decode::{Check, List, section},
    values::{FilePath, Secret},
};

section! {
    /// The HTTP server.
    pub struct ServerConfig as "server.Config" {
        /// The address that is listened on; empty for every one.
        http_listen_address: String = String::new() => ["http_listen_address"];
        /// The port.
        http_listen_port: usize = 3100 => ["http_listen_port", always];
        /// What stands before every path.
        http_path_prefix: String = String::new() => ["http_path_prefix"];
        /// Connections at once; 0 for any number.
        http_listen_conn_limit: usize = 0 => ["http_listen_conn_limit"];
        /// TLS.
        http_tls_config: ServerTls = ServerTls::default() => ["http_tls_config"];
        /// How long a request may be read.
        http_server_read_timeout: Span = Span::seconds(30) => ["http_server_read_timeout", always];
        /// How long an answer may be written.
        http_server_write_timeout: Span = Span::seconds(30) => ["http_server_write_timeout", always];
        /// How long a connection may be idle.
        http_server_idle_timeout: Span = Span::seconds(120) => ["http_server_idle_timeout", always];
        /// How long requests may take to end when the server stops.
        graceful_shutdown_timeout: Span = Span::seconds(30) => ["graceful_shutdown_timeout", always];
        /// Whether `/metrics` and `/debug` are served.
        register_instrumentation: bool = true => ["register_instrumentation", always];
        /// From what level on events are logged.
        log_level: String = "info".into() => ["log_level", always];
        /// `logfmt` or `json`.
        log_format: String = "logfmt".into() => ["log_format", always];
        /// Whether requests are logged.
        log_request_at_info_level_enabled: bool = false => ["log_request_at_info_level_enabled"];
    }
}

unused!(ServerConfig as "server": &[
    "grpc_*", "http_listen_network", "http_server_read_header_timeout", "http_log_closed_connections_without_response_enabled",
    "log_source_ips_*", "log_request_headers", "log_request_exclude_headers_list", "tls_*", "proxy_protocol_enabled",
    "cluster_validation", "report_grpc_codes_in_instrumentation_label_enabled", "trace_request_*", "throughput",
]);

section! {
    /// TLS of the HTTP server.
    pub struct ServerTls as "server.TLSConfig" {
        /// The certificate.
        cert: String = String::new() => ["cert"];
        /// Its key.
        key: Secret = Secret::default() => ["key"];
        /// The authorities of clients.
        client_ca: String = String::new() => ["client_ca"];
        /// The file of the certificate.
        cert_file: FilePath = FilePath::default() => ["cert_file"];
        /// The file of its key.
        key_file: FilePath = FilePath::default() => ["key_file"];
        /// What is asked of clients.
        client_auth_type: String = String::new() => ["client_auth_type"];
        /// The file of the authorities of clients.
        client_ca_file: FilePath = FilePath::default() => ["client_ca_file"];
    }
}

impl Check for ServerTls {}

section! {
    /// What holds for several blocks.
    pub struct CommonConfig as "common.Config" {
        /// The folder that others are made in.
        path_prefix: String = String::new() => ["path_prefix"];
        /// Where entries and rules lie.
        storage: CommonStorage = CommonStorage::default() => ["storage"];
    }
}

unused!(CommonConfig as "common": &[
    "replication_factor", "persist_tokens", "ring", "instance_*", "compactor_address", "compactor_grpc_address",
]);

section! {
    /// Where entries and rules lie.
    pub struct CommonStorage as "common.Storage" {
        /// In folders.
        filesystem: CommonFilesystem = CommonFilesystem::default() => ["filesystem"];
    }
}

unused!(CommonStorage as "common.storage": &[
    "s3", "gcs", "azure", "alibabacloud", "bos", "swift", "cos", "hedging", "congestion_control", "object_store",
]);

section! {
    /// Folders of entries and rules.
    pub struct CommonFilesystem as "common.FilesystemConfig" {
        /// Of entries.
        chunks_directory: String = String::new() => ["chunks_directory"];
        /// Of rules.
        rules_directory: String = String::new() => ["rules_directory"];
    }
}

impl Check for CommonFilesystem {}

section! {
    /// The newest entries.
    pub struct IngesterConfig as "ingester.Config" {
        /// Twice the time that an entry may be older than the newest of its stream; 0 for any.
        max_chunk_age: Span = Span::hours(2) => ["max_chunk_age", always];
        /// Refused entries that an answer names.
        max_returned_stream_errors: usize = 10 => ["max_returned_stream_errors", always];
        /// The log of what is not yet in files.
        wal: IngesterWal = IngesterWal::default() => ["wal"];
    }
}

unused!(IngesterConfig as "ingester": &[
    "lifecycler", "chunk_*", "flush_*", "concurrent_flushes", "sync_*", "query_store_max_look_back_period", "index_shards",
    "max_dropped_streams", "autoforget_unhealthy", "shutdown_marker_path", "owned_streams_check_interval", "kafka_ingestion",
    "max_transfer_retries", "query_store*", "profiling", "max_stale_streams_duration",
]);

section! {
    /// The log of what is not yet in files.
    pub struct IngesterWal as "ingester.WALConfig" {
        /// Where it lies.
        dir: String = "wal".into() => ["dir", always];
        /// From what part of the disk in use on nothing is taken.
        disk_full_threshold: f64 = 0.9 => ["disk_full_threshold", always];
    }
}

unused!(IngesterWal as "ingester.wal": &["enabled", "checkpoint_duration", "flush_on_shutdown", "replay_memory_ceiling"]);

section! {
    /// Queries.
    pub struct QuerierConfig as "querier.Config" {
        /// How long a tail lasts.
        tail_max_duration: Span = Span::hours(1) => ["tail_max_duration", always];
        /// Queries at once.
        max_concurrent: usize = 4 => ["max_concurrent", always];
        /// Whether one query may read several tenants.
        multi_tenant_queries_enabled: bool = false => ["multi_tenant_queries_enabled", always];
        /// Whether a request may bring tighter limits.
        per_request_limits_enabled: bool = false => ["per_request_limits_enabled", always];
    }
}

unused!(QuerierConfig as "querier": &[
    "query_ingesters_within", "engine", "engine_v2", "extra_query_delay", "query_store_only", "query_ingester_only",
    "query_partition_ingesters", "ingester_query_store_max_look_back_period", "dataobj", "query_timeout",
]);

section! {
    /// Ranges of queries.
    pub struct QueryRangeConfig as "queryrange.Config" {
        /// Whether start and end are moved to multiples of the step.
        align_queries_with_step: bool = false => ["align_queries_with_step", always];
    }
}

unused!(QueryRangeConfig as "query_range": &[
    "results_cache", "cache_*", "max_retries", "parallelise_shardable_queries", "index_stats_results_cache",
    "volume_results_cache", "instant_metric_*", "series_results_cache", "label_results_cache", "split_queries_by_interval",
    "shard_aggregations",
]);

section! {
    /// What answers queries.
    pub struct FrontendConfig as "lokifrontend.Config" {
        /// Whether answers are compressed where clients want it.
        compress_responses: bool = true => ["compress_responses", always];
        /// From how long on a query is logged; 0 for none.
        log_queries_longer_than: Span = Span::seconds(0) => ["log_queries_longer_than", always];
    }
}

unused!(FrontendConfig as "frontend": &[
    "max_outstanding_per_tenant", "encoding", "downstream_url", "tail_proxy_url", "tail_tls_config", "query_stats_enabled",
    "scheduler_*", "grpc_client_config", "graceful_shutdown_timeout", "instance_*", "address", "port", "max_body_size",
    "querier_forget_delay", "max_query_capacity", "experimental_*", "support_parquet_encoding", "log_query_request_headers",
]);

section! {
    /// Since when entries lie where.
    pub struct SchemaConfig as "config.SchemaConfig" {
        /// Periods.
        configs: List<PeriodConfig> = List::default() => ["configs"];
    }
}

impl Check for SchemaConfig {}

section! {
    /// A period of the schema.
    pub struct PeriodConfig as "config.PeriodConfig" {
        /// Its first day.
        from: String = String::new() => ["from", always];
        /// The kind of index.
        store: String = String::new() => ["store"];
        /// The kind of store of objects.
        object_store: String = String::new() => ["object_store"];
        /// The version of the schema.
        schema: String = String::new() => ["schema"];
    }
}

unused!(PeriodConfig as "schema_config.configs": &["index", "chunks", "row_shards"]);

section! {
    /// Where entries lie.
    pub struct StorageConfig as "storage.Config" {
        /// In a folder.
        filesystem: StorageFilesystem = StorageFilesystem::default() => ["filesystem"];
    }
}

unused!(StorageConfig as "storage_config": &[
    "tsdb_shipper", "boltdb_shipper", "boltdb", "aws", "gcs", "azure", "swift", "cos", "bos", "alibabacloud", "named_stores",
    "object_prefix", "use_thanos_objstore", "object_store", "hedging", "congestion_control", "index_queries_cache_config",
    "disable_broad_index_queries", "max_chunk_batch_size", "max_parallel_get_chunk", "index_cache_validity", "bigtable",
    "cassandra", "grpc_store", "bloom_shipper", "bos", "cache_*", "engine",
]);

section! {
    /// A folder of entries.
    pub struct StorageFilesystem as "local.FSConfig" {
        /// The folder.
        directory: String = String::new() => ["directory"];
    }
}

impl Check for StorageFilesystem {}

section! {
    /// What removes entries.
    pub struct CompactorConfig as "compactor.Config" {
        /// Where it works.
        working_directory: String = String::new() => ["working_directory"];
        /// How often it works.
        compaction_interval: Span = Span::seconds(600) => ["compaction_interval", always];
        /// Whether the periods of retention are kept and entries can be deleted.
        retention_enabled: bool = false => ["retention_enabled", always];
        /// How long what is out of its period may still be read.
        retention_delete_delay: Span = Span::hours(2) => ["retention_delete_delay", always];
        /// Where requests of deletion would lie; here they lie beside the entries.
        delete_request_store: String = String::new() => ["delete_request_store"];
        /// How long a request of deletion can be taken back.
        delete_request_cancel_period: Span = Span::hours(24) => ["delete_request_cancel_period", always];
        /// The longest span of one request of deletion.
        delete_max_interval: Span = Span::hours(24) => ["delete_max_interval", always];
    }
}

unused!(CompactorConfig as "compactor": &[
    "apply_retention_interval", "retention_delete_worker_count", "retention_table_timeout", "retention_backoff_config",
    "delete_request_store_*", "delete_batch_size", "max_compaction_parallelism", "upload_parallelism", "compactor_ring",
    "tables_to_compact", "skip_latest_n_tables", "horizontal_scaling_mode", "worker_config", "jobs_config", "shared_store",
    "shared_store_key_prefix", "deletion_mode", "run_once", "http_*", "delete_request_store",
]);

section! {
    /// The retention of old releases.
    pub struct TableManagerConfig as "index.TableManagerConfig" {
        /// Whether the period is kept.
        retention_deletes_enabled: bool = false => ["retention_deletes_enabled"];
        /// The period.
        retention_period: Span = Span::seconds(0) => ["retention_period"];
    }
}

unused!(TableManagerConfig as "table_manager": &[
    "poll_interval", "creation_grace_period", "throughput_updates_disabled", "index_tables_provisioning",
    "chunk_tables_provisioning",
]);

section! {
    /// Patterns of lines.
    pub struct PatternIngesterConfig as "pattern.Config" {
        /// Whether patterns are found.
        enabled: bool = false => ["enabled", always];
        /// Patterns of a stream.
        max_clusters: usize = 300 => ["max_clusters", always];
        /// What part of them may be given up.
        max_eviction_ratio: f64 = 0.25 => ["max_eviction_ratio", always];
        /// The longest line that is looked at.
        max_allowed_line_length: usize = 3000 => ["max_allowed_line_length", always];
        /// How long patterns are kept.
        retain_for: Span = Span::hours(3) => ["retain_for", always];
        /// How long one part of their samples is.
        max_chunk_age: Span = Span::hours(1) => ["max_chunk_age", always];
        /// The step of their samples.
        pattern_sample_interval: Span = Span::seconds(10) => ["pattern_sample_interval", always];
        /// What part of the lines the patterns stand for that are kept.
        volume_threshold: f64 = 0.99 => ["volume_threshold", always];
    }
}

unused!(PatternIngesterConfig as "pattern_ingester": &[
    "lifecycler", "client_config", "concurrent_flushes", "flush_check_period", "metric_aggregation", "pattern_persistence",
    "tee_config", "connection_timeout",
]);

section! {
    /// The file of overrides by tenant.
    pub struct RuntimeConfigSection as "runtimeconfig.Config" {
        /// The file, or files joined by commas.
        file: Names = Names::default() => ["file"];
        /// How often it is read again.
        period: Span = Span::seconds(10) => ["period", always];
    }
}

impl Check for RuntimeConfigSection {}
