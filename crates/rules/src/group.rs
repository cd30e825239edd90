//! A group: its rules are evaluated together at its slots.

mod write;

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use model::{Labels, SeriesRef};
use parking_lot::Mutex;
use platform::CancelFlag;

use self::write::Waiting;
use crate::{
    Error, GroupSettings, GroupView, Health, Options, Parts, Surroundings,
    alerting::Moment,
    context::{Context, NANOS_PER_MILLI, millis},
    dependencies::{Batches, batches, written_before},
    metrics::GroupMetrics,
    rule::Rule,
    schedule,
};

/// A group and the state of its rules.
pub struct Group {
    pub(crate) settings: GroupSettings,
    pub(crate) rules: Vec<Rule>,
    pub(crate) context: Arc<Context>,
    pub(crate) metrics: GroupMetrics,
    /// How far its slots are moved.
    pub(crate) offset_ns: i64,
    batches: Batches,
    /// For each rule whether what those before it gave is to be written first.
    written_before: Vec<bool>,
    times: Mutex<Times>,
    /// Series of rules that are there no more: they are marked as ended at the next evaluation.
    vanished: Mutex<HashMap<Labels, SeriesRef>>,
    /// Set when the group stops: the rules that are left of an evaluation are left out.
    stopping: CancelFlag,
}

#[derive(Clone, Copy, Debug, Default)]
struct Times {
    evaluation: Duration,
    last_evaluation_ns: Option<i64>,
}

impl Group {
    /// A group that stands alone: for tests of rules and for backfilling. It is evaluated when it is told to.
    ///
    /// # Errors
    /// An expression or a template is none.
    pub fn alone(
        settings: GroupSettings,
        surroundings: Surroundings,
        parts: Parts,
        options: Options,
    ) -> Result<Group, Error> {
        let context = Context::new(parts, options);
        context.surround(surroundings.clone(), surroundings);
        Group::new(settings, &context, true)
    }

    /// A group that has not been evaluated; `restored` where alerts have no state of before a restart.
    pub(crate) fn new(
        settings: GroupSettings,
        context: &Arc<Context>,
        restored: bool,
    ) -> Result<Group, Error> {
        let Some(language) = context.language(&settings.dialect) else {
            let (file, group) = (settings.file, settings.name);
            return Err(Error::NoLogs { file, group });
        };
        let stopping = CancelFlag::new();
        let rules = settings
            .rules
            .iter()
            .map(|rule| Rule::new((&settings, &stopping), rule.clone(), language, restored))
            .collect::<Result<Vec<_>, _>>()?;
        let metrics = context.metrics.of_group(&settings.key());
        metrics.rules.set(rules.len() as f64);
        metrics.interval.set(settings.interval.as_secs_f64());
        Ok(Group {
            offset_ns: schedule::offset_ns(&settings.file, &settings.name, settings.interval),
            batches: if context.options.concurrency.is_some() { batches(&rules) } else { Vec::new() },
            written_before: written_before(&rules),
            context: Arc::clone(context),
            metrics,
            rules,
            settings,
            times: Mutex::default(),
            vanished: Mutex::default(),
            stopping,
        })
    }

    /// Lets an evaluation that runs end with the rule it is at; one over logs breaks off.
    pub(crate) fn end_soon(&self) {
        self.stopping.cancel();
    }

    fn is_stopping(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// Evaluates all rules at a slot, in nanoseconds since the Unix epoch.
    pub fn evaluate(&self, slot_ns: i64) {
        let clock = &self.context.parts.clock;
        let began = clock.monotonic();
        let started_ns = self.context.now_ns();
        self.metrics.iterations.inc();
        let at_ms = slot_ns.div_euclid(NANOS_PER_MILLI) - millis(self.settings.query_offset);
        let moment = Moment { slot_ns, at_ms };
        let mut total = (0, Duration::ZERO);
        if self.context.options.concurrency.is_some() {
            for batch in &self.batches {
                self.evaluate_batch(batch, moment, &mut total);
            }
        } else {
            self.evaluate_in_turn(moment, &mut total);
        }
        self.end_vanished(moment.at_ms);
        let took = clock.monotonic().saturating_sub(began);
        self.metrics.last_samples.set(total.0 as f64);
        self.metrics.last_rule_duration_sum.set(total.1.as_secs_f64());
        self.metrics.last_duration.set(took.as_secs_f64());
        self.metrics.last_evaluation.set(slot_ns as f64 / 1e9);
        self.context.metrics.group_duration.observe(took.as_secs_f64());
        self.context.metrics.group_duration_histogram.observe(took.as_secs_f64());
        *self.times.lock() = Times { evaluation: took, last_evaluation_ns: Some(started_ns) };
    }

    /// Evaluates one rule after the other; what they give is written once another one may read it.
    fn evaluate_in_turn(&self, moment: Moment, total: &mut (usize, Duration)) {
        let mut waiting = None;
        let rules = self.rules.iter().zip(&self.written_before);
        for (rule, written_before) in rules.take_while(|_| !self.is_stopping()) {
            if *written_before {
                self.commit(&mut waiting);
            }
            add(total, self.evaluate_rule(rule, moment, &mut waiting));
            if rule.alerting.is_some() {
                self.commit(&mut waiting);
            }
            self.commit_if_much(&mut waiting);
        }
        self.commit(&mut waiting);
    }

    /// Evaluates rules that do not need each other: in turns beside each other as far as there are any.
    fn evaluate_batch(&self, batch: &[usize], moment: Moment, total: &mut (usize, Duration)) {
        let waiting =
            Mutex::new(batch.iter().filter_map(|rule| self.rules.get(*rule)).collect::<VecDeque<_>>());
        let work = || {
            let mut own = (0, Duration::ZERO);
            loop {
                let next = waiting.lock().pop_front();
                let Some(rule) = next.filter(|_| !self.is_stopping()) else { return own };
                let mut waiting = None;
                add(&mut own, self.evaluate_rule(rule, moment, &mut waiting));
                self.commit(&mut waiting);
            }
        };
        let turns = &self.context.turns;
        std::thread::scope(|scope| {
            let mut helpers = Vec::new();
            while helpers.len() + 1 < batch.len() {
                let Ok(turn) = turns.try_acquire() else { break };
                helpers.push(scope.spawn(move || {
                    let own = work();
                    drop(turn);
                    own
                }));
            }
            add(total, work());
            for helper in helpers {
                // A rule that panics has been logged by the hook; the others go on.
                if let Ok(own) = helper.join() {
                    add(total, own);
                }
            }
        });
    }

    /// How many samples the rule gave, and how long that took; they wait to be written.
    fn evaluate_rule<'a>(
        &'a self,
        rule: &'a Rule,
        moment: Moment,
        waiting: &mut Option<Waiting<'a>>,
    ) -> (usize, Duration) {
        let clock = &self.context.parts.clock;
        let began = clock.monotonic();
        let started_ns = self.context.now_ns();
        self.metrics.evaluations.inc();
        let outcome = rule.evaluate(moment, self.settings.limit, &self.context);
        let (count, error) = match outcome {
            Ok(samples) => {
                if let Some(alerting) = &rule.alerting {
                    let interval = self.settings.interval;
                    let alerts =
                        alerting.to_send(rule.expression.text(), moment.slot_ns, interval, &self.context);
                    if !alerts.is_empty() {
                        self.context.parts.sink.send(alerts);
                    }
                }
                (samples.len(), self.write(waiting, rule, &samples, moment.at_ms).err())
            }
            // It was broken off, and is none of the evaluations that the group has had.
            Err(_) if self.is_stopping() => return (0, Duration::ZERO),
            Err(error) => {
                self.metrics.failures.inc();
                let (file, group, name) = (&self.settings.file, &self.settings.name, &rule.settings.name);
                tracing::warn!(file, group, name, error, "evaluating rule failed");
                (0, Some(error))
            }
        };
        let took = clock.monotonic().saturating_sub(began);
        self.context.metrics.evaluation_duration.observe(took.as_secs_f64());
        self.context.metrics.evaluation_duration_histogram.observe(took.as_secs_f64());
        let mut status = rule.status.lock();
        status.health = if error.is_some() { Health::Error } else { Health::Ok };
        status.last_error = error;
        status.evaluation_time = took;
        status.last_evaluation_ns = Some(started_ns);
        (count, took)
    }

    /// Goes on with the state of the group that this one takes the place of: rules of the same name and labels keep
    /// their alerts and series; the series of all others are marked as ended.
    pub(crate) fn inherit(&self, from: &Group) {
        *self.times.lock() = *from.times.lock();
        let mut left: Vec<&Rule> = from.rules.iter().collect();
        for rule in &self.rules {
            let same = left.iter().position(|old| {
                old.settings.name == rule.settings.name
                    && old.settings.labels == rule.settings.labels
                    && old.alerting.is_some() == rule.alerting.is_some()
            });
            if let Some(position) = same {
                rule.inherit(left.remove(position));
            }
        }
        let mut vanished = self.vanished.lock();
        vanished.extend(from.vanished.lock().drain());
        for rule in left {
            vanished.extend(rule.previous.lock().drain(..));
        }
    }

    /// The group as others see it.
    pub fn view(&self) -> GroupView {
        let times = *self.times.lock();
        GroupView {
            file: self.settings.file.clone(),
            name: self.settings.name.clone(),
            dialect: self.settings.dialect.clone(),
            interval: self.settings.interval,
            limit: self.settings.limit.unwrap_or(0),
            evaluation_time: times.evaluation,
            last_evaluation_ns: times.last_evaluation_ns,
            rules: self.rules.iter().map(Rule::view).collect(),
        }
    }
}

fn add(total: &mut (usize, Duration), part: (usize, Duration)) {
    total.0 += part.0;
    total.1 += part.1;
}
