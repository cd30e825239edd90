//! Every operation of the API with its parameters.

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the URL's query, or in the form of a POST.
    Query,
    /// In the path.
    Path,
}

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) place: Place,
    pub(super) required: bool,
    pub(super) repeated: bool,
    /// The type of one value, in JSON Schema's words.
    pub(super) kind: &'static str,
    pub(super) description: &'static str,
}

/// A path with what may be done there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operation {
    /// The path behind `/api/v1`.
    pub(super) path: &'static str,
    pub(super) methods: &'static [&'static str],
    pub(super) summary: &'static str,
    pub(super) parameters: &'static [Parameter],
    pub(super) answer: &'static str,
    pub(super) media_type: &'static str,
}

impl Operation {
    /// Whether a version of OpenAPI has words for the operation: 3.1 has none for streams of events.
    pub(super) fn described_in(&self, openapi: &str) -> bool {
        openapi.starts_with("3.2") || self.media_type != EVENTS
    }
}

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";
const GET: &[&str] = &["GET"];
const GET_POST: &[&str] = &["GET", "POST"];
const DELETE: &[&str] = &["DELETE"];
const POST: &[&str] = &["POST"];
const POST_PUT: &[&str] = &["POST", "PUT"];

const fn text(name: &'static str, description: &'static str) -> Parameter {
    Parameter { name, place: Place::Query, required: false, repeated: false, kind: "string", description }
}

const fn whole(name: &'static str, description: &'static str) -> Parameter {
    Parameter { kind: "integer", ..text(name, description) }
}

const fn switch(name: &'static str, description: &'static str) -> Parameter {
    Parameter { kind: "boolean", ..text(name, description) }
}

impl Parameter {
    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    const fn repeated(self) -> Self {
        Self { repeated: true, ..self }
    }

    const fn in_path(self) -> Self {
        Self { place: Place::Path, required: true, ..self }
    }
}

const START: Parameter = text("start", "First time: seconds since the Unix epoch, or RFC 3339.");
const END: Parameter = text("end", "Last time: seconds since the Unix epoch, or RFC 3339.");
const LIMIT: Parameter = whole("limit", "The most entries of the answer; 0 for any number.");
const MATCH: Parameter =
    text("match[]", "Selector of series; a series need fulfil one of several.").repeated();
const QUERY: Parameter = text("query", "A PromQL expression.").required();
const TIMEOUT: Parameter = text("timeout", "The longest that the evaluation may take.");
const LOOKBACK: Parameter = text("lookback_delta", "How far back an instant selector looks for a sample.");
const STATS: Parameter = text("stats", "Statistics of the query: true, or all for counts of each step.");
const SEARCH: &[Parameter] = &[
    START,
    END,
    MATCH,
    text("search[]", "What results are to be like; one of several terms is enough.").repeated(),
    whole("fuzz_threshold", "The least likeness, from 0 to 100; 100 wants the term as it is."),
    text("fuzz_alg", "How likeness is measured: subsequence or jarowinkler."),
    switch("case_sensitive", "Whether upper and lower case differ; true where nothing is said."),
    text("sort_by", "Order of the results: alpha or score."),
    text("sort_dir", "Direction of sort_by=alpha: asc or dsc."),
    switch("include_score", "Whether results tell their score."),
    whole("limit", "The most results; 100 where nothing is said."),
    whole("batch_size", "The most results on one line; 100 where nothing is said."),
    switch("include_metadata", "Whether metric names come with type, help text and unit."),
    text("label", "The label whose values are searched."),
];

const fn operation(
    path: &'static str,
    methods: &'static [&'static str],
    summary: &'static str,
    parameters: &'static [Parameter],
    answer: &'static str,
) -> Operation {
    Operation { path, methods, summary, parameters, answer, media_type: JSON }
}

impl Operation {
    const fn of_type(self, media_type: &'static str) -> Self {
        Self { media_type, ..self }
    }
}

/// The operations, in the order of the document.
#[rustfmt::skip]
pub(super) const OPERATIONS: &[Operation] = &[
    operation("/query", GET_POST, "Evaluate an expression at one time.", &[
        QUERY, text("time", "The time: seconds since the Unix epoch, or RFC 3339; now where nothing is said."),
        TIMEOUT, LIMIT, LOOKBACK, STATS,
    ], "The value: a vector, a matrix, a scalar or a text."),
    operation("/query_range", GET_POST, "Evaluate an expression at each step of a span of time.", &[
        QUERY, START.required(), END.required(), text("step", "Distance of the steps: seconds, or a duration.").required(),
        TIMEOUT, LIMIT, LOOKBACK, STATS,
    ], "The values of each series."),
    operation("/query_exemplars", GET_POST, "Find exemplars of the series that a query selects.", &[QUERY, START, END],
        "Exemplars by series."),
    operation("/format_query", GET_POST, "Lay an expression out for reading.", &[QUERY], "The expression as text."),
    operation("/parse_query", GET_POST, "Take an expression apart.", &[QUERY], "The syntax tree."),
    operation("/labels", GET_POST, "List names of labels.", &[START, END, MATCH, LIMIT], "Names, sorted."),
    operation("/label/{name}/values", GET, "List values of a label.", &[
        text("name", "The label; names outside the classic syntax in the U__ form.").in_path(), START, END, MATCH, LIMIT,
    ], "Values, sorted."),
    operation("/series", GET_POST, "Find series.", &[START, END, MATCH.required(), LIMIT], "Label sets."),
    operation("/metadata", GET, "List metadata by metric.", &[
        text("metric", "Only this metric."), whole("limit", "The most metrics."),
        whole("limit_per_metric", "The most entries of one metric."),
    ], "Type, help text and unit by metric."),
    operation("/search/metric_names", GET_POST, "Search names of metrics.", SEARCH, "Batches of results, one on each line.")
        .of_type("application/x-ndjson"),
    operation("/search/label_names", GET_POST, "Search names of labels.", SEARCH, "Batches of results, one on each line.")
        .of_type("application/x-ndjson"),
    operation("/search/label_values", GET_POST, "Search values of a label.", SEARCH, "Batches of results, one on each line.")
        .of_type("application/x-ndjson"),
    operation("/scrape_pools", GET, "List scrape pools.", &[], "Names, sorted."),
    operation("/targets", GET, "List scrape targets.", &[
        text("state", "active, dropped, or any for both."), text("scrapePool", "Only targets of this pool."),
    ], "Targets with their state."),
    operation("/targets/metadata", GET, "List metadata by target.", &[
        text("match_target", "Selector of targets by their labels."), text("metric", "Only this metric."),
        whole("limit", "The most entries."),
    ], "Metadata with the target it comes from."),
    operation("/targets/relabel_steps", GET, "Show what relabelling does.", &[
        text("scrapePool", "The pool whose rules are applied.").required(),
        text("labels", "Labels before relabelling, as a JSON object.").required(),
    ], "The labels behind each rule."),
    operation("/rules", GET, "List groups of rules.", &[
        text("type", "alert or record."), text("rule_name[]", "Only rules of this name.").repeated(),
        text("rule_group[]", "Only groups of this name.").repeated(), text("file[]", "Only groups of this file.").repeated(),
        MATCH, switch("exclude_alerts", "Whether active alerts are left out."),
        whole("group_limit", "The most groups of a page."), text("group_next_token", "Where the page begins."),
    ], "Groups with their rules."),
    operation("/alerts", GET, "List active alerts.", &[], "Alerts that are pending or firing."),
    operation("/alertmanagers", GET, "List Alertmanagers.", &[], "Where alerts are sent to."),
    operation("/status/config", GET, "Show the configuration.", &[], "The configuration in force as YAML."),
    operation("/status/flags", GET, "Show the flags.", &[], "Values by name."),
    operation("/status/buildinfo", GET, "Show facts about the build.", &[], "Version, revision and so on."),
    operation("/status/runtimeinfo", GET, "Show facts about the process.", &[], "Start time, retention and so on."),
    operation("/status/tsdb", GET, "Show statistics of the head.", &[whole("limit", "The most rows of each table.")],
        "Counts and tables."),
    operation("/status/tsdb/blocks", GET, "List the blocks on disk.", &[], "The meta.json of each block."),
    operation("/status/active_queries", GET, "List the queries that run.", &[], "Number, text, steps and age of each."),
    operation("/status/active_queries/{name}", DELETE, "End a query.", &[
        text("name", "Its number in the list.").in_path(),
    ], "Nothing."),
    operation("/status/walreplay", GET, "Show how far recovery has come.", &[], "First, last and present segment."),
    operation("/status/self_metrics", GET, "Show own metrics.", &[
        text("metric_name_pattern", "Regular expression that the whole name must fit."),
    ], "Families of metrics."),
    operation("/features", GET, "Show what is built in and turned on.", &[], "Features by category."),
    operation("/notifications", GET, "List what users should know now.", &[], "Messages."),
    operation("/notifications/live", GET, "Follow what users should know.", &[], "Messages as they come.").of_type(EVENTS),
    operation("/openapi.yaml", GET, "Describe this API.", &[text("openapi_version", "3.1 or 3.2.")], "This document.")
        .of_type("application/yaml"),
    operation("/write", POST, "Take samples by remote write.", &[], "Nothing."),
    operation("/read", POST, "Give samples by remote read.", &[], "Samples or chunks as protobuf messages.")
        .of_type("application/x-protobuf"),
    operation("/import/prometheus", POST, "Take samples as the text of an exposition.", &[
        text("timestamp", "The time of samples that have none, in milliseconds."),
        text("extra_label", "A label for each series, as name=value.").repeated(),
    ], "Nothing."),
    operation("/otlp/v1/metrics", POST, "Take metrics by OTLP.", &[], "Nothing."),
    operation("/admin/tsdb/delete_series", POST_PUT, "Delete series.", &[MATCH.required(), START, END], "Nothing."),
    operation("/admin/tsdb/clean_tombstones", POST_PUT, "Free the space of what was deleted.", &[], "Nothing."),
    operation("/admin/tsdb/snapshot", POST_PUT, "Write a snapshot of all samples.", &[
        switch("skip_head", "Whether what is in memory only is left out."),
    ], "The name of the snapshot's folder."),
];
