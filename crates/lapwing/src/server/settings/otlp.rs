//! How metrics of OpenTelemetry are translated.

use config::prometheus::{Config, TranslationStrategy};
use wire::otlp::{Deltas, Promotion, Settings, Strategy};

use crate::cli::server_options::ServerOptions;

/// The settings of the OTLP receiver.
pub(crate) fn settings(options: &ServerOptions, config: &Config) -> Settings {
    let otlp = &config.otlp;
    Settings {
        strategy: match otlp.translation_strategy {
            TranslationStrategy::Unset | TranslationStrategy::UnderscoreEscapingWithSuffixes => {
                Strategy::UnderscoresWithSuffixes
            }
            TranslationStrategy::UnderscoreEscapingWithoutSuffixes => Strategy::Underscores,
            TranslationStrategy::NoUtf8EscapingWithSuffixes => Strategy::Utf8WithSuffixes,
            TranslationStrategy::NoTranslation => Strategy::Untranslated,
        },
        promotion: if otlp.promote_all_resource_attributes {
            Promotion::AllBut(otlp.ignore_resource_attributes.clone())
        } else {
            Promotion::Listed(otlp.promote_resource_attributes.clone())
        },
        keep_identifying: otlp.keep_identifying_resource_attributes,
        histograms_to_nhcb: otlp.convert_histograms_to_nhcb,
        promote_scope: otlp.promote_scope_metadata,
        prefix_underscore: otlp.label_name_underscore_sanitization,
        keep_underscores: otlp.label_name_preserve_multiple_underscores,
        deltas: if options.has_feature("otlp-deltatocumulative") {
            Deltas::Accumulated
        } else if options.has_feature("otlp-native-delta-ingestion") {
            Deltas::Kept
        } else {
            Deltas::Refused
        },
        type_and_unit_labels: options.has_feature("type-and-unit-labels"),
        // Close enough for any query to find a sample.
        target_info_interval_ms: i64::try_from(options.lookback.as_millis() / 2).unwrap_or(i64::MAX),
    }
}
