//! The blocks about rules over logs.

use std::collections::BTreeMap;

use super::ignored::unused;
use super::sections::StorageFilesystem;
use super::values::{Names, Span};
use crate::{
    decode::{List, section},
    prometheus::RelabelConfig,
    values::{FilePath, Secret},
};

section! {
    /// Rules over logs.
    pub struct RulerConfig as "ruler.Config" {
        /// What links in alerts begin with.
        external_url: String = String::new() => ["external_url"];
        /// The data source of Grafana that links name.
        datasource_uid: String = String::new() => ["datasource_uid"];
        /// Labels of every alert.
        external_labels: BTreeMap<String, String> = BTreeMap::new() => ["external_labels"];
        /// How often rules are evaluated.
        evaluation_interval: Span = Span::seconds(60) => ["evaluation_interval", always];
        /// How often rules are looked for.
        poll_interval: Span = Span::seconds(60) => ["poll_interval", always];
        /// Where rules lie.
        storage: RulerStorage = RulerStorage::default() => ["storage"];
        /// Where a copy of them lies.
        rule_path: String = "/rules".into() => ["rule_path", always];
        /// Where alerts are sent: addresses joined by commas.
        alertmanager_url: Names = Names::default() => ["alertmanager_url"];
        /// How those are spoken to.
        alertmanager_client: RulerClient = RulerClient::default() => ["alertmanager_client"];
        /// What becomes of labels of alerts.
        alert_relabel_configs: List<RelabelConfig> = List::default() => ["alert_relabel_configs"];
        /// Alerts that wait.
        notification_queue_capacity: usize = 10_000 => ["notification_queue_capacity", always];
        /// How long sending may take.
        notification_timeout: Span = Span::seconds(10) => ["notification_timeout", always];
        /// How long an outage may be for `for` to go on.
        for_outage_tolerance: Span = Span::hours(1) => ["for_outage_tolerance", always];
        /// What `for` is at least after a start.
        for_grace_period: Span = Span::seconds(600) => ["for_grace_period", always];
        /// How often alerts are sent again.
        resend_delay: Span = Span::seconds(60) => ["resend_delay", always];
        /// Whether rules may be changed over HTTP.
        enable_api: bool = true => ["enable_api", always];
        /// Tenants whose rules are evaluated alone.
        enabled_tenants: Names = Names::default() => ["enabled_tenants"];
        /// Tenants whose rules are not evaluated.
        disabled_tenants: Names = Names::default() => ["disabled_tenants"];
        /// Whether samples carry no label of their group.
        disable_rule_group_label: bool = false => ["disable_rule_group_label"];
    }
}

unused!(RulerConfig as "ruler": &[
    "ring", "enable_sharding", "sharding_*", "flush_period", "search_pending_for", "ruler_client", "enable_alertmanager_*",
    "alertmanager_refresh_interval", "query_stats_enabled", "remote_write", "wal", "wal_cleaner", "evaluation",
    "flush_period", "client",
]);

section! {
    /// Where rules lie.
    pub struct RulerStorage as "ruler.StoreConfig" {
        /// The kind of store.
        kind: String = String::new() => ["type"];
        /// The kind of store, under its other name.
        backend: String = String::new() => ["backend"];
        /// In a folder.
        local: StorageFilesystem = StorageFilesystem::default() => ["local"];
    }
}

unused!(RulerStorage as "ruler.storage": &[
    "s3", "gcs", "azure", "swift", "cos", "bos", "alibabacloud", "filesystem", "storage_prefix", "obs",
]);

section! {
    /// How receivers of alerts are spoken to.
    pub struct RulerClient as "ruler.NotifierConfig" {
        /// Who logs in.
        basic_auth_username: String = String::new() => ["basic_auth_username"];
        /// The password.
        basic_auth_password: Secret = Secret::default() => ["basic_auth_password"];
        /// The kind of credentials.
        kind: String = String::new() => ["type"];
        /// The credentials.
        credentials: Secret = Secret::default() => ["credentials"];
        /// A file that holds them.
        credentials_file: FilePath = FilePath::default() => ["credentials_file"];
        /// The file of the certificate.
        tls_cert_path: FilePath = FilePath::default() => ["tls_cert_path"];
        /// The file of its key.
        tls_key_path: FilePath = FilePath::default() => ["tls_key_path"];
        /// The file of the authorities.
        tls_ca_path: FilePath = FilePath::default() => ["tls_ca_path"];
        /// The name of the server.
        tls_server_name: String = String::new() => ["tls_server_name"];
        /// Whether the server is believed without proof.
        tls_insecure_skip_verify: bool = false => ["tls_insecure_skip_verify"];
    }
}

unused!(RulerClient as "ruler.alertmanager_client": &["tls_cipher_suites", "tls_min_version"]);
