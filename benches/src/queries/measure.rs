//! Takes the time of queries, in turns.

use std::time::Duration;

use crate::Error;
use crate::meter::Meter;
use crate::report::{Figure, Report, Unit, figure, maybe};

use super::answer::Answer;
use super::{Client, Query};

/// A server that is asked.
pub(super) struct Side<'a> {
    pub(super) client: Client,
    pub(super) meter: Meter<'a>,
}

pub(super) struct Settings {
    pub(super) rounds: usize,
    pub(super) measured: Duration,
    pub(super) tolerance: f64,
    pub(super) allow_differences: bool,
}

/// More repeats tell nothing new.
const REPEATS_MAX: u32 = 200;

/// What a query costs: seconds until the whole answer is there, and of the server's processor.
#[derive(Debug, Clone, Copy)]
struct Cost {
    wall: f64,
    cpu: Option<f64>,
    own_cpu: f64,
}

/// Compares the answers to all queries, then takes the time of those that are answered the same.
pub(super) fn compare(
    mut report: Report,
    sides: &mut [Side<'_>],
    queries: &[Query],
    settings: &Settings,
) -> Result<Report, Error> {
    let (mut same, mut differences) = (Vec::new(), Vec::new());
    for query in queries {
        match check(sides, query, settings.tolerance)? {
            Ok(series) => same.push((query, series)),
            Err(difference) => differences.push(format!("{}: answers differ: {difference}", query.line())),
        }
    }
    if !differences.is_empty() && !settings.allow_differences {
        report.failure =
            Some(format!("{} of {} answers differ: nothing is compared", differences.len(), queries.len()));
        report.remarks = differences;
        return Ok(report);
    }
    let mut all = Vec::new();
    for (query, series) in &same {
        let costs = measure(sides, query, settings)?;
        let mut figures = vec![
            figure("steps", Unit::Count, query.steps() as f64),
            figure("series", Unit::Count, *series as f64),
        ];
        figures.extend(figures_of(&costs));
        report.row(query.line(), figures);
        all.push(costs);
    }
    report.row("sum, and geometric means of the ratios", summary(&all));
    let empty = same.iter().filter(|(_, series)| *series == 0);
    report.remarks = empty.map(|(query, _)| format!("{}: the answer is empty", query.line())).collect();
    report.remarks.extend(differences);
    Ok(report)
}

/// The number of series of an answer, or what differs.
fn check(sides: &mut [Side<'_>], query: &Query, tolerance: f64) -> Result<Result<usize, String>, Error> {
    let mut answers = Vec::new();
    for side in sides {
        let answer = side.client.answer(query)?;
        if answer.status != 200 {
            let text: String = answer.text.chars().take(200).collect();
            return Ok(Err(format!("status {}: {text}", answer.status)));
        }
        match Answer::parse(&answer.text) {
            Ok(answer) => answers.push(answer),
            Err(found) => return Ok(Err(format!("no answer: {found}"))),
        }
    }
    let series = answers.first().map_or(0, Answer::len);
    let difference = match answers.as_slice() {
        [first, second] => first.difference(second, tolerance),
        _ => None,
    };
    Ok(difference.map_or(Ok(series), Err))
}

/// The median costs of a query on each server.
fn measure(sides: &mut [Side<'_>], query: &Query, settings: &Settings) -> Result<Vec<Cost>, Error> {
    let mut repeats = Vec::new();
    for side in sides.iter_mut() {
        let once = turn(side, query, 1)?.wall.max(1e-5);
        let fitting = (settings.measured.as_secs_f64() / once).round() as u32;
        repeats.push(fitting.clamp(1, REPEATS_MAX));
    }
    let mut costs = vec![Vec::new(); sides.len()];
    for _ in 0..settings.rounds {
        for ((side, repeats), costs) in sides.iter_mut().zip(&repeats).zip(&mut costs) {
            costs.push(turn(side, query, *repeats)?);
        }
    }
    Ok(costs.iter().map(|costs| median(costs)).collect())
}

fn turn(side: &mut Side<'_>, query: &Query, repeats: u32) -> Result<Cost, Error> {
    let before = side.meter.read();
    for _ in 0..repeats {
        side.client.ask(query)?;
    }
    let after = side.meter.read();
    let each = |time: Duration| time.as_secs_f64() / f64::from(repeats);
    let servers = before.server.zip(after.server);
    Ok(Cost {
        wall: each(after.at.saturating_sub(before.at)),
        cpu: servers.map(|(before, after)| each(after.cpu.saturating_sub(before.cpu))),
        own_cpu: each(after.own.cpu.saturating_sub(before.own.cpu)),
    })
}

fn median(costs: &[Cost]) -> Cost {
    let of = |value: &dyn Fn(&Cost) -> Option<f64>| {
        let mut values: Vec<f64> = costs.iter().filter_map(value).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    Cost {
        wall: of(&|cost| Some(cost.wall)).unwrap_or_default(),
        cpu: of(&|cost| cost.cpu),
        own_cpu: of(&|cost| Some(cost.own_cpu)).unwrap_or_default(),
    }
}

fn figures_of(costs: &[Cost]) -> Vec<Figure> {
    let Some(first) = costs.first() else { return Vec::new() };
    let mut figures = vec![
        figure("wall_seconds", Unit::Seconds, first.wall),
        maybe("cpu_seconds", Unit::Seconds, first.cpu),
        figure("generator_cpu_seconds", Unit::Seconds, first.own_cpu),
    ];
    if let Some(second) = costs.get(1) {
        let cpus = first.cpu.zip(second.cpu);
        figures.extend([
            figure("against_wall_seconds", Unit::Seconds, second.wall),
            maybe("against_cpu_seconds", Unit::Seconds, second.cpu),
            figure("wall_ratio", Unit::Number, second.wall / first.wall.max(1e-9)),
            maybe("cpu_ratio", Unit::Number, cpus.and_then(|(own, other)| (own > 0.0).then(|| other / own))),
        ]);
    }
    figures
}

/// Sums of times, geometric means of ratios.
fn summary(all: &[Vec<Cost>]) -> Vec<Figure> {
    let rows: Vec<Vec<Figure>> = all.iter().map(|costs| figures_of(costs)).collect();
    let Some(first) = rows.first() else { return Vec::new() };
    let column = |at: usize| -> Vec<f64> { rows.iter().filter_map(|row| row.get(at)?.value).collect() };
    let fold = |(at, figure): (usize, &Figure)| {
        let values = column(at);
        let value = match figure.unit {
            Unit::Number if values.iter().any(|ratio| *ratio <= 0.0) || values.is_empty() => None,
            Unit::Number => {
                Some((values.iter().map(|ratio| ratio.ln()).sum::<f64>() / values.len() as f64).exp())
            }
            _ if values.len() < rows.len() => None,
            _ => Some(values.iter().sum()),
        };
        Figure { value, ..*figure }
    };
    first.iter().enumerate().map(fold).collect()
}
