//! How many shards a queue needs.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use crate::QueueSettings;

/// Between two looks at the rates.
pub(super) const LOOK_INTERVAL: Duration = Duration::from_secs(10);
/// How much a new rate counts against the older ones.
const WEIGHT: f64 = 0.2;
/// As much of what is pending is to be sent in a second, beside what comes in.
const CATCH_UP: f64 = 0.05;
/// A number of shards that is so near to the present one is not worth a change.
const TOLERANCE: f64 = 0.3;
/// With a delay of more seconds than this no shard is taken away.
const DELAY_MAX_SECONDS: f64 = 10.0;

/// What shards tell.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) sent: AtomicU64,
    pub(super) sending_nanos: AtomicU64,
    /// When something was sent last, in milliseconds since the Unix epoch.
    pub(super) last_sent_ms: AtomicI64,
    /// Until when a shard waits before it tries again.
    pub(super) waiting_until_ms: AtomicI64,
}

/// The rates of a queue, looked at from time to time.
#[derive(Debug, Default)]
pub(super) struct Demand {
    incoming: Rate,
    sent: Rate,
    sending: Rate,
}

#[derive(Debug, Default)]
struct Rate {
    before: f64,
    /// `None` until there are two looks.
    per_second: Option<f64>,
}

impl Rate {
    fn look(&mut self, total: f64) -> f64 {
        let now = (total - self.before) / LOOK_INTERVAL.as_secs_f64();
        self.before = total;
        let rate = self.per_second.map_or(now, |before| before + WEIGHT * (now - before));
        self.per_second = Some(rate);
        rate
    }
}

/// What the number of shards depends on beside rates.
pub(super) struct Situation {
    pub(super) shards: usize,
    /// How many values were read in all.
    pub(super) read: u64,
    /// How far the queue is behind, in seconds.
    pub(super) delay: f64,
    pub(super) now_ms: i64,
}

impl Demand {
    /// The number of shards that is wanted, and the one there should be.
    pub(super) fn look(
        &mut self,
        progress: &Progress,
        situation: &Situation,
        settings: &QueueSettings,
    ) -> (f64, usize) {
        let incoming = self.incoming.look(situation.read as f64);
        let sent = self.sent.look(progress.sent.load(Ordering::Relaxed) as f64);
        let sending = self.sending.look(progress.sending_nanos.load(Ordering::Relaxed) as f64 / 1e9);
        let present = situation.shards as f64;
        if sent <= 0.0 {
            return (present, situation.shards);
        }
        let pending = situation.delay.max(0.0) * incoming;
        let wanted = sending / sent * (incoming + CATCH_UP * pending);
        let interval = LOOK_INTERVAL.as_millis() as i64;
        let is_stuck = progress.last_sent_ms.load(Ordering::Relaxed) < situation.now_ms - interval
            || progress.waiting_until_ms.load(Ordering::Relaxed) > situation.now_ms;
        let is_near = (present * (1.0 - TOLERANCE)..=present * (1.0 + TOLERANCE)).contains(&wanted);
        let shards = (wanted.ceil().max(0.0) as usize).clamp(settings.shards_min, settings.shards_max);
        if is_stuck || is_near || (shards < situation.shards && situation.delay > DELAY_MAX_SECONDS) {
            return (wanted, situation.shards);
        }
        (wanted, shards)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> QueueSettings {
        QueueSettings {
            capacity: 10_000,
            shards_max: 50,
            shards_min: 1,
            batch_samples_max: 2000,
            batch_deadline: Duration::from_secs(5),
            backoff_min: Duration::from_millis(30),
            backoff_max: Duration::from_secs(5),
            retry_on_429: false,
            sample_age_max: None,
        }
    }

    fn look(sent: u64, sending_seconds: u64, situation: &Situation) -> usize {
        let progress = Progress::default();
        progress.sent.store(sent, Ordering::Relaxed);
        progress.sending_nanos.store(sending_seconds * 1_000_000_000, Ordering::Relaxed);
        progress.last_sent_ms.store(1_000_000, Ordering::Relaxed);
        Demand::default().look(&progress, situation, &settings()).1
    }

    #[test]
    fn shards_follow_what_comes_in_and_what_is_pending() {
        let situation = |shards, delay| Situation { shards, read: 100_000, delay, now_ms: 1_000_000 };
        // 10 000 a second come in and each takes a millisecond.
        assert_eq!(look(10_000, 10, &situation(1, 0.0)), 10);
        // Twenty seconds are pending, which doubles it.
        assert_eq!(look(10_000, 10, &situation(1, 20.0)), 20);
        // Near enough.
        assert_eq!(look(10_000, 10, &situation(12, 0.0)), 12);
        // Fewer, but not while there is a delay.
        assert_eq!(look(10_000, 10, &situation(40, 0.0)), 10);
        assert_eq!(look(10_000, 10, &situation(40, 11.0)), 40);
    }

    #[test]
    fn shards_stay_while_nothing_gets_through() {
        let situation = Situation { shards: 3, read: 100_000, delay: 0.0, now_ms: 2_000_000 };
        assert_eq!(look(10_000, 10, &situation), 3);
        assert_eq!(look(0, 0, &situation), 3);
    }
}
