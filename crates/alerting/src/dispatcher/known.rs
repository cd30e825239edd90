//! The alerts that are known, each in a place of its own: a report of one that is known changes it there, so that a
//! hundred thousand alerts that are reported again and again take no memory anew.

#[cfg(test)]
mod tests;
mod urls;

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use model::Labels;

use self::urls::Urls;
use super::GroupId;
use super::history::Noted;
use crate::alert::{Alert, Fingerprint, Times};
use crate::annotations::{Models, Wording};

/// The place of an alert; another one may get it once nobody holds this one.
pub(super) type AlertId = u32;

/// An alert that is known.
#[derive(Debug)]
pub(super) struct KnownAlert {
    pub(super) fingerprint: Fingerprint,
    pub(super) labels: Labels,
    pub(super) times: Times,
    wording: Wording,
    generator_url: Arc<str>,
    /// The groups that it stands in.
    pub(super) groups: Places,
    /// Which of its states was told of.
    pub(super) noted: Noted,
    /// Whether it is over and forgotten, but for those who hold it.
    pub(super) is_forgotten: bool,
    /// How many groups and flushes need it.
    holders: u32,
    /// The number of the last report; none is given twice.
    pub(super) report: u64,
}

/// Groups of an alert: most take one route.
#[derive(Debug)]
pub(super) enum Places {
    One(GroupId),
    Several(Box<[GroupId]>),
}

impl Places {
    pub(super) fn as_slice(&self) -> &[GroupId] {
        match self {
            Places::One(id) => std::slice::from_ref(id),
            Places::Several(ids) => ids,
        }
    }

    /// Leaves none.
    pub(super) fn take(&mut self) -> Places {
        std::mem::take(self)
    }
}

impl Default for Places {
    fn default() -> Self {
        Places::Several(Box::default())
    }
}

impl From<Vec<GroupId>> for Places {
    fn from(ids: Vec<GroupId>) -> Self {
        match ids.as_slice() {
            [id] => Places::One(*id),
            _ => Places::Several(ids.into()),
        }
    }
}

impl KnownAlert {
    /// The alert, its texts put together anew.
    pub(super) fn alert(&self) -> Alert {
        let Times { starts_at, ends_at, updated_at, ends_by_timeout } = self.times;
        Alert {
            labels: self.labels.clone(),
            annotations: self.wording.annotations(),
            starts_at,
            ends_at,
            updated_at,
            ends_by_timeout,
            generator_url: Arc::clone(&self.generator_url),
        }
    }

    pub(super) fn is_resolved(&self, now: i64) -> bool {
        self.times.is_resolved(now)
    }

    pub(super) fn name(&self) -> &str {
        self.labels.value("alertname")
    }
}

/// All of them.
#[derive(Debug)]
pub(super) struct KnownAlerts {
    places: Vec<Option<KnownAlert>>,
    free: Vec<AlertId>,
    by_fingerprint: HashTable<AlertId>,
    hasher: RandomState,
    models: Models,
    urls: Urls,
    reports: u64,
}

impl KnownAlerts {
    pub(super) fn new() -> KnownAlerts {
        KnownAlerts {
            places: Vec::new(),
            free: Vec::new(),
            by_fingerprint: HashTable::new(),
            hasher: RandomState::default(),
            models: Models::new(),
            urls: Urls::default(),
            reports: 0,
        }
    }

    pub(super) fn get(&self, id: AlertId) -> Option<&KnownAlert> {
        self.places.get(id as usize)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, id: AlertId) -> Option<&mut KnownAlert> {
        self.places.get_mut(id as usize)?.as_mut()
    }

    /// The place of an alert that is not forgotten.
    pub(super) fn find(&self, fingerprint: Fingerprint) -> Option<AlertId> {
        self.place_of(fingerprint).filter(|id| self.get(*id).is_some_and(|known| !known.is_forgotten))
    }

    fn place_of(&self, fingerprint: Fingerprint) -> Option<AlertId> {
        let is_it = |id: &AlertId| self.get(*id).is_some_and(|known| known.fingerprint == fingerprint);
        self.by_fingerprint.find(self.hasher.hash_one(fingerprint), is_it).copied()
    }

    /// The labels of an alert that fires.
    pub(super) fn firing(&self, fingerprint: Fingerprint, now: i64) -> Option<&Labels> {
        let known = self.get(self.find(fingerprint)?)?;
        (!known.is_resolved(now)).then_some(&known.labels)
    }

    /// All places in use, those of forgotten alerts too.
    pub(super) fn iter(&self) -> impl Iterator<Item = (AlertId, &KnownAlert)> {
        self.iter_from(0)
    }

    /// Those from a place on.
    pub(super) fn iter_from(&self, from: usize) -> impl Iterator<Item = (AlertId, &KnownAlert)> {
        let places = self.places.iter().enumerate().skip(from);
        places.filter_map(|(id, place)| Some((id as AlertId, place.as_ref()?)))
    }

    /// The alerts that are not forgotten.
    pub(super) fn remembered(&self) -> impl Iterator<Item = (AlertId, &KnownAlert)> {
        self.iter().filter(|(_, known)| !known.is_forgotten)
    }

    /// Takes an alert as it is. One that was forgotten and is held comes back to its place.
    pub(super) fn insert(&mut self, fingerprint: Fingerprint, alert: Alert) -> AlertId {
        let times = alert.times();
        let url = self.urls.shared(alert.generator_url);
        let wording = self.models.word(&url, alert.labels.value("alertname"), alert.annotations);
        self.reports += 1;
        let mut made = KnownAlert {
            fingerprint,
            labels: alert.labels,
            times,
            wording,
            generator_url: url,
            groups: Places::default(),
            noted: Noted::Nothing,
            is_forgotten: false,
            holders: 0,
            report: self.reports,
        };
        if let Some(id) = self.place_of(fingerprint) {
            if let Some(known) = self.get_mut(id) {
                made.holders = known.holders;
                *known = made;
            }
            return id;
        }
        let id = match self.free.pop() {
            Some(id) => id,
            None => {
                self.places.push(None);
                (self.places.len() - 1) as AlertId
            }
        };
        if let Some(place) = self.places.get_mut(id as usize) {
            *place = Some(made);
        }
        let KnownAlerts { by_fingerprint, places, hasher, .. } = self;
        let fingerprint_of = |id: &AlertId| {
            let known = places.get(*id as usize).and_then(Option::as_ref);
            hasher.hash_one(known.map_or(0, |known| known.fingerprint))
        };
        by_fingerprint.insert_unique(hasher.hash_one(fingerprint), id, fingerprint_of);
        id
    }

    /// Adds what a report says to what is known; gives whether that is more than a later end.
    pub(super) fn merge(&mut self, id: AlertId, report: Alert, now: i64) -> bool {
        self.reports += 1;
        let number = self.reports;
        let Some(known) = self.places.get_mut(id as usize).and_then(Option::as_mut) else { return false };
        let (times, takes_texts) = Times::merged(known.times, report.times(), now);
        let mut is_news = known.times.is_resolved(now) != times.is_resolved(now);
        (known.times, known.report) = (times, number);
        if !takes_texts {
            return is_news;
        }
        if *known.generator_url != *report.generator_url {
            known.generator_url = self.urls.shared(report.generator_url);
        }
        if !known.wording.says(&report.annotations) {
            is_news = true;
            let name = known.labels.value("alertname");
            known.wording = self.models.word(&known.generator_url, name, report.annotations);
        }
        is_news
    }

    /// Keeps the place of an alert until [`KnownAlerts::release`].
    pub(super) fn hold(&mut self, id: AlertId) {
        if let Some(known) = self.get_mut(id) {
            known.holders += 1;
        }
    }

    pub(super) fn release(&mut self, id: AlertId) {
        let Some(known) = self.get_mut(id) else { return };
        known.holders = known.holders.saturating_sub(1);
        self.free_unheld(id);
    }

    /// Forgets an alert; its place stays while somebody holds it.
    pub(super) fn forget(&mut self, id: AlertId) {
        if let Some(known) = self.get_mut(id) {
            known.is_forgotten = true;
        }
        self.free_unheld(id);
    }

    fn free_unheld(&mut self, id: AlertId) {
        let unheld = self.get(id).filter(|known| known.is_forgotten && known.holders == 0);
        let Some(fingerprint) = unheld.map(|known| known.fingerprint) else { return };
        let hash = self.hasher.hash_one(fingerprint);
        if let Ok(entry) = self.by_fingerprint.find_entry(hash, |present| *present == id) {
            entry.remove();
        }
        if let Some(place) = self.places.get_mut(id as usize) {
            *place = None;
        }
        self.free.push(id);
    }

    /// Gives up what belonged to alerts that are gone.
    pub(super) fn collect_garbage(&mut self) {
        self.models.collect_garbage();
        self.urls.collect_garbage();
        if self.free.len() == self.places.len() {
            self.places = Vec::new();
            self.free = Vec::new();
            self.by_fingerprint = HashTable::new();
        }
    }
}
