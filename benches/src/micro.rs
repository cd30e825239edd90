//! `micro`: single steps of what a server does, by the question that they answer.
//!
//! The same table serves people (`lapwing bench micro`), `cargo bench`, and the counting of instructions
//! (`benches/instructions`), which looks at nothing but what runs below `measured`.

mod alerts;
mod formats;
mod logs;
mod queries;
mod store;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::time::Duration;

use platform::Clock;

use crate::Error;
use crate::command::Command;
use crate::flags::{Flag, Given, list, switch, value};
use crate::report::{Report, Unit, figure};

/// `micro`.
pub(crate) const COMMAND: Command = Command {
    name: "micro",
    about: "Time single steps of what the server does on one core: append, decode, parse, search, match.",
    flags: &[FLAGS],
    run,
};

const FLAGS: &[Flag] = &[
    list("only", "The step to take; all if it is left out."),
    value("seconds", "0.5", "How long each step is repeated."),
    value("rounds", "", "How often each step is repeated, in place of a time."),
    switch("list", "Print the names, and end."),
];

/// A step that can be measured.
#[derive(Clone, Copy)]
pub struct Step {
    /// Its name.
    pub name: &'static str,
    /// What one unit of it is.
    pub unit: &'static str,
    /// Makes what it needs.
    pub make: fn() -> Result<Prepared, Error>,
}

/// A step that is ready to be taken, again and again.
pub struct Prepared {
    /// Units of one round.
    pub units: u64,
    round: Box<dyn FnMut() -> Result<(), Error>>,
}

/// All steps.
pub const ALL: &[Step] = &[
    Step { name: "append", unit: "sample", make: store::append },
    Step { name: "wal_commit", unit: "sample", make: store::wal_commit },
    Step { name: "select_equal", unit: "selection", make: store::select_equal },
    Step { name: "select_regex", unit: "selection", make: store::select_regex },
    Step { name: "chunk_encode", unit: "sample", make: formats::chunk_encode },
    Step { name: "chunk_decode", unit: "sample", make: formats::chunk_decode },
    Step { name: "exposition_new", unit: "byte", make: formats::exposition_new },
    Step { name: "exposition_known", unit: "byte", make: formats::exposition_known },
    Step { name: "remote_write_v1", unit: "sample", make: formats::remote_write_v1 },
    Step { name: "remote_write_v2", unit: "sample", make: formats::remote_write_v2 },
    Step { name: "promql_sum_rate", unit: "sample", make: queries::sum_rate },
    Step { name: "log_push", unit: "byte", make: logs::push },
    Step { name: "log_search", unit: "byte", make: logs::search },
    Step { name: "log_json", unit: "byte", make: logs::json },
    Step { name: "log_logfmt", unit: "byte", make: logs::logfmt },
    Step { name: "template", unit: "text", make: alerts::template },
    Step { name: "route", unit: "alert", make: alerts::route },
];

impl Prepared {
    /// A step with so many units a round.
    pub(crate) fn new(units: usize, round: impl FnMut() -> Result<(), Error> + 'static) -> Self {
        Self { units: units as u64, round: Box::new(round) }
    }

    /// Takes the step so often.
    ///
    /// # Errors
    /// Where it does not work.
    pub fn run(&mut self, rounds: u64) -> Result<(), Error> {
        measured(&mut *self.round, rounds)
    }
}

/// What instructions are counted below: it must stay a function of its own.
#[inline(never)]
fn measured(round: &mut dyn FnMut() -> Result<(), Error>, rounds: u64) -> Result<(), Error> {
    for _ in 0..rounds {
        round()?;
    }
    Ok(())
}

/// Rounds that warm up what is measured.
const WARM_ROUNDS: u64 = 2;
/// So many times are taken of each step.
const TIMES: u32 = 10;

fn run(given: &Given, clock: &dyn Clock, out: &mut dyn Write) -> Result<Option<Report>, Error> {
    if given.is_on("list") {
        let names: String = ALL.iter().map(|step| format!("{}\n", step.name)).collect();
        out.write_all(names.as_bytes()).map_err(Error::io("standard output"))?;
        return Ok(None);
    }
    let only = given.list("only");
    if let Some(unknown) = only.iter().find(|name| !ALL.iter().any(|step| step.name == **name)) {
        return Err(Error::Usage(format!("--only={unknown}: no such step")));
    }
    let rounds: Option<u64> = given.optional("rounds")?;
    let time = Duration::from_secs_f64(given.number::<f64>("seconds")?.clamp(0.0, 3600.0));
    let mut report = Report::new(COMMAND.name);
    for step in ALL.iter().filter(|step| only.is_empty() || only.iter().any(|name| name == step.name)) {
        let named = |error: Error| Error::Broken(format!("{}: {error}", step.name));
        let mut prepared = (step.make)().map_err(named)?;
        let times = times(&mut prepared, rounds, time, clock).map_err(named)?;
        let each = |seconds: f64| seconds / prepared.units.max(1) as f64;
        let best = times.first().copied().unwrap_or_default();
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        report.row(
            format!("{} ({})", step.name, step.unit),
            vec![
                figure("units", Unit::Count, prepared.units as f64),
                figure("best_ns_per_unit", Unit::Number, each(best) * 1e9),
                figure("median_ns_per_unit", Unit::Number, each(median) * 1e9),
                figure("units_per_second", Unit::PerSecond, 1.0 / each(best).max(1e-12)),
            ],
        );
    }
    Ok(Some(report))
}

/// Seconds of a round, the shortest first: of a fixed number of rounds once, otherwise as many as fit a tenth of the time.
fn times(
    prepared: &mut Prepared,
    rounds: Option<u64>,
    time: Duration,
    clock: &dyn Clock,
) -> Result<Vec<f64>, Error> {
    let mut take = |rounds: u64| {
        let before = clock.monotonic();
        prepared.run(rounds)?;
        Ok::<f64, Error>(clock.monotonic().saturating_sub(before).as_secs_f64() / rounds.max(1) as f64)
    };
    if let Some(rounds) = rounds {
        return Ok(vec![take(rounds)?]);
    }
    let once = take(WARM_ROUNDS)?.max(1e-9);
    let rounds = (time.as_secs_f64() / f64::from(TIMES) / once).clamp(1.0, 1e6) as u64;
    let times: Result<Vec<f64>, Error> = (0..TIMES).map(|_| take(rounds)).collect();
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times
    })
}
