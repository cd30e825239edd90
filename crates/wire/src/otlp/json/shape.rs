//! The messages of OTLP metrics and logs: names, numbers and kinds of their fields.
//!
//! Source: <https://github.com/open-telemetry/opentelemetry-proto>

/// A kind of message.
pub(super) struct Shape(&'static [Field]);

/// A field of a message.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) number: u32,
    pub(super) kind: Kind,
    pub(super) repeated: bool,
}

/// What a field holds.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Bool,
    Double,
    Fixed64,
    SignedFixed64,
    Fixed32,
    Unsigned,
    Signed,
    Zigzag,
    Base64,
    Hex,
    /// One of these.
    Choice(&'static [(&'static str, u64)]),
    Message(&'static Shape),
}

impl Shape {
    /// The field of a name, in either spelling.
    pub(super) fn field(&self, name: &str) -> Option<&'static Field> {
        self.0.iter().find(|field| field.name == name).or_else(|| {
            let plain: String = name.chars().filter(|character| *character != '_').collect();
            self.0.iter().find(|field| field.name.eq_ignore_ascii_case(&plain))
        })
    }
}

const fn one(name: &'static str, number: u32, kind: Kind) -> Field {
    Field { name, number, kind, repeated: false }
}

const fn many(name: &'static str, number: u32, kind: Kind) -> Field {
    Field { name, number, kind, repeated: true }
}

const TEMPORALITY: Kind = Kind::Choice(&[
    ("AGGREGATION_TEMPORALITY_UNSPECIFIED", 0),
    ("AGGREGATION_TEMPORALITY_DELTA", 1),
    ("AGGREGATION_TEMPORALITY_CUMULATIVE", 2),
]);

pub(super) static REQUEST: Shape = Shape(&[many("resourceMetrics", 1, Kind::Message(&RESOURCE_METRICS))]);

pub(super) static LOGS_REQUEST: Shape = Shape(&[many("resourceLogs", 1, Kind::Message(&RESOURCE_LOGS))]);

static RESOURCE_LOGS: Shape = Shape(&[
    one("resource", 1, Kind::Message(&RESOURCE)),
    many("scopeLogs", 2, Kind::Message(&SCOPE_LOGS)),
    one("schemaUrl", 3, Kind::Text),
]);

static SCOPE_LOGS: Shape = Shape(&[
    one("scope", 1, Kind::Message(&SCOPE)),
    many("logRecords", 2, Kind::Message(&LOG_RECORD)),
    one("schemaUrl", 3, Kind::Text),
]);

static LOG_RECORD: Shape = Shape(&[
    one("timeUnixNano", 1, Kind::Fixed64),
    one("observedTimeUnixNano", 11, Kind::Fixed64),
    one("severityNumber", 2, Kind::Choice(SEVERITIES)),
    one("severityText", 3, Kind::Text),
    one("body", 5, Kind::Message(&ANY_VALUE)),
    many("attributes", 6, Kind::Message(&KEY_VALUE)),
    one("droppedAttributesCount", 7, Kind::Unsigned),
    one("flags", 8, Kind::Fixed32),
    one("traceId", 9, Kind::Hex),
    one("spanId", 10, Kind::Hex),
    one("eventName", 12, Kind::Text),
]);

const SEVERITIES: &[(&str, u64)] = &[
    ("SEVERITY_NUMBER_UNSPECIFIED", 0),
    ("SEVERITY_NUMBER_TRACE", 1),
    ("SEVERITY_NUMBER_TRACE2", 2),
    ("SEVERITY_NUMBER_TRACE3", 3),
    ("SEVERITY_NUMBER_TRACE4", 4),
    ("SEVERITY_NUMBER_DEBUG", 5),
    ("SEVERITY_NUMBER_DEBUG2", 6),
    ("SEVERITY_NUMBER_DEBUG3", 7),
    ("SEVERITY_NUMBER_DEBUG4", 8),
    ("SEVERITY_NUMBER_INFO", 9),
    ("SEVERITY_NUMBER_INFO2", 10),
    ("SEVERITY_NUMBER_INFO3", 11),
    ("SEVERITY_NUMBER_INFO4", 12),
    ("SEVERITY_NUMBER_WARN", 13),
    ("SEVERITY_NUMBER_WARN2", 14),
    ("SEVERITY_NUMBER_WARN3", 15),
    ("SEVERITY_NUMBER_WARN4", 16),
    ("SEVERITY_NUMBER_ERROR", 17),
    ("SEVERITY_NUMBER_ERROR2", 18),
    ("SEVERITY_NUMBER_ERROR3", 19),
    ("SEVERITY_NUMBER_ERROR4", 20),
    ("SEVERITY_NUMBER_FATAL", 21),
    ("SEVERITY_NUMBER_FATAL2", 22),
    ("SEVERITY_NUMBER_FATAL3", 23),
    ("SEVERITY_NUMBER_FATAL4", 24),
];

static RESOURCE_METRICS: Shape = Shape(&[
    one("resource", 1, Kind::Message(&RESOURCE)),
    many("scopeMetrics", 2, Kind::Message(&SCOPE_METRICS)),
    one("schemaUrl", 3, Kind::Text),
]);

static RESOURCE: Shape = Shape(&[many("attributes", 1, Kind::Message(&KEY_VALUE))]);

static SCOPE_METRICS: Shape = Shape(&[
    one("scope", 1, Kind::Message(&SCOPE)),
    many("metrics", 2, Kind::Message(&METRIC)),
    one("schemaUrl", 3, Kind::Text),
]);

static SCOPE: Shape = Shape(&[
    one("name", 1, Kind::Text),
    one("version", 2, Kind::Text),
    many("attributes", 3, Kind::Message(&KEY_VALUE)),
    one("droppedAttributesCount", 4, Kind::Unsigned),
]);

static KEY_VALUE: Shape = Shape(&[one("key", 1, Kind::Text), one("value", 2, Kind::Message(&ANY_VALUE))]);

static ANY_VALUE: Shape = Shape(&[
    one("stringValue", 1, Kind::Text),
    one("boolValue", 2, Kind::Bool),
    one("intValue", 3, Kind::Signed),
    one("doubleValue", 4, Kind::Double),
    one("arrayValue", 5, Kind::Message(&ARRAY_VALUE)),
    one("kvlistValue", 6, Kind::Message(&KEY_VALUE_LIST)),
    one("bytesValue", 7, Kind::Base64),
]);

static ARRAY_VALUE: Shape = Shape(&[many("values", 1, Kind::Message(&ANY_VALUE))]);

static KEY_VALUE_LIST: Shape = Shape(&[many("values", 1, Kind::Message(&KEY_VALUE))]);

static METRIC: Shape = Shape(&[
    one("name", 1, Kind::Text),
    one("description", 2, Kind::Text),
    one("unit", 3, Kind::Text),
    one("gauge", 5, Kind::Message(&NUMBERS)),
    one("sum", 7, Kind::Message(&NUMBERS)),
    one("histogram", 9, Kind::Message(&HISTOGRAMS)),
    one("exponentialHistogram", 10, Kind::Message(&EXPONENTIALS)),
    one("summary", 11, Kind::Message(&SUMMARIES)),
]);

/// Of a gauge and of a sum; a gauge has the points alone.
static NUMBERS: Shape = Shape(&[
    many("dataPoints", 1, Kind::Message(&NUMBER)),
    one("aggregationTemporality", 2, TEMPORALITY),
    one("isMonotonic", 3, Kind::Bool),
]);

static HISTOGRAMS: Shape =
    Shape(&[many("dataPoints", 1, Kind::Message(&HISTOGRAM)), one("aggregationTemporality", 2, TEMPORALITY)]);

static EXPONENTIALS: Shape = Shape(&[
    many("dataPoints", 1, Kind::Message(&EXPONENTIAL)),
    one("aggregationTemporality", 2, TEMPORALITY),
]);

static SUMMARIES: Shape = Shape(&[many("dataPoints", 1, Kind::Message(&SUMMARY))]);

static NUMBER: Shape = Shape(&[
    many("attributes", 7, Kind::Message(&KEY_VALUE)),
    one("startTimeUnixNano", 2, Kind::Fixed64),
    one("timeUnixNano", 3, Kind::Fixed64),
    one("asDouble", 4, Kind::Double),
    one("asInt", 6, Kind::SignedFixed64),
    many("exemplars", 5, Kind::Message(&EXEMPLAR)),
    one("flags", 8, Kind::Unsigned),
]);

static HISTOGRAM: Shape = Shape(&[
    many("attributes", 9, Kind::Message(&KEY_VALUE)),
    one("startTimeUnixNano", 2, Kind::Fixed64),
    one("timeUnixNano", 3, Kind::Fixed64),
    one("count", 4, Kind::Fixed64),
    one("sum", 5, Kind::Double),
    many("bucketCounts", 6, Kind::Fixed64),
    many("explicitBounds", 7, Kind::Double),
    many("exemplars", 8, Kind::Message(&EXEMPLAR)),
    one("flags", 10, Kind::Unsigned),
    one("min", 11, Kind::Double),
    one("max", 12, Kind::Double),
]);

static EXPONENTIAL: Shape = Shape(&[
    many("attributes", 1, Kind::Message(&KEY_VALUE)),
    one("startTimeUnixNano", 2, Kind::Fixed64),
    one("timeUnixNano", 3, Kind::Fixed64),
    one("count", 4, Kind::Fixed64),
    one("sum", 5, Kind::Double),
    one("scale", 6, Kind::Zigzag),
    one("zeroCount", 7, Kind::Fixed64),
    one("positive", 8, Kind::Message(&BUCKETS)),
    one("negative", 9, Kind::Message(&BUCKETS)),
    one("flags", 10, Kind::Unsigned),
    many("exemplars", 11, Kind::Message(&EXEMPLAR)),
    one("min", 12, Kind::Double),
    one("max", 13, Kind::Double),
    one("zeroThreshold", 14, Kind::Double),
]);

static BUCKETS: Shape = Shape(&[one("offset", 1, Kind::Zigzag), many("bucketCounts", 2, Kind::Unsigned)]);

static SUMMARY: Shape = Shape(&[
    many("attributes", 7, Kind::Message(&KEY_VALUE)),
    one("startTimeUnixNano", 2, Kind::Fixed64),
    one("timeUnixNano", 3, Kind::Fixed64),
    one("count", 4, Kind::Fixed64),
    one("sum", 5, Kind::Double),
    many("quantileValues", 6, Kind::Message(&QUANTILE)),
    one("flags", 8, Kind::Unsigned),
]);

static QUANTILE: Shape = Shape(&[one("quantile", 1, Kind::Double), one("value", 2, Kind::Double)]);

static EXEMPLAR: Shape = Shape(&[
    many("filteredAttributes", 7, Kind::Message(&KEY_VALUE)),
    one("timeUnixNano", 2, Kind::Fixed64),
    one("asDouble", 3, Kind::Double),
    one("asInt", 6, Kind::SignedFixed64),
    one("spanId", 4, Kind::Hex),
    one("traceId", 5, Kind::Hex),
]);
