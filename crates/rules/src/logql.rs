//! LogQL over the logs of a tenant.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use logql_engine::metric::{MetricAnswer, query_instant};
use logql_engine::pipeline::TemplateChecks;
use logql_engine::{Control, Limits};
use logql_syntax::Expr;
use model::{Labels, Matcher};
use platform::{CancelFlag, Clock, MemoryBudget};
use storage::logs::{EntryRange, LogQueryable};

use crate::context::NANOS_PER_MILLI;
use crate::{Dialect, Expression, Language, Owner, Sample, SampleValue, Surroundings};

/// What a query that gives lines is answered.
const NO_NUMBERS: &str = "a rule needs a metric query: a log query gives lines and no numbers";

/// What queries over logs work with.
#[derive(Clone)]
pub struct LogqlParts {
    /// All entries.
    pub logs: Arc<dyn LogQueryable>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The memory that the process may take.
    pub memory: Arc<MemoryBudget>,
    /// What one query of a tenant may use.
    pub limits: Arc<dyn Fn(&str) -> Limits + Send + Sync>,
}

/// LogQL over a store of log entries.
pub struct Logql {
    parts: LogqlParts,
}

impl Logql {
    /// The language over what `parts` has.
    pub fn new(parts: LogqlParts) -> Logql {
        Logql { parts }
    }
}

impl Language for Logql {
    fn compile(&self, text: &str, owner: &Owner) -> Result<Arc<dyn Expression>, String> {
        let tree = Logql::check(text)?;
        let Dialect::Logql { tenant } = &owner.dialect else {
            return Err("the group of the rule asks no logs".to_owned());
        };
        Ok(Arc::new(LogqlExpression {
            printed: tree.to_string(),
            tree,
            tenant: Arc::clone(tenant),
            stopping: owner.stopping.clone(),
            parts: self.parts.clone(),
        }))
    }

    /// A page of Grafana that runs the query.
    fn link(&self, text: &str, surroundings: &Surroundings) -> String {
        let query = serde_json::json!({
            "queries": [{
                "expr": text,
                "queryType": "range",
                "datasource": { "type": "loki", "uid": surroundings.datasource_uid },
            }],
        });
        let query: String = form_urlencoded::byte_serialize(query.to_string().as_bytes()).collect();
        format!("{}/explore?left={query}", surroundings.external_url)
    }
}

impl Logql {
    /// Reads an expression of a rule.
    ///
    /// # Errors
    /// It is none, or gives no numbers.
    pub fn check(text: &str) -> Result<Expr, String> {
        let wrong = |error: logql_syntax::ParseError| error.to_string();
        let tree = logql_syntax::parse(text, logql_syntax::Options::default()).map_err(wrong)?;
        logql_syntax::check_stages(&tree, &TemplateChecks).map_err(wrong)?;
        match &tree {
            Expr::Metric(_) => Ok(tree),
            Expr::Log(_) => Err(NO_NUMBERS.to_owned()),
        }
    }
}

struct LogqlExpression {
    printed: String,
    tree: Expr,
    tenant: Arc<str>,
    stopping: CancelFlag,
    parts: LogqlParts,
}

impl Expression for LogqlExpression {
    fn text(&self) -> &str {
        &self.printed
    }

    fn evaluate(&self, at_ms: i64) -> Result<Vec<Sample>, String> {
        let LogqlParts { logs, clock, memory, limits } = &self.parts;
        let limits = limits(&self.tenant);
        let control = Control::new(Arc::clone(clock), limits, self.stopping.clone(), Arc::clone(memory));
        let querier = |range: EntryRange| logs.log_querier(&self.tenant, range);
        let time = at_ms.saturating_mul(NANOS_PER_MILLI);
        let answer = query_instant(&querier, &self.tree, time, &control);
        let sample = |(labels, value): (Labels, f64)| Sample { labels, value: SampleValue::Float(value) };
        match answer.map_err(|error| error.to_string())? {
            MetricAnswer::Scalar { value, .. } => Ok(vec![sample((Labels::empty(), value))]),
            MetricAnswer::Vector { elements, .. } => Ok(elements.into_iter().map(sample).collect()),
            MetricAnswer::Matrix(_) => Err("rule result is not a vector or scalar".to_owned()),
        }
    }

    /// None: what rules record stands in no log.
    fn selectors(&self) -> &[Vec<Matcher>] {
        &[]
    }
}
