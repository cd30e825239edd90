//! The section `storage`: what of the store can change while it runs.

use std::time::Duration;

use crate::{
    decode::{Check, Decoder, Field, Invalid, section},
    error::Problem,
    values::ByteSize,
    yaml::Node,
};

section! {
    /// What of the store can change while it runs.
    pub struct StorageConfig as "config.StorageConfig" {
        /// Samples.
        tsdb: Option<TsdbConfig> = None => ["tsdb"];
        /// Exemplars.
        exemplars: Option<ExemplarsConfig> = None => ["exemplars"];
    }
}

section! {
    /// How samples are kept.
    pub struct TsdbConfig as "config.plain" {
        /// `out_of_order_time_window` in milliseconds; follows from it.
        out_of_order_time_window_ms: i64 = 0 => ["outofordertimewindow", always];
        /// How late a sample may come.
        out_of_order_time_window: Duration = Duration::ZERO => ["out_of_order_time_window"];
        /// The share of stale series from which the head is compacted early; 0: never.
        stale_series_compaction_threshold: f64 = 0.0 => ["stale_series_compaction_threshold"];
        /// How samples are encoded.
        chunk_encoding: Option<ChunkEncodingConfig> = None => ["chunk_encoding"];
        /// How long samples are kept.
        retention: Option<RetentionConfig> = None => ["retention"];
    }
}

section! {
    /// How samples are encoded.
    pub struct ChunkEncodingConfig as "config.TSDBChunkEncodingConfig" {
        /// `xor` or `xor2`, for samples that are numbers; whatever the flags say unless given.
        floats: String = String::new() => ["floats"];
    }
}

section! {
    /// How long samples are kept; the flags say unless this section does.
    pub struct RetentionConfig as "config.plain" {
        /// For how long; 0: forever.
        time: Option<Duration> = None => ["time"];
        /// Up to which size; 0: any.
        size: ByteSize = ByteSize(0) => ["size"];
        /// Up to which share of the disk; 0: any.
        percentage: f64 = 0.0 => ["percentage"];
    }
}

section! {
    /// How exemplars are kept.
    pub struct ExemplarsConfig as "config.ExemplarsConfig" {
        /// How many.
        max_exemplars: i64 = 0 => ["max_exemplars"];
    }
}

impl Check for StorageConfig {}
impl Check for ExemplarsConfig {}

impl Check for TsdbConfig {
    fn check(&mut self, _node: &Node, _decoder: &mut Decoder) -> Result<(), Invalid> {
        self.out_of_order_time_window_ms =
            i64::try_from(self.out_of_order_time_window.as_millis()).unwrap_or(i64::MAX);
        Ok(())
    }

    /// People write the flags' names here, `retention.time`: taken as `retention: {time: …}`.
    fn take_unknown(&mut self, key: &str, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let Some(name) = key.strip_prefix("retention.") else { return Ok(false) };
        let retention = self.retention.get_or_insert_default();
        let good = match name {
            "time" if node.is_null() => true,
            "time" => retention.time.decode(node, decoder)?,
            "size" if node.is_null() => true,
            "size" => retention.size.decode(node, decoder)?,
            _ => return Ok(false),
        };
        if good {
            let message =
                format!("the key `{key}` is none of Prometheus's; it is read as `retention: {{{name}: …}}`");
            decoder.warn(
                Problem::new(node.at, decoder.key(), message).expected(format!("`{name}` under `retention`")),
            );
        }
        Ok(true)
    }
}

impl Check for ChunkEncodingConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        let given = node.get("floats").is_some_and(|floats| !floats.is_null());
        if given && self.floats != "xor" && self.floats != "xor2" {
            let message = format!(
                "'storage.tsdb.chunk_encoding.floats' must be 'xor' or 'xor2', or the field must be omitted entirely, got {}",
                model::quote::quote(&self.floats)
            );
            return Err(decoder.invalid_key(node, "floats", message));
        }
        Ok(())
    }
}

impl Check for RetentionConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.size.0 < 0 {
            let message = format!(
                "'storage.tsdb.retention.size' must be greater than or equal to 0, got {}",
                self.size
            );
            return Err(decoder.invalid_key(node, "size", message));
        }
        if !(0.0..=100.0).contains(&self.percentage) {
            let got = self.percentage;
            let message =
                format!("'storage.tsdb.retention.percentage' must be in the range [0, 100], got {got}");
            return Err(decoder.invalid_key(node, "percentage", message));
        }
        Ok(())
    }
}
