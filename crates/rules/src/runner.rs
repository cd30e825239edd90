//! Groups at their slots, and reloads.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    Error, Group, GroupSettings, GroupView, Options, Parts, Settings,
    context::{Context, NANOS_PER_MILLI, nanos},
    schedule,
};

/// All groups, each evaluated by a task of its own.
pub struct Rules {
    context: Arc<Context>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    groups: BTreeMap<Key, Running>,
    /// Tasks that still end the series of groups that are gone.
    ending: Vec<JoinHandle<()>>,
    /// Whether settings were taken before: groups that come later have no state of before the start.
    started: bool,
}

/// File, name and tenant: a file may be read for a tenant's logs as well as for those of another one, or for samples.
type Key = (String, String, Option<String>);

fn key_of(group: &GroupSettings) -> Key {
    (group.file.clone(), group.name.clone(), group.dialect.tenant().map(str::to_owned))
}

struct Running {
    group: Arc<Group>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    fn end(&self) {
        self.group.end_soon();
        self.stop.cancel();
    }
}

impl Rules {
    /// No groups yet.
    pub fn new(parts: Parts, options: Options) -> Rules {
        Rules { context: Context::new(parts, options), state: Mutex::default() }
    }

    /// Takes a whole new settings: groups that are as before run on untouched, changed ones keep the state of their
    /// rules, the series of those that are gone are marked as ended. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// A rule is none; all groups stay as they were.
    pub fn apply(&self, settings: Settings) -> Result<(), Error> {
        let mut state = self.state.lock();
        let restored = state.started;
        let mut fresh = BTreeMap::new();
        for group in settings.groups {
            let key = key_of(&group);
            let stays = state.groups.get(&key).is_some_and(|running| running.group.settings == group);
            let made = if stays { None } else { Some(Group::new(group, &self.context, restored)?) };
            fresh.insert(key, made);
        }
        self.context.surround(settings.surroundings, settings.log_surroundings);
        state.started = true;
        let mut old = std::mem::take(&mut state.groups);
        for (key, made) in fresh {
            let before = old.remove(&key);
            let running = match (made, before) {
                (None, Some(running)) => running,
                (Some(group), before) => self.start(group, before, restored),
                (None, None) => continue,
            };
            state.groups.insert(key, running);
        }
        state.ending.retain(|task| !task.is_finished());
        for running in old.into_values() {
            running.end();
            let context = Arc::clone(&self.context);
            let name = running.group.settings.key();
            let is_last = !state.groups.values().any(|other| other.group.settings.key() == name);
            state.ending.push(tokio::spawn(end_later(running, context, is_last)));
        }
        Ok(())
    }

    fn start(&self, group: Group, before: Option<Running>, restored: bool) -> Running {
        let group = Arc::new(group);
        let stop = CancellationToken::new();
        if let Some(before) = &before {
            before.end();
        }
        let task = tokio::spawn(run(Arc::clone(&group), before, stop.clone(), !restored));
        Running { group, stop, task }
    }

    /// The groups as others see them, by file and name.
    pub fn groups(&self) -> Vec<GroupView> {
        let groups: Vec<Arc<Group>> =
            self.state.lock().groups.values().map(|running| Arc::clone(&running.group)).collect();
        groups.iter().map(|group| group.view()).collect()
    }

    /// Ends all groups; evaluations that run are waited for. Their series are not ended: they go on after a restart.
    pub async fn stop(&self) {
        let state = std::mem::take(&mut *self.state.lock());
        for running in state.groups.values() {
            running.end();
        }
        for task in state.ending {
            task.abort();
        }
        for running in state.groups.into_values() {
            // A task ends by itself once its stop is on.
            let _ = running.task.await;
        }
    }
}

/// Waits until `slot_ns`; whether that time came before the stop.
async fn wait_until(slot_ns: i64, group: &Group, stop: &CancellationToken) -> bool {
    loop {
        let left = slot_ns.saturating_sub(group.context.now_ns());
        if left <= 0 {
            return !stop.is_cancelled();
        }
        let left = Duration::from_nanos(left.unsigned_abs()).min(Duration::from_secs(60));
        tokio::select! {
            () = stop.cancelled() => return false,
            () = tokio::time::sleep(left) => {}
        }
    }
}

/// Evaluates a group at its slots until it is stopped.
async fn run(group: Arc<Group>, before: Option<Running>, stop: CancellationToken, restores: bool) {
    if let Some(before) = before {
        // The old group may be at work: its state is taken when it has finished.
        let _ = before.task.await;
        group.inherit(&before.group);
    }
    let interval = group.settings.interval;
    let mut slot = schedule::slot_before(group.context.now_ns(), interval, group.offset_ns)
        .saturating_add(nanos(interval));
    let mut evaluations: u64 = 0;
    let mut to_restore = restores;
    while wait_until(slot, &group, &stop).await {
        let working = Arc::clone(&group);
        // State of before the start is taken up after the second evaluation: rules that alerts depend on have been
        // evaluated by then, and targets scraped.
        let restore_now = to_restore && evaluations >= 1;
        let done = tokio::task::spawn_blocking(move || {
            working.evaluate(slot);
            if restore_now {
                working.restore(working.context.now_ns());
            }
        });
        match done.await {
            Ok(()) => to_restore &= !restore_now,
            Err(error) => {
                tracing::error!(group = group.settings.name, %error, "evaluating a group of rules panicked");
            }
        }
        evaluations += 1;
        let (next, missed) = schedule::next_slot(slot, group.context.now_ns(), interval);
        if missed > 0 {
            group.metrics.iterations_missed.add(missed);
            group.metrics.iterations.add(missed);
        }
        slot = next;
    }
}

/// Ends the series of a group that is gone, when others that may write the same series have had their turn: what they
/// have written by then is newer than the end, and stands in its way. Its metrics are forgotten unless another group has them.
async fn end_later(running: Running, context: Arc<Context>, forgets: bool) {
    let Running { group, task, .. } = running;
    let _ = task.await;
    let gone_ms = context.now_ns().div_euclid(NANOS_PER_MILLI);
    if forgets {
        context.metrics.forget(&group.settings.key());
    }
    tokio::time::sleep(group.settings.interval.saturating_mul(2)).await;
    let ended = tokio::task::spawn_blocking(move || group.end_all(gone_ms));
    if let Err(error) = ended.await {
        tracing::error!(%error, "ending the series of a group of rules panicked");
    }
}
