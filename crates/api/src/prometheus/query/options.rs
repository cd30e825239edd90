//! Parameters of queries.

use std::time::Duration;

use promql_engine::{Origin, QueryOptions, StatsLevel};

use super::turn::Turn;
use crate::call::Call;
use crate::error::ApiError;
use crate::params::Params;
use crate::time::{Moment, parse_request_duration, positive_duration};
use crate::{ErrorType, Settings};

/// The most steps of a range query.
const STEPS_MAX: i64 = 11_000;

/// What both kinds of query take.
#[derive(Debug, Clone)]
pub(super) struct SharedOptions {
    /// The longest that the query may take.
    pub(super) timeout: Duration,
    /// At most so many series are given.
    pub(super) limit: Option<usize>,
    lookback: Option<Duration>,
    pub(super) stats: Stats,
}

/// Which statistics are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stats {
    /// None.
    Off,
    /// Totals.
    Totals,
    /// Totals and, where the feature is on, counts for each step.
    All,
    /// Totals, asked for by a value that the original warns about.
    Deprecated(String),
}

impl SharedOptions {
    pub(super) fn new(params: &Params, settings: &Settings) -> Result<Self, ApiError> {
        let limit = params.limit()?;
        let mut timeout = settings.query_timeout;
        let text = params.get("timeout");
        if !text.is_empty() {
            let asked =
                parse_request_duration(text).map_err(|error| ApiError::parameter("timeout", error))?;
            timeout = positive_duration(asked).unwrap_or(Duration::ZERO).min(timeout);
        }
        let text = params.get("lookback_delta");
        let lookback = if text.is_empty() {
            None
        } else {
            let asked = parse_request_duration(text).map_err(|error| {
                ApiError::bad_data(format!("error parsing lookback delta duration: {error}"))
            })?;
            positive_duration(asked).filter(|lookback| !lookback.is_zero())
        };
        let stats = match params.get("stats") {
            "" => Stats::Off,
            "true" => Stats::Totals,
            "all" => Stats::All,
            other => Stats::Deprecated(other.to_owned()),
        };
        Ok(Self { timeout, limit, lookback, stats })
    }

    /// `at_once` is given where the query is to end soon, and be begun anew.
    pub(super) fn engine_options(&self, turn: &Turn, call: &Call, at_once: Option<Duration>) -> QueryOptions {
        QueryOptions {
            origin: Origin::Http {
                client_ip: call.client,
                method: call.method.to_string(),
                path: call.path.clone(),
            },
            waited: turn.waited(),
            lookback: self.lookback,
            timeout: Some(turn.left),
            at_once,
            cancel: turn.cancel_flag(),
            stats: match self.stats {
                Stats::Off => StatsLevel::None,
                Stats::All => StatsLevel::PerStep,
                Stats::Totals | Stats::Deprecated(_) => StatsLevel::Totals,
            },
        }
    }
}

/// What a range query takes besides.
#[derive(Debug, Clone, Copy)]
pub(super) struct RangeOptions {
    /// First step, milliseconds.
    pub(super) start: i64,
    /// No step lies behind, milliseconds.
    pub(super) end: i64,
    /// Distance of steps, milliseconds.
    pub(super) step_ms: i64,
}

impl RangeOptions {
    pub(super) fn new(params: &Params) -> Result<Self, ApiError> {
        let failed = |name: &'static str| move |error: String| ApiError::parameter(name, error);
        let start = Moment::parse(params.get("start")).map_err(failed("start"))?;
        let end = Moment::parse(params.get("end")).map_err(failed("end"))?;
        if end.is_before(start) {
            return Err(ApiError::parameter("end", "end timestamp must not be before start time"));
        }
        let step =
            parse_request_duration(params.get("step")).map_err(|error| ApiError::parameter("step", error))?;
        if step <= 0.0 || step.is_nan() {
            let text =
                "zero or negative query resolution step widths are not accepted. Try a positive integer";
            return Err(ApiError::parameter("step", text));
        }
        // A step is a millisecond at least.
        let step_ms = ((step * 1000.0) as i64).max(1);
        if end.nanoseconds_since(start) / step_ms.saturating_mul(1_000_000) > STEPS_MAX {
            return Err(ApiError::new(
                ErrorType::BadData,
                "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
            ));
        }
        Ok(Self { start: start.evaluation_ms(), end: end.evaluation_ms(), step_ms })
    }
}
