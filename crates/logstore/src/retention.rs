//! How long entries are kept, and how many.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use model::{Labels, Matcher};
use tracing::info;

use crate::Error;
use crate::compaction::Rewrite;
use crate::part::Part;
use crate::store::Inner;
use crate::tenant::Tenant;

/// How long the entries of a tenant are kept.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Retention {
    /// Those of streams that no rule names; `None` for ever.
    pub period: Option<Duration>,
    /// Rules for streams.
    pub streams: Vec<StreamRetention>,
}

/// How long the entries of some streams are kept.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamRetention {
    /// The streams: all must hold.
    pub matchers: Vec<Matcher>,
    /// Of rules that name a stream the one of the highest priority counts, of those the shortest.
    pub priority: i64,
    /// How long; `None` for ever.
    pub period: Option<Duration>,
}

impl Retention {
    /// How long the entries of a stream are kept; `None` for ever.
    pub fn period_of(&self, labels: &Labels) -> Option<Duration> {
        let names =
            |rule: &&StreamRetention| rule.matchers.iter().all(|matcher| matcher.matches_labels(labels));
        let shortness = |rule: &StreamRetention| std::cmp::Reverse(rule.period.unwrap_or(Duration::MAX));
        let rule = self.streams.iter().filter(names).max_by_key(|rule| (rule.priority, shortness(rule)));
        rule.map_or(self.period, |rule| rule.period)
    }

    fn keeps_all(&self) -> bool {
        self.period.is_none() && self.streams.iter().all(|rule| rule.period.is_none())
    }
}

/// What is to be done with a part of which something is too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Keep,
    Rewrite,
    Remove,
}

impl Fate {
    /// The word that dashboards know.
    fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "none",
            Self::Rewrite => "modified",
            Self::Remove => "deleted",
        }
    }
}

/// Decides by the bytes of all blocks and of those that are too old: writing a part anew is worth it for half of it.
fn fate(bytes: u64, too_old: u64, all_too_old: bool) -> Fate {
    match (all_too_old, too_old > 0 && too_old * 2 >= bytes) {
        (true, _) => Fate::Remove,
        (false, true) => Fate::Rewrite,
        (false, false) => Fate::Keep,
    }
}

/// How many of the oldest are removed, given bytes by age, so that at least `excess` bytes go; never the newest.
fn plan_size(bytes: &[u64], excess: u64) -> usize {
    let mut gone = 0;
    let removable = bytes.len().saturating_sub(1);
    bytes
        .iter()
        .take(removable)
        .take_while(|bytes| {
            let goes = gone < excess;
            gone += **bytes;
            goes
        })
        .count()
}

impl Inner {
    /// Removes what is too old, and what is too much.
    pub(crate) fn retain(&self) -> Result<(), Error> {
        let aged = self.retain_by_age();
        aged.and(self.retain_by_size())
    }

    fn retention_of(&self, tenant: &str) -> Retention {
        let settings = self.settings.read();
        settings.tenant_retention.get(tenant).unwrap_or(&settings.retention).clone()
    }

    fn retain_by_age(&self) -> Result<(), Error> {
        let now = self.resources.clock.now_ms().saturating_mul(1_000_000);
        let mut result = Ok(());
        for tenant in self.all_tenants() {
            let retention = self.retention_of(&tenant.name);
            if retention.keeps_all() {
                continue;
            }
            let cutoff = |labels: &Labels| {
                let period = i64::try_from(retention.period_of(labels)?.as_nanos()).unwrap_or(i64::MAX);
                Some(now.saturating_sub(period))
            };
            let parts = tenant.view.read().parts.clone();
            for part in parts {
                // A part that cannot be written anew does not keep the others.
                let done = self.retain_part(&tenant, part, &cutoff);
                result = result.and(done);
            }
        }
        result
    }

    /// Does with a part what its age wants.
    fn retain_part(
        &self,
        tenant: &Arc<Tenant>,
        part: Arc<Part>,
        cutoff: &dyn Fn(&Labels) -> Option<i64>,
    ) -> Result<(), Error> {
        let clock = &self.resources.clock;
        let (day, began) = (part.index.day, clock.monotonic());
        let fate = part_fate(tenant, &part, cutoff);
        let done = match fate {
            Fate::Keep => Ok(()),
            Fate::Remove => self.remove_part(tenant, &part),
            // It goes as a whole once all of it is too old.
            Fate::Rewrite if part.is_damaged.load(Ordering::Relaxed) => Ok(()),
            Fate::Rewrite => {
                let rewrite = Rewrite { cutoff, deletions: &[] };
                self.rewrite(tenant, &[part], &rewrite).map(drop)
            }
        };
        let took = clock.monotonic().saturating_sub(began);
        self.metrics.compactor.table(day, &tenant.name, fate.as_str(), done.is_ok(), took);
        done
    }

    fn retain_by_size(&self) -> Result<(), Error> {
        let (bytes_max, free_min) = {
            let settings = self.settings.read();
            (settings.retention_bytes, settings.retention_free_bytes)
        };
        if bytes_max.is_none() && free_min.is_none() {
            return Ok(());
        }
        let mut parts: Vec<(Arc<Tenant>, Arc<Part>)> = Vec::new();
        for tenant in self.all_tenants() {
            let of_tenant = tenant.view.read().parts.clone();
            parts.extend(of_tenant.into_iter().map(|part| (Arc::clone(&tenant), part)));
        }
        parts.sort_by_key(|(_, part)| (part.index.day, part.end));
        let bytes: Vec<u64> = parts.iter().map(|(_, part)| part.bytes).collect();
        let too_much = bytes_max.map_or(0, |max| bytes.iter().sum::<u64>().saturating_sub(max));
        let too_little = match free_min {
            None => 0,
            Some(free) => {
                let space = self.resources.fs.space(&self.path).map_err(Error::io("measure", &self.path))?;
                free.saturating_sub(space.available)
            }
        };
        for (tenant, part) in parts.iter().take(plan_size(&bytes, too_much.max(too_little))) {
            self.remove_part(tenant, part)?;
        }
        Ok(())
    }

    fn remove_part(&self, tenant: &Tenant, part: &Arc<Part>) -> Result<(), Error> {
        info!(tenant = tenant.name, path = %part.path.display(), bytes = part.bytes, "part is past its retention");
        self.metrics.parts_expired.inc();
        let (blocks, began) = (part.index.blocks.len(), self.resources.clock.monotonic());
        let removed = self.replace(tenant, std::slice::from_ref(part), Vec::new());
        let took = self.resources.clock.monotonic().saturating_sub(began);
        self.metrics.compactor.removed(part.index.day, blocks, removed.is_ok(), took);
        removed
    }
}

fn part_fate(tenant: &Tenant, part: &Part, cutoff: &dyn Fn(&Labels) -> Option<i64>) -> Fate {
    let streams = tenant.streams.read();
    let (mut bytes, mut too_old, mut all_too_old) = (0, 0, true);
    for (position, id) in part.streams.iter().enumerate() {
        let cutoff = streams.labels(*id).and_then(cutoff).unwrap_or(i64::MIN);
        for block in part.blocks_of(position).filter_map(|number| part.block(number)) {
            let of_block = block.line_bytes + block.metadata_bytes + u64::from(block.rows);
            bytes += of_block;
            if block.end < cutoff {
                too_old += of_block;
            } else {
                all_too_old = false;
            }
        }
    }
    fate(bytes, too_old, all_too_old)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_of_the_highest_priority_counts_and_of_those_the_shortest() {
        let day = |days: u64| Some(Duration::from_secs(days * 86_400));
        let rule = |value: &str, priority, period| StreamRetention {
            matchers: vec![Matcher::equal("app", value)],
            priority,
            period,
        };
        let streams =
            vec![rule("a", 1, day(9)), rule("a", 2, day(5)), rule("a", 2, day(3)), rule("b", 1, None)];
        let retention = Retention { period: day(30), streams };
        let labels = |app: &str| Labels::from_pairs([("app", app)]);
        assert_eq!(retention.period_of(&labels("a")), day(3));
        assert_eq!(retention.period_of(&labels("b")), None);
        assert_eq!(retention.period_of(&labels("c")), day(30));
    }

    #[test]
    fn the_oldest_go_first_and_the_newest_never() {
        assert_eq!(plan_size(&[10, 10, 10], 0), 0);
        assert_eq!(plan_size(&[10, 10, 10], 11), 2);
        assert_eq!(plan_size(&[10, 10, 10], 1_000), 2);
        assert_eq!(
            (fate(10, 10, true), fate(10, 5, false), fate(10, 4, false)),
            (Fate::Remove, Fate::Rewrite, Fate::Keep)
        );
    }
}
