//! The language of expressions: PromQL, or another that gives vectors.

use std::sync::Arc;

use model::Matcher;
use platform::CancelFlag;
use promql_engine::{Engine, Origin, Query, QueryOptions, Value};
use storage::Queryable;
use template::rules::expression_link;
pub use template::rules::{Sample, SampleValue};

use crate::{Dialect, Surroundings};

/// The group whose expression it is, for logs of queries.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The file of the group.
    pub file: Arc<str>,
    /// The group.
    pub group: Arc<str>,
    /// In what its expressions are written.
    pub dialect: Dialect,
    /// Set when the group stops: what is asked of logs, which may take long, is not waited for then.
    pub stopping: CancelFlag,
}

/// Makes expressions of texts.
pub trait Language: Send + Sync {
    /// Reads an expression.
    ///
    /// # Errors
    /// It is none, in the words of the language.
    fn compile(&self, text: &str, owner: &Owner) -> Result<Arc<dyn Expression>, String>;

    /// The address under which users can look at an expression.
    fn link(&self, text: &str, surroundings: &Surroundings) -> String {
        format!("{}{}", surroundings.external_url, expression_link(text, true))
    }
}

/// An expression that can be evaluated.
pub trait Expression: Send + Sync {
    /// The expression as the language prints it.
    fn text(&self) -> &str;

    /// Evaluates it at a time in milliseconds since the Unix epoch.
    ///
    /// # Errors
    /// In the words of the language.
    fn evaluate(&self, at_ms: i64) -> Result<Vec<Sample>, String>;

    /// What it selects: which rules it depends on follows from that.
    fn selectors(&self) -> &[Vec<Matcher>];
}

/// PromQL over a store.
pub struct Promql {
    engine: Arc<Engine>,
    queryable: Arc<dyn Queryable>,
    syntax: promql_syntax::Options,
}

impl Promql {
    /// The language, evaluated by `engine` over `queryable`.
    pub fn new(engine: Arc<Engine>, queryable: Arc<dyn Queryable>, syntax: promql_syntax::Options) -> Promql {
        Promql { engine, queryable, syntax }
    }
}

impl Language for Promql {
    fn compile(&self, text: &str, owner: &Owner) -> Result<Arc<dyn Expression>, String> {
        let tree = promql_syntax::parse_expr(text, self.syntax).map_err(|error| error.to_string())?;
        let mut selectors = Vec::new();
        tree.for_each_selector(|selector| selectors.push(selector.matchers.clone()));
        Ok(Arc::new(PromqlExpression {
            printed: tree.to_string(),
            written: text.to_owned(),
            tree,
            selectors,
            options: QueryOptions {
                origin: Origin::RuleGroup { file: owner.file.to_string(), name: owner.group.to_string() },
                ..QueryOptions::default()
            },
            engine: Arc::clone(&self.engine),
            queryable: Arc::clone(&self.queryable),
        }))
    }
}

struct PromqlExpression {
    printed: String,
    written: String,
    tree: promql_syntax::Expr,
    selectors: Vec<Vec<Matcher>>,
    options: QueryOptions,
    engine: Arc<Engine>,
    queryable: Arc<dyn Queryable>,
}

impl Expression for PromqlExpression {
    fn text(&self) -> &str {
        &self.printed
    }

    fn evaluate(&self, at_ms: i64) -> Result<Vec<Sample>, String> {
        let query = Query { text: &self.written, expr: &self.tree };
        let answer = self
            .engine
            .instant(self.queryable.as_ref(), &query, at_ms, &self.options)
            .map_err(|error| error.to_string())?;
        match answer.value {
            Value::Vector(samples) => Ok(samples.into_iter().map(sample).collect()),
            Value::Scalar { value, .. } => {
                Ok(vec![Sample { labels: model::Labels::empty(), value: SampleValue::Float(value) }])
            }
            _ => Err("rule result is not a vector or scalar".into()),
        }
    }

    fn selectors(&self) -> &[Vec<Matcher>] {
        &self.selectors
    }
}

fn sample(sample: promql_engine::InstantSample) -> Sample {
    let value = match sample.value {
        promql_engine::SampleValue::Float(value) => SampleValue::Float(value),
        promql_engine::SampleValue::Histogram(histogram) => SampleValue::Histogram(histogram),
    };
    Sample { labels: sample.labels, value }
}
