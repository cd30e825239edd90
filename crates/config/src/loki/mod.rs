//! Loki's file, and that of its overrides by tenant.
//!
//! Every key that a release of Loki knows is known here: those that mean something are read, the others (rings, caches,
//! object stores) are told once, with their place. What no release knows is refused, as there.
//!
//! Reading order: [`Config`], [`LimitsConfig`], [`RuntimeConfig`]; `sections` holds the other blocks, `resolve` what
//! follows from several of them.

mod expand;
mod ignored;
mod limits;
mod otlp;
mod resolve;
mod ruler;
mod runtime;
mod sections;
mod selector;
#[cfg(test)]
mod tests;
mod values;

use std::path::Path;

use platform::FileSystem;

pub use expand::{Environment, expand_env};
pub use limits::{BlockedQuery, GenericFields, LimitsConfig, PolicyStream, StreamRetention};
pub use otlp::{AttributesConfig, DistributorConfig, GlobalOtlp, OtlpConfig, ResourceAttributes};
pub use resolve::{Folders, Retention, StreamPeriod};
pub use ruler::{RulerClient, RulerConfig, RulerStorage};
pub use runtime::RuntimeConfig;
pub use sections::{
    CommonConfig, CommonFilesystem, CommonStorage, CompactorConfig, FrontendConfig, IngesterConfig,
    IngesterWal, PatternIngesterConfig, PeriodConfig, QuerierConfig, QueryRangeConfig, RuntimeConfigSection,
    SchemaConfig, ServerConfig, ServerTls, StorageConfig, StorageFilesystem, TableManagerConfig,
};
pub use selector::Selector;
pub use values::{Names, Size, Span};

use crate::{
    decode::{Check, Decoder, Field, Invalid, decode_document, section},
    error::{Error, Problem},
    files::{describe, read_text},
    yaml::Node,
};

section! {
    /// A whole file of Loki.
    pub struct Config as "loki.ConfigWrapper" {
        /// The parts that run; all do here.
        target: Names = Names(vec!["all".into()]) => ["target", always];
        /// Whether requests must name their tenant.
        auth_enabled: bool = true => ["auth_enabled", always];
        /// How long the end of the process waits while it is not ready any more.
        shutdown_delay: Span = Span::seconds(0) => ["shutdown_delay", always];
        /// The HTTP server.
        server: ServerConfig = ServerConfig::default() => ["server"];
        /// What holds for several blocks.
        common: CommonConfig = CommonConfig::default() => ["common"];
        /// What tenants may do.
        limits_config: LimitsConfig = LimitsConfig::default() => ["limits_config"];
        /// What pushes go through.
        distributor: DistributorConfig = DistributorConfig::default() => ["distributor"];
        /// The newest entries.
        ingester: IngesterConfig = IngesterConfig::default() => ["ingester"];
        /// Queries.
        querier: QuerierConfig = QuerierConfig::default() => ["querier"];
        /// Ranges of queries.
        query_range: QueryRangeConfig = QueryRangeConfig::default() => ["query_range"];
        /// What answers queries.
        frontend: FrontendConfig = FrontendConfig::default() => ["frontend"];
        /// Since when entries lie where.
        schema_config: SchemaConfig = SchemaConfig::default() => ["schema_config"];
        /// Where entries lie.
        storage_config: StorageConfig = StorageConfig::default() => ["storage_config"];
        /// What removes entries.
        compactor: CompactorConfig = CompactorConfig::default() => ["compactor"];
        /// The retention of old releases.
        table_manager: TableManagerConfig = TableManagerConfig::default() => ["table_manager"];
        /// Patterns of lines.
        pattern_ingester: PatternIngesterConfig = PatternIngesterConfig::default() => ["pattern_ingester"];
        /// Rules over logs.
        ruler: RulerConfig = RulerConfig::default() => ["ruler"];
        /// Where rules lie, in the newer form.
        ruler_storage: RulerStorage = RulerStorage::default() => ["ruler_storage"];
        /// The file of overrides by tenant.
        runtime_config: RuntimeConfigSection = RuntimeConfigSection::default() => ["runtime_config"];
        /// Whether a tenant may read its limits.
        tenant_limits_allow_publish: Names = Names::default() => ["tenant_limits_allow_publish"];
    }
}

/// Blocks and keys that mean nothing here.
const UNUSED: &[&str] = &[
    "http_prefix",
    "ballast_bytes",
    "metrics_namespace",
    "analytics",
    "tracing",
    "profiling",
    "operational_config",
    "internal_server",
    "frontend_worker",
    "query_scheduler",
    "ingester_client",
    "ingester_rf1*",
    "index_gateway",
    "memberlist",
    "kafka_config",
    "dataobj*",
    "ingest_limits*",
    "bloom_*",
    "ui",
    "query_engine",
    "compactor_client",
    "compactor_grpc_client",
    "compactor_http_client",
    "chunk_store_config",
    "cache_config",
    "block_builder",
    "block_scheduler",
    "metastore*",
    "worker",
    "wal",
    "configs",
    "pattern_ingester_*",
    "querier_rf1",
    "blockcompactor",
    "log_push_*",
];

impl Check for Config {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        for (index, period) in self.schema_config.configs.iter().enumerate() {
            if period.first_ns().is_none() {
                let own = crate::prometheus::item(
                    node.get("schema_config").map_or(node, |own| own),
                    "configs",
                    index,
                );
                let text = model::quote::quote(&period.from);
                let message = format!("{text} is no date such as 2024-01-31");
                return Err(decoder.invalid_key(own, "from", message));
            }
        }
        ignored::tell_idle(node, decoder);
        ignored::tell_unmet(node, decoder);
        Ok(())
    }

    fn take_unknown(&mut self, key: &str, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        Ok(ignored::take("", UNUSED, key, node, decoder))
    }
}

/// A configuration as it was loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// What the file says, defaults filled in.
    pub config: Config,
    /// Keys that were passed over.
    pub warnings: Vec<Problem>,
}

impl Config {
    /// Takes `text` for what the file at `path` holds.
    ///
    /// # Errors
    /// The text is refused.
    pub fn load_text(text: &str, path: &Path) -> Result<Loaded, Error> {
        let mut decoder = Decoder::new(false);
        let mut config = Config::default();
        decode_document(&mut config, text, &mut decoder)
            .map_err(|fault| Error::LokiFile { path: path.into(), fault })?;
        Ok(Loaded { config, warnings: decoder.warnings })
    }

    /// Reads a file; with `environment`, references to variables in it are replaced first (`-config.expand-env`).
    ///
    /// # Errors
    /// The file cannot be read or is refused.
    pub fn load(
        path: &Path,
        files: &dyn FileSystem,
        environment: Option<Environment<'_>>,
    ) -> Result<Loaded, Error> {
        let mut text = read_text(files, path)
            .map_err(|error| Error::Read { path: path.into(), message: describe("open", path, &error) })?;
        if let Some(environment) = environment {
            text = expand_env(&text, environment)
                .map_err(|message| Error::Read { path: path.into(), message })?;
        }
        Config::load_text(&text, path)
    }

    /// The configuration as it is printed: defaults filled in, secrets masked.
    pub fn to_yaml(&self) -> String {
        self.encode().print()
    }
}
