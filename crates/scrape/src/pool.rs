//! The targets of one job.

use std::collections::HashMap;
use std::sync::Arc;

use discovery::TargetGroup;
use http_client::Client;
use model::Labels;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::cycle::{Headers, Shared, Signal, Work};
use crate::failure_log::FailureSlot;
use crate::ingest::{Allowance, Memory};
use crate::target::{Populated, populate};
use crate::{JobSettings, ScrapeError, Target};

/// A target and the task that scrapes it.
pub(crate) struct Running {
    pub(crate) target: Arc<Target>,
    signal: watch::Sender<Signal>,
    pub(crate) task: JoinHandle<Memory>,
}

impl Running {
    /// Says what is to become of the target.
    pub(crate) fn tell(&self, signal: Signal) {
        self.signal.send_replace(signal);
    }
}

/// The targets of one job.
pub(crate) struct Pool {
    shared: Arc<Shared>,
    pub(crate) job: Arc<JobSettings>,
    client: Client,
    headers: Headers,
    seed: u64,
    running: HashMap<(String, Labels), Running>,
    /// The groups of the last sync.
    groups: Vec<Arc<TargetGroup>>,
    pub(crate) dropped: Vec<Labels>,
    pub(crate) dropped_count: usize,
    forced_error: Arc<Mutex<Option<ScrapeError>>>,
    /// Where failed scrapes are noted; it stays the same through reloads.
    pub(crate) failures: Arc<FailureSlot>,
    /// Of the series of all targets.
    allowance: Arc<Allowance>,
}

impl Pool {
    pub(crate) fn new(shared: Arc<Shared>, job: Arc<JobSettings>, client: Client, seed: u64) -> Self {
        let headers = Headers::new(&job, &shared.user_agent);
        let limit = job.limits.targets.unwrap_or(0) as f64;
        shared.metrics.jobs.target_limit.with(&[&job.job_name]).set(limit);
        let allowance = Arc::new(Allowance::new(job.limits.series));
        Self {
            allowance,
            shared,
            job,
            client,
            headers,
            seed,
            running: HashMap::new(),
            groups: Vec::new(),
            dropped: Vec::new(),
            dropped_count: 0,
            forced_error: Arc::default(),
            failures: Arc::default(),
        }
    }

    /// The targets in no particular order.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &Arc<Target>> {
        self.running.values().map(|running| &running.target)
    }

    /// How many series its targets have together.
    pub(crate) fn series(&self) -> usize {
        self.allowance.taken()
    }

    /// Takes other settings over: each target goes on under them with what was learnt about it.
    pub(crate) fn reload(&mut self, job: Arc<JobSettings>, client: Client, seed: u64) -> Vec<Running> {
        let meanings_stay = self.job.stores_like(&job);
        let mut fresh = Self::new(Arc::clone(&self.shared), job, client, seed);
        fresh.failures = Arc::clone(&self.failures);
        std::mem::swap(self, &mut fresh);
        let mut before = fresh.running;
        self.sync(fresh.groups, &mut before, Some(meanings_stay))
    }

    /// Makes the targets those of `groups`; hands out what is left over, its end being told.
    pub(crate) fn update(&mut self, groups: Vec<Arc<TargetGroup>>) -> Vec<Running> {
        let mut before = std::mem::take(&mut self.running);
        self.sync(groups, &mut before, None)
    }

    /// Tells all targets what is to become of them and hands them out.
    pub(crate) fn end(&mut self, signal: Signal) -> Vec<Running> {
        let running: Vec<Running> = std::mem::take(&mut self.running).into_values().collect();
        running.iter().for_each(|running| running.tell(signal));
        running
    }

    /// Makes the targets those of `groups`, taking over from `before` what is there. `restart` says that what
    /// is taken over runs under other settings, and whether lines keep their meaning under the new ones.
    fn sync(
        &mut self,
        groups: Vec<Arc<TargetGroup>>,
        before: &mut HashMap<(String, Labels), Running>,
        restart: Option<bool>,
    ) -> Vec<Running> {
        let start = self.shared.clock.monotonic();
        let targets = self.populate(&groups);
        for target in targets {
            let identity = target.identity();
            if let Some(same) = self.running.get(&identity) {
                // Discovered twice: shown as it was found last.
                same.target.goes_on_as(&target);
                continue;
            }
            let running = match before.remove(&identity) {
                Some(old) if restart.is_none() && old.target.goes_on_as(&target) => old,
                old => self.start(Arc::new(target), old, restart.unwrap_or(true)),
            };
            self.running.insert(identity, running);
        }
        self.groups = groups;
        self.check_limit();
        let gone: Vec<Running> = std::mem::take(before).into_values().collect();
        gone.iter().for_each(|running| running.tell(Signal::Gone));
        let jobs = &self.shared.metrics.jobs;
        let name = [self.job.job_name.as_str()];
        let seconds = self.shared.clock.monotonic().saturating_sub(start).as_secs_f64();
        jobs.syncs.with(&name).inc();
        jobs.sync_length.with(&name).observe(seconds);
        jobs.sync_length_histogram.with(&name).observe(seconds);
        jobs.targets.with(&name).set(self.running.len() as f64);
        gone
    }

    fn populate(&mut self, groups: &[Arc<TargetGroup>]) -> Vec<Target> {
        let mut found = Vec::new();
        self.dropped.clear();
        self.dropped_count = 0;
        for group in groups {
            for labels in &group.targets {
                match populate(&self.job, group, labels) {
                    Ok(Populated::Target(target)) => found.push(*target),
                    Ok(Populated::Dropped(labels)) => {
                        self.dropped_count += 1;
                        if self.job.keep_dropped_targets.is_none_or(|kept| self.dropped.len() < kept) {
                            self.dropped.push(labels);
                        }
                    }
                    Err(error) => {
                        self.shared.metrics.jobs.sync_failed.with(&[&self.job.job_name]).inc();
                        tracing::error!(
                            scrape_pool = self.job.job_name,
                            source = group.source,
                            err = %error,
                            "creating target failed"
                        );
                    }
                }
            }
        }
        found
    }

    /// Starts a target; `old` is the task that scraped it before under other settings.
    fn start(&self, target: Arc<Target>, old: Option<Running>, meanings_stay: bool) -> Running {
        let (signal, receiver) = watch::channel(Signal::Run);
        if let Some(old) = &old {
            target.set_status(old.target.status());
            std::mem::swap(&mut *target.metadata.lock(), &mut *old.target.metadata.lock());
            old.tell(Signal::HandOver);
        }
        let work = Work {
            shared: Arc::clone(&self.shared),
            job: Arc::clone(&self.job),
            target: Arc::clone(&target),
            client: self.client.clone(),
            headers: self.headers.clone(),
            seed: self.seed,
            forced_error: Arc::clone(&self.forced_error),
            failures: Arc::clone(&self.failures),
        };
        let allowance = Arc::clone(&self.allowance);
        let task = tokio::spawn(async move {
            let mut memory = match old {
                Some(old) => {
                    let mut memory = old.task.await.unwrap_or_default();
                    memory.go_on(meanings_stay);
                    memory
                }
                None => Memory::default(),
            };
            memory.share.join(&allowance);
            work.run(memory, receiver).await
        });
        Running { target, signal, task }
    }

    fn check_limit(&self) {
        let targets = self.running.len();
        let exceeded = self.job.limits.targets.filter(|limit| targets > *limit);
        if exceeded.is_some() {
            self.shared.metrics.exceeded_target_limit.inc();
        }
        *self.forced_error.lock() = exceeded.map(|limit| ScrapeError::TargetLimit { targets, limit });
    }
}
