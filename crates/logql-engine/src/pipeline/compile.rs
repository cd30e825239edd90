//! From stages to steps.

use logql_syntax::ast::{Extraction, Stage};
use logql_syntax::{ParseError, StageError};
use storage::logs::{Columns, MetadataWanted, Needle};

use super::choice::{Drop, Keep};
use super::decolorize::Decolorize;
use super::format::{LabelFormats, LineFormat, Template};
use super::implied::Implied;
use super::label_filter::LabelCondition;
use super::line_filter::LineTest;
use super::number::Unwrapping;
use super::parser::interest::Interest;
use super::parser::json::JsonAll;
use super::parser::json_paths::JsonPaths;
use super::parser::logfmt::{Logfmt, LogfmtKeys};
use super::parser::pattern::Pattern;
use super::parser::regexp::Regexp;
use super::parser::unpack::Unpack;
use super::step::Step;
use super::{CompileOptions, Pipeline, Wanted};
use crate::Result;

pub(super) fn compile(stages: &[Stage], options: &CompileOptions<'_>) -> Result<Pipeline> {
    let stages = hoisted(stages);
    // From the end, as a stage must know what those behind it want.
    let mut wanted = Wants { labels: options.labels.clone(), line: options.line };
    let mut steps = Vec::new();
    if let Some(unwrap) = options.unwrap {
        push(&mut steps, &mut wanted, Step::Unwrap(Unwrapping::new(unwrap)?));
    }
    for stage in stages.iter().rev() {
        for step in steps_of(stage, &wanted, &steps)?.into_iter().rev() {
            push(&mut steps, &mut wanted, step);
        }
    }
    steps.reverse();
    let lines = steps.iter().take_while(|step| matches!(step, Step::Line(_))).count();
    let rest = steps.split_off(lines);
    let search: Vec<LineTest> = steps
        .into_iter()
        .filter_map(|step| match step {
            Step::Line(test) => Some(test),
            _ => None,
        })
        .collect();
    let columns = Columns {
        timestamps: true,
        lines: wanted.line,
        without_times: false,
        metadata: metadata(wanted.labels),
    };
    let needles = needles(&search);
    let implied = Implied::of(&rest);
    Ok(Pipeline { search, implied, steps: rest, columns, needles, now: 0 })
}

/// What the stages behind a place want of those before it.
struct Wants {
    labels: Wanted,
    line: bool,
}

/// Puts a step before those behind it.
fn push(steps: &mut Vec<Step>, wanted: &mut Wants, step: Step) {
    wanted.line |= step.reads_line();
    let mut names = Vec::new();
    let are_all = step.names(&mut names);
    match &mut wanted.labels {
        Wanted::All => {}
        labels if !are_all => *labels = Wanted::All,
        Wanted::Named(wanted) => wanted.extend(names),
    }
    steps.push(step);
}

/// Line filters go before the stages that leave the line as it is, as the original has them go: not over filters on
/// labels, unless nothing at all before them changes the line, where it cannot be told apart.
fn hoisted(stages: &[Stage]) -> Vec<Stage> {
    let mut out: Vec<Stage> = Vec::with_capacity(stages.len());
    for stage in stages {
        if !matches!(stage, Stage::LineFilters(_)) {
            out.push(stage.clone());
            continue;
        }
        let passes = |before: &Stage| {
            !matches!(
                before,
                Stage::LineFilters(_) | Stage::LabelFilter(_) | Stage::LineFormat(_) | Stage::Unpack
            )
        };
        let mut place = out.len();
        while place > 0 && out.get(place - 1).is_some_and(passes) {
            place -= 1;
        }
        let changes =
            |before: &Stage| matches!(before, Stage::LineFormat(_) | Stage::Unpack | Stage::Decolorize);
        if !out.iter().take(place).any(changes) {
            let is_filter = |before: &Stage| matches!(before, Stage::LineFilters(_));
            place = out.iter().take(place).take_while(|before| is_filter(before)).count();
        }
        out.insert(place, stage.clone());
    }
    out
}

/// The steps of a stage; `behind` are those behind it, the last one first.
fn steps_of(stage: &Stage, wanted: &Wants, behind: &[Step]) -> Result<Vec<Step>> {
    let interest = |early| Interest::new(wanted.labels.clone(), early);
    let failed = |error: StageError| -> crate::Error {
        ParseError::from(logql_syntax::ErrorKind::Stage { stage: stage.to_string(), error }).into()
    };
    let step = match stage {
        Stage::LineFilters(filters) => {
            let tests = filters.iter().map(LineTest::new).collect::<Result<Vec<_>>>()?;
            return Ok(tests
                .into_iter()
                .filter(|test| test.always() != Some(true))
                .map(Step::Line)
                .collect());
        }
        Stage::LabelFilter(filter) => Step::Labels(LabelCondition::new(filter)?),
        Stage::Json(extractions) if extractions.is_empty() => {
            Step::Json(JsonAll { interest: interest(early(behind, true)) })
        }
        Stage::Json(extractions) => {
            Step::JsonPaths(JsonPaths::new(&wanted_of(extractions, wanted), interest(early(behind, true)))?)
        }
        Stage::Logfmt { strict, keep_empty, extractions } if extractions.is_empty() => {
            let interest = interest(early(behind, false));
            Step::Logfmt(Logfmt { strict: *strict, keep_empty: *keep_empty, interest })
        }
        Stage::Logfmt { strict, extractions, .. } => {
            let interest = interest(Vec::new());
            Step::LogfmtKeys(LogfmtKeys::new(&wanted_of(extractions, wanted), *strict, interest)?)
        }
        Stage::Regexp(text) => Step::Regexp(Regexp::new(text, interest(Vec::new()))?),
        Stage::Pattern(text) => Step::Pattern(Pattern::new(text, interest(Vec::new()))?),
        Stage::Unpack => Step::Unpack(Unpack { interest: interest(Vec::new()) }),
        Stage::Decolorize => Step::Decolorize(Decolorize::new()?),
        Stage::LineFormat(text) => {
            if !wanted.line && !matches!(wanted.labels, Wanted::All) {
                // Nobody looks at the line behind it, nor at its errors.
                return Ok(Vec::new());
            }
            let template = Template::parse("line", text)
                .map_err(|error| failed(StageError::LineTemplate(error.to_string())))?;
            Step::LineFormat(LineFormat::new(template))
        }
        Stage::LabelFormat(formats) => Step::LabelFormat(
            LabelFormats::new(formats)
                .map_err(|(label, error)| failed(StageError::LabelTemplate { label, error }))?,
        ),
        Stage::Drop(choices) => Step::Drop(Drop::new(choices)),
        Stage::Keep(choices) => Step::Keep(Keep::new(choices)),
    };
    Ok(vec![step])
}

/// Extractions whose labels are wanted.
fn wanted_of(extractions: &[Extraction], wanted: &Wants) -> Vec<Extraction> {
    let is_wanted = |extraction: &&Extraction| {
        wanted.labels.wants(&extraction.label)
            || wanted.labels.wants(&format!("{}_extracted", extraction.label))
    };
    extractions.iter().filter(is_wanted).cloned().collect()
}

/// The conditions on one label each that stand right behind a parser; of several that must all hold (`split`), each.
fn early(behind: &[Step], split: bool) -> Vec<(String, LabelCondition)> {
    let mut found = Vec::new();
    let mut may_break = false;
    for step in behind.iter().rev() {
        match step {
            Step::Labels(condition) => add_early(condition, split, &mut may_break, &mut found),
            Step::Line(_) => {}
            _ => break,
        }
    }
    found
}

/// Adds a condition; not one on what a value stands for where another one may have found its value broken, since all of
/// them hold then.
fn add_early(
    condition: &LabelCondition,
    split: bool,
    may_break: &mut bool,
    found: &mut Vec<(String, LabelCondition)>,
) {
    match condition {
        LabelCondition::And(left, right) if split => {
            add_early(left, split, may_break, found);
            add_early(right, split, may_break, found);
        }
        _ => {
            let breaks = condition.may_break();
            if !(breaks && *may_break) {
                found.extend(condition.label().map(|label| (label.to_owned(), condition.clone())));
            }
            *may_break |= breaks;
        }
    }
}

/// The keys of structured metadata to be read: also those that a parser's label would collide with.
fn metadata(wanted: Wanted) -> MetadataWanted {
    let Wanted::Named(mut names) = wanted else { return MetadataWanted::All };
    let plain: Vec<String> =
        names.iter().filter_map(|name| Some(name.strip_suffix("_extracted")?.to_owned())).collect();
    names.extend(plain);
    names.sort_unstable();
    names.dedup();
    if names.is_empty() { MetadataWanted::None } else { MetadataWanted::Named(names) }
}

fn needles(search: &[LineTest]) -> Vec<Vec<Needle>> {
    let mut groups = Vec::new();
    search.iter().for_each(|test| test.needles(&mut groups));
    groups.retain(|group| !group.is_empty());
    groups
}
