//! What a search asks for: its parameters, checked.

use model::Matcher;
use storage::TimeRange;

use super::score::{Algorithm, Scoring};
use crate::Settings;
use crate::error::ApiError;
use crate::params::{Params, parse_bool};
use crate::prometheus::selectors;

/// The most terms of one search.
const TERMS_MAX: usize = 32;
/// Results, and results on one line, where nothing is said.
const LIMIT: usize = 100;
/// How far a search looks back where nothing is said.
const SPAN_MS: i64 = 3_600_000;

/// In which order results come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Ascending,
    Descending,
    /// The best first.
    Score,
}

/// The parameters of a search.
pub(super) struct Asked {
    pub(super) range: TimeRange,
    pub(super) selectors: Vec<Vec<Matcher>>,
    /// How texts are judged; `None` where every text will do.
    pub(super) scoring: Option<Scoring>,
    pub(super) order: Order,
    pub(super) include_score: bool,
    pub(super) include_metadata: bool,
    pub(super) limit: usize,
    pub(super) batch_size: usize,
}

impl Asked {
    pub(super) fn new(params: &Params, settings: &Settings, now_ms: i64) -> Result<Self, ApiError> {
        let range = time_range(params, now_ms)?;
        let selectors = selectors::parse(params.all("match[]"))?;
        let scoring = scoring(params)?;
        let order = order(params, scoring.is_some())?;
        Ok(Self {
            range,
            selectors,
            scoring,
            order,
            include_score: truth(params, "include_score", false)?,
            include_metadata: truth(params, "include_metadata", false)?,
            limit: limit(params, settings.search_limit_max)?,
            batch_size: positive(params, "batch_size")?.unwrap_or(LIMIT),
        })
    }
}

fn time_range(params: &Params, now_ms: i64) -> Result<TimeRange, ApiError> {
    // Here the original does not say which parameter it is about a second time.
    let time = |name: &str| params.time_text(name).map_err(ApiError::bad_data);
    let end = time("end")?.unwrap_or(now_ms);
    let start = time("start")?.unwrap_or(now_ms.saturating_sub(SPAN_MS));
    if end < start {
        return Err(ApiError::bad_data("end timestamp must not be before start timestamp"));
    }
    Ok(TimeRange::new(start, end))
}

fn scoring(params: &Params) -> Result<Option<Scoring>, ApiError> {
    let terms: Vec<&str> = params.all("search[]").collect();
    if terms.len() > TERMS_MAX {
        let text = format!("too many search[] terms: got {}, maximum is {TERMS_MAX}", terms.len());
        return Err(ApiError::bad_data(text));
    }
    let threshold = match params.get("fuzz_threshold") {
        "" => 0,
        text => text.parse::<u8>().ok().filter(|threshold| *threshold <= 100).ok_or_else(|| {
            ApiError::bad_data(format!("invalid fuzz_threshold {}: must be 0-100", model::quote::quote(text)))
        })?,
    };
    let algorithm = match params.get("fuzz_alg") {
        "" | "subsequence" => Algorithm::Subsequence,
        "jarowinkler" => Algorithm::JaroWinkler,
        other => {
            let quoted = model::quote::quote(other);
            let text = format!("unsupported fuzz_alg {quoted}: must be one of [subsequence jarowinkler]");
            return Err(ApiError::bad_data(text));
        }
    };
    let case_sensitive = truth(params, "case_sensitive", true)?;
    // A term of nothing is in every text.
    if terms.iter().any(|term| term.is_empty()) || terms.is_empty() {
        return Ok(None);
    }
    Ok(Some(Scoring::new(&terms, algorithm, threshold, case_sensitive)))
}

fn order(params: &Params, has_terms: bool) -> Result<Order, ApiError> {
    let (by, direction) = (params.get("sort_by"), params.get("sort_dir"));
    match by {
        "" if !direction.is_empty() => {
            return Err(ApiError::bad_data("sort_dir requires sort_by to be set"));
        }
        "" | "alpha" => {}
        "score" if !has_terms => {
            return Err(ApiError::bad_data("sort_by=score requires search[] to be set"));
        }
        "score" if !direction.is_empty() => {
            return Err(ApiError::bad_data("sort_dir is not supported for sort_by=score"));
        }
        "score" => return Ok(Order::Score),
        other => {
            let quoted = model::quote::quote(other);
            return Err(ApiError::bad_data(format!(
                "unsupported sort_by {quoted}: must be one of [alpha score]"
            )));
        }
    }
    match direction {
        "" | "asc" => Ok(Order::Ascending),
        "dsc" => Ok(Order::Descending),
        other => {
            let quoted = model::quote::quote(other);
            Err(ApiError::bad_data(format!("invalid sort_dir {quoted}: must be \"asc\" or \"dsc\"")))
        }
    }
}

fn limit(params: &Params, limit_max: usize) -> Result<usize, ApiError> {
    let cap = if limit_max == 0 { usize::MAX } else { limit_max };
    match positive(params, "limit")? {
        None => Ok(LIMIT.min(cap)),
        Some(limit) if limit <= cap => Ok(limit),
        Some(limit) => Err(ApiError::bad_data(format!(
            "limit {limit} exceeds the configured maximum ({cap}, see --web.search.max-limit)"
        ))),
    }
}

fn positive(params: &Params, name: &str) -> Result<Option<usize>, ApiError> {
    let text = params.get(name);
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().ok().filter(|number| *number > 0).map(Some).ok_or_else(|| {
        let quoted = model::quote::quote(text);
        ApiError::bad_data(format!("invalid {name} {quoted}: must be a positive integer"))
    })
}

fn truth(params: &Params, name: &str, default: bool) -> Result<bool, ApiError> {
    let text = params.get(name);
    if text.is_empty() {
        return Ok(default);
    }
    parse_bool(text).map_err(|_| {
        ApiError::bad_data(format!("invalid {name} {}: must be boolean", model::quote::quote(text)))
    })
}
