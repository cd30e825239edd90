//! What the lines of the selected streams go through.
//!
//! A [`Pipeline`] is compiled once for a query; each thread runs it with a [`Runner`] of its own, which holds all
//! memory that rows need, so that a row costs no allocation. What later stages and the reader of the rows do not name
//! is neither read ([`Pipeline::columns`]) nor extracted.

mod choice;
mod compile;
mod decolorize;
mod format;
mod implied;
mod label_filter;
mod labels;
mod line_filter;
mod number;
mod parser;
mod rows;
mod runner;
mod step;
mod words;

use std::ops::ControlFlow;

use logql_syntax::ast::{Stage, Unwrap};
use storage::logs::{Columns, Needle};

pub use format::TemplateChecks;
pub(crate) use label_filter::{no_bytes, no_duration, no_number};
pub use labels::{LabelKind, PackScratch, RowLabel, RowLabels};
pub(crate) use rows::Rows;
pub use runner::Runner;

use crate::Result;
use line_filter::LineTest;
use step::Step;

/// The labels that somebody names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All there are.
    All,
    /// Those of these names; others may be there or not.
    Named(Vec<String>),
}

impl Wanted {
    /// Whether a label is wanted.
    pub fn wants(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.iter().any(|wanted| wanted == name),
        }
    }
}

/// What is wanted of the rows that come out.
#[derive(Debug, Clone)]
pub struct CompileOptions<'a> {
    /// The labels that are looked at. Errors of stages are found where all labels are wanted, where `__error__` is
    /// named, or before the wanted labels are.
    pub labels: Wanted,
    /// Whether the line is looked at (its length counts).
    pub line: bool,
    /// How a row becomes a number: rows without the label are dropped, the label goes away, a text that is no number
    /// becomes the value 0 with an error; the filters behind it are the last stage.
    pub unwrap: Option<&'a Unwrap>,
}

impl CompileOptions<'_> {
    /// Everything, as log queries want it.
    pub const ALL: CompileOptions<'static> = CompileOptions { labels: Wanted::All, line: true, unwrap: None };
}

/// Stages, compiled.
#[derive(Debug)]
pub struct Pipeline {
    /// Filters on the line that look at whole blocks.
    search: Vec<LineTest>,
    /// What lines must hold for conditions behind the first parser.
    implied: Vec<implied::Implied>,
    /// What each row that is left goes through.
    steps: Vec<Step>,
    columns: Columns,
    needles: Vec<Vec<Needle>>,
    now: i64,
}

impl Pipeline {
    /// Compiles stages, which [`logql_syntax::check_stages`] has found to be sound.
    ///
    /// # Errors
    /// `Parse` for a stage that cannot be made.
    pub fn compile(stages: &[Stage], options: &CompileOptions<'_>) -> Result<Self> {
        compile::compile(stages, options)
    }

    /// The columns that a block must be read with; times are among them.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// What a block must hold so that a row can come out: see [`storage::logs::BlockSet::excludes`].
    pub fn needles(&self) -> &[Vec<Needle>] {
        &self.needles
    }

    /// Whether every row comes out as it went in, so that a count of rows is a count of what comes out.
    pub fn is_empty(&self) -> bool {
        self.search.is_empty() && self.steps.is_empty()
    }

    /// Whether rows come out as they went in or not at all, so that what is found in whole blocks is what comes out.
    pub(crate) fn only_searches(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether the first filters find the same rows in lines without their times, as [`storage::logs::TIME_MARKS`] says.
    pub(crate) fn searches_without_times(&self) -> bool {
        self.search.iter().all(LineTest::passes_times)
    }

    /// Says what time it is (nanoseconds since the Unix epoch), for templates that ask.
    #[must_use]
    pub fn at(self, now: i64) -> Self {
        Self { now, ..self }
    }
}

/// The order of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Order {
    /// The oldest first.
    #[default]
    Forward,
    /// The newest first.
    Backward,
}

/// A row that came out.
#[derive(Debug, Clone, Copy)]
pub struct Row<'r> {
    /// Its number in the block.
    pub row: usize,
    /// Nanoseconds since the Unix epoch.
    pub timestamp: i64,
    /// The line as the stages left it; empty where no line was read.
    pub line: &'r [u8],
    /// The number that was unwrapped; 0 without `unwrap`.
    pub value: f64,
    /// Its labels as the stages left them.
    pub labels: &'r RowLabels<'r>,
}

/// Takes rows; may end the run.
pub type Sink<'s> = dyn FnMut(Row<'_>) -> ControlFlow<()> + 's;
