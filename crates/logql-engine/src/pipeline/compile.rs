//! From stages to steps.

use logql_syntax::ast::Stage;
use storage::logs::{Columns, MetadataWanted};

use super::label_filter::LabelCondition;
use super::line_filter::LineTest;
use super::number::Unwrapping;
use super::step::Step;
use super::{CompileOptions, Pipeline, Wanted};
use crate::{Error, Result};

pub(super) fn compile(stages: &[Stage], options: &CompileOptions<'_>) -> Result<Pipeline> {
    let mut steps = Vec::new();
    for stage in stages {
        match stage {
            Stage::LineFilters(filters) => {
                for filter in filters {
                    steps.push(Step::Line(LineTest::new(filter)?));
                }
            }
            Stage::LabelFilter(filter) => steps.push(Step::Labels(LabelCondition::new(filter)?)),
            other => return Err(Error::Unsupported(other.to_string())),
        }
    }
    if let Some(unwrap) = options.unwrap {
        steps.push(Step::Unwrap(Unwrapping::new(unwrap)?));
    }
    let lines = options.line || steps.iter().any(|step| matches!(step, Step::Line(_)));
    let columns = Columns { timestamps: true, lines, metadata: metadata(&steps, &options.labels) };
    Ok(Pipeline { steps, columns, needles: Vec::new() })
}

/// The keys of structured metadata that the steps and the reader of the rows name.
fn metadata(steps: &[Step], wanted: &Wanted) -> MetadataWanted {
    let Wanted::Named(names) = wanted else { return MetadataWanted::All };
    let mut names = names.clone();
    for step in steps {
        match step {
            Step::Labels(condition) => condition.names(&mut names),
            Step::Unwrap(unwrapping) => names.extend(unwrapping.names()),
            Step::Line(_) => {}
        }
    }
    names.sort_unstable();
    names.dedup();
    if names.is_empty() { MetadataWanted::None } else { MetadataWanted::Named(names) }
}
