//! The section `otlp`: how metrics of OpenTelemetry become samples.

use model::{name::ValidationScheme, quote::quote};

use crate::{
    decode::{Check, Decoder, Field, Invalid, section},
    yaml::{Node, Yaml},
};

section! {
    /// How metrics of OpenTelemetry become samples.
    pub struct OtlpConfig as "config.plain" {
        /// Attributes of the resource that become labels.
        promote_resource_attributes: Vec<String> = Vec::new() => ["promote_resource_attributes"];
        /// Whether all attributes of the resource become labels.
        promote_all_resource_attributes: bool = false => ["promote_all_resource_attributes"];
        /// Attributes that then do not.
        ignore_resource_attributes: Vec<String> = Vec::new() => ["ignore_resource_attributes"];
        /// How names are made.
        translation_strategy: TranslationStrategy = TranslationStrategy::UnderscoreEscapingWithSuffixes
            => ["translation_strategy"];
        /// Whether `target_info` also has what became `job` and `instance`.
        keep_identifying_resource_attributes: bool = false => ["keep_identifying_resource_attributes"];
        /// Whether histograms become native ones with custom buckets.
        convert_histograms_to_nhcb: bool = false => ["convert_histograms_to_nhcb"];
        /// Whether the scope becomes labels.
        promote_scope_metadata: bool = false => ["promote_scope_metadata"];
        /// Whether labels that begin with an underscore get a prefix.
        label_name_underscore_sanitization: bool = true => ["label_name_underscore_sanitization"];
        /// Whether underscores in a row stay.
        label_name_preserve_multiple_underscores: bool = true => ["label_name_preserve_multiple_underscores"];
    }
}

/// How names of OpenTelemetry become names of metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TranslationStrategy {
    /// None is given.
    #[default]
    Unset,
    /// Other characters become underscores; unit and type are appended.
    UnderscoreEscapingWithSuffixes,
    /// Other characters become underscores.
    UnderscoreEscapingWithoutSuffixes,
    /// Unit and type are appended.
    NoUtf8EscapingWithSuffixes,
    /// As they are.
    NoTranslation,
}

impl TranslationStrategy {
    const NAMES: [(&'static str, TranslationStrategy); 5] = [
        ("UnderscoreEscapingWithSuffixes", TranslationStrategy::UnderscoreEscapingWithSuffixes),
        ("UnderscoreEscapingWithoutSuffixes", TranslationStrategy::UnderscoreEscapingWithoutSuffixes),
        ("NoUTF8EscapingWithSuffixes", TranslationStrategy::NoUtf8EscapingWithSuffixes),
        ("NoTranslation", TranslationStrategy::NoTranslation),
        ("", TranslationStrategy::Unset),
    ];

    /// The name in configurations.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(_, strategy)| *strategy == self).map_or("", |(name, _)| name)
    }
}

impl Field for TranslationStrategy {
    fn zero() -> Self {
        TranslationStrategy::Unset
    }

    fn type_name() -> String {
        "string".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let mut text = String::new();
        if !text.decode(node, decoder)? {
            return Ok(false);
        }
        let Some((_, strategy)) = Self::NAMES.iter().find(|(name, _)| *name == text) else {
            let problem =
                decoder.invalid(node, format!("unsupported OTLP translation strategy {}", quote(&text)));
            let names: Vec<&str> =
                Self::NAMES.iter().map(|(name, _)| *name).filter(|name| !name.is_empty()).collect();
            decoder.defer(Box::new(problem.expected(format!("one of {}", names.join(", ")))));
            return Ok(true);
        };
        *self = *strategy;
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        Yaml::Text(self.as_str().into())
    }

    fn is_zero(&self) -> bool {
        *self == TranslationStrategy::Unset
    }
}

impl Check for OtlpConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        let fail = |key: &str, message: String| Err(decoder.invalid_key(node, key, message));
        if self.promote_all_resource_attributes && !self.promote_resource_attributes.is_empty() {
            let message = "'promote_all_resource_attributes' and 'promote_resource_attributes' cannot be configured \
                           simultaneously";
            return fail("promote_all_resource_attributes", message.into());
        }
        if !self.promote_all_resource_attributes && !self.ignore_resource_attributes.is_empty() {
            let message = "'ignore_resource_attributes' cannot be configured unless 'promote_all_resource_attributes' is true";
            return fail("ignore_resource_attributes", message.into());
        }
        let lists = [
            ("promote_resource_attributes", "promoted", &mut self.promote_resource_attributes),
            ("ignore_resource_attributes", "ignored", &mut self.ignore_resource_attributes),
        ];
        for (key, word, attributes) in lists {
            if let Err(message) = check_attributes(attributes, word) {
                return fail(key, format!("invalid '{key}': {message}"));
            }
        }
        Ok(())
    }
}

/// Checks that each attribute has a name and is given once, and takes blanks off.
fn check_attributes(attributes: &mut [String], word: &str) -> Result<(), String> {
    let mut seen: Vec<String> = Vec::new();
    for attribute in attributes {
        *attribute = attribute.trim().to_string();
        if attribute.is_empty() {
            return Err(format!("empty {word} OTel resource attribute"));
        }
        if seen.contains(attribute) {
            return Err(format!("duplicated {word} OTel resource attribute {}", quote(attribute)));
        }
        seen.push(attribute.clone());
    }
    Ok(())
}

impl OtlpConfig {
    /// Checks that the names made are valid ones; `node` is the section's.
    pub(crate) fn check_names(
        &self,
        names: ValidationScheme,
        node: &Node,
        decoder: &Decoder,
    ) -> Result<(), Invalid> {
        let makes_utf8 = matches!(
            self.translation_strategy,
            TranslationStrategy::NoUtf8EscapingWithSuffixes | TranslationStrategy::NoTranslation
        );
        if names == ValidationScheme::Legacy && makes_utf8 {
            let strategy = quote(self.translation_strategy.as_str());
            let message =
                format!("OTLP translation strategy {strategy} is not allowed when UTF8 is disabled");
            return Err(decoder.invalid_key(node, "translation_strategy", message));
        }
        Ok(())
    }
}
