//! What is remembered of a target's lines from scrape to scrape.

mod expected;

use std::sync::Arc;

use foldhash::quality::RandomState;
use hashbrown::HashTable;
use model::{MetricType, SeriesRef};
use wire::exposition::{Format, Preface};

use super::allowance::Share;
use super::classic::Part;
use super::preface::{KnownPreface, NO_PREFACE, Prefaces};
use super::report::ReportSeries;
use crate::target::MetadataPlace;
pub(super) use expected::ExpectedKey;
use expected::hash;

/// What is remembered of one target.
///
/// A line's series is known by length and hash of its bytes, 64 bits keyed with a random number of this
/// process: two series of one target with the same hash are not to be expected in the life of all servers there
/// are, and nobody can choose bytes that collide.
#[derive(Default)]
pub(crate) struct Memory {
    hasher: RandomState,
    lines: Vec<Line>,
    /// Positions in `lines`, by hash.
    table: HashTable<u32>,
    /// Number of the present scrape.
    scrape: u32,
    /// Where in `lines` the next series is expected.
    expected: usize,
    /// Whether a line was found elsewhere than expected, or was new. As long as none was, the lines that this scrape
    /// had are those before `expected`, and none of them is marked as seen.
    reordered: bool,
    /// Whether the last scrape that succeeded left all lines as they are still: nothing is to be learnt at the end of
    /// one that has the same lines in the same order.
    unchanged: bool,
    /// What [`Memory::end`] was told then.
    tracks_own_times: bool,
    /// Lines in the order of this scrape, kept once `reordered`.
    order: Vec<u32>,
    /// Series of lines that settings of before gave a meaning, still to be marked as ended unless they are met
    /// again.
    orphans: Vec<SeriesRef>,
    /// The declarations before the lines.
    prefaces: Prefaces,
    /// The format in which they stood.
    format: Option<Format>,
    /// Lines that the last scrape that succeeded left.
    settled: usize,
    /// The series of its lines, as far as the job's series are counted.
    pub(crate) share: Share,
    pub(crate) report: ReportSeries,
}

/// What a line of a target means.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    hash: u64,
    len: u32,
    /// The scrape that had it last.
    seen: u32,
    /// The store's reference; of no meaning where `dropped`.
    pub(crate) series: SeriesRef,
    /// What was declared when it was taken apart and may change what the labels are.
    pub(crate) declared: u32,
    /// Relabelling drops it.
    pub(crate) dropped: bool,
    /// A sample of it was stored once.
    pub(crate) stored: bool,
    /// The present scrape gave it a time of its own.
    pub(crate) own_time: bool,
    /// The series is to be marked as ended when it is missing.
    tracked: bool,
    /// The declarations that stood before it, [`NO_PREFACE`] where they are to be read.
    preface: u32,
    /// Of which histogram it is a part, where classic histograms are converted.
    pub(crate) part: Option<Arc<Part>>,
}

/// A line that is to be remembered.
pub(super) struct NewLine {
    /// `None` where relabelling drops it, or it is but a part of a histogram.
    pub(super) series: Option<SeriesRef>,
    pub(super) declared: u32,
    pub(super) part: Option<Arc<Part>>,
}

/// A series that may have been seen before.
pub(crate) struct Found {
    /// Its place in the memory.
    pub(crate) position: usize,
    /// Whether the present scrape had it already.
    pub(crate) again: bool,
}

impl Memory {
    /// Starts a scrape whose answer comes in this format.
    pub(super) fn begin(&mut self, format: Format) {
        if self.format.replace(format) != Some(format) {
            // The same bytes may declare something else there.
            self.forget_prefaces();
        }
        self.scrape = self.scrape.wrapping_add(1);
        self.expected = 0;
        self.reordered = false;
        self.order.clear();
    }

    /// Whether any line is expected.
    pub(super) fn expects(&self) -> bool {
        self.expected < self.lines.len()
    }

    /// What the next series is expected to be.
    #[inline]
    pub(super) fn guess(&self) -> ExpectedKey<'_> {
        let (hasher, prefaces) = (&self.hasher, &self.prefaces);
        match self.lines.get(self.expected) {
            None => ExpectedKey { hasher, len: 0, hash: 0, preface: None },
            Some(line) => {
                let preface = prefaces.get(line.preface);
                ExpectedKey { hasher, len: line.len as usize, hash: line.hash, preface }
            }
        }
    }

    /// The series of the line that the guess was about, and the place of what was declared before it, where the
    /// line means what it meant and the present scrape had it not yet; it has it then.
    #[inline]
    pub(super) fn settled(&mut self, declared: u32) -> Option<(SeriesRef, Option<MetadataPlace>)> {
        let line = self.lines.get_mut(self.expected)?;
        if line.declared != declared || line.dropped || !line.stored {
            return None;
        }
        if self.reordered {
            if std::mem::replace(&mut line.seen, self.scrape) == self.scrape {
                return None;
            }
            self.order.push(self.expected as u32);
        }
        if line.own_time {
            line.own_time = false;
            self.unchanged = false;
        }
        self.expected += 1;
        Some((line.series, self.prefaces.get(line.preface).map(|preface| preface.place)))
    }

    /// Where what is declared before the expected line stands.
    pub(super) fn expected_place(&self) -> Option<MetadataPlace> {
        self.prefaces.get(self.lines.get(self.expected)?.preface).map(|preface| preface.place)
    }

    /// Remembers what stood before a line, `None` for what must be read each time.
    pub(super) fn set_preface(
        &mut self,
        position: usize,
        lines: &[u8],
        what: Option<(MetricType, MetadataPlace)>,
    ) {
        let known = what.map(|(metric_type, place)| KnownPreface {
            hash: hash(&self.hasher, lines),
            lines: Preface { len: lines.len(), metric_type },
            place,
        });
        if let Some(line) = self.lines.get_mut(position) {
            self.prefaces.set(&mut line.preface, known);
        }
    }

    /// Has all declarations read again.
    pub(super) fn forget_prefaces(&mut self) {
        self.prefaces = Prefaces::default();
        self.lines.iter_mut().for_each(|line| line.preface = NO_PREFACE);
    }

    /// The line that the guess was about.
    pub(super) fn found_as_guessed(&mut self) -> Found {
        let position = self.expected;
        self.meet(position)
    }

    /// The line with this key, `None` for a new one.
    pub(super) fn find(&mut self, key: &[u8]) -> Option<Found> {
        let (hash, len) = (hash(&self.hasher, key), key.len() as u32);
        let lines = &self.lines;
        let is_line = |position: &u32| {
            lines.get(*position as usize).is_some_and(|line| line.hash == hash && line.len == len)
        };
        let position = *self.table.find(hash, is_line)? as usize;
        self.note_reordering();
        Some(self.meet(position))
    }

    /// Remembers a new line.
    pub(super) fn insert(&mut self, key: &[u8], new: NewLine) -> usize {
        self.note_reordering();
        let position = self.lines.len();
        let hash = hash(&self.hasher, key);
        self.lines.push(Line {
            hash,
            len: key.len() as u32,
            seen: self.scrape,
            series: new.series.unwrap_or_default(),
            declared: new.declared,
            dropped: new.series.is_none(),
            stored: false,
            own_time: false,
            tracked: false,
            preface: NO_PREFACE,
            part: new.part,
        });
        let lines = &self.lines;
        self.table.insert_unique(hash, position as u32, |other| {
            lines.get(*other as usize).map_or(0, |line| line.hash)
        });
        self.order.push(position as u32);
        position
    }

    pub(super) fn line(&self, position: usize) -> Option<&Line> {
        self.lines.get(position)
    }

    /// Gives a line another meaning; the series that it meant before ends unless it is met again.
    pub(super) fn change_meaning(&mut self, position: usize, new: NewLine) {
        self.unchanged = false;
        let Some(line) = self.lines.get_mut(position) else { return };
        if line.tracked && new.series != Some(line.series) {
            line.tracked = false;
            self.orphans.push(line.series);
        }
        line.declared = new.declared;
        line.dropped = new.series.is_none();
        line.part = new.part;
        line.series = new.series.unwrap_or_default();
    }

    pub(super) fn line_mut(&mut self, position: usize) -> Option<&mut Line> {
        self.unchanged = false;
        self.lines.get_mut(position)
    }

    fn meet(&mut self, position: usize) -> Found {
        self.expected = position + 1;
        self.unchanged = false;
        let scrape = self.scrape;
        let Some(line) = self.lines.get_mut(position) else { return Found { position, again: false } };
        let again = std::mem::replace(&mut line.seen, scrape) == scrape;
        if !again {
            line.own_time = false;
            if self.reordered {
                self.order.push(position as u32);
            }
        }
        Found { position, again }
    }

    /// From here on the order of this scrape is another than that of the last: what was met so far are the
    /// first lines, in order.
    fn note_reordering(&mut self) {
        if !self.reordered {
            self.mark_expected();
            self.reordered = true;
            self.order.extend(0..self.expected as u32);
        }
    }

    /// Marks the lines as seen that this scrape had in order.
    fn mark_expected(&mut self) {
        let scrape = self.scrape;
        self.lines.iter_mut().take(self.expected).for_each(|line| line.seen = scrape);
    }

    /// Ends a scrape that succeeded. Hands the series out that are missing now, forgets their lines, and puts
    /// the others in the order in which they came.
    pub(super) fn end(&mut self, track_own_times: bool, mut ended: impl FnMut(SeriesRef)) {
        let same_lines = !self.reordered && self.expected == self.lines.len();
        if same_lines && self.unchanged && self.orphans.is_empty() && self.tracks_own_times == track_own_times
        {
            return;
        }
        if !self.reordered {
            self.mark_expected();
        }
        (self.unchanged, self.tracks_own_times) = (true, track_own_times);
        let scrape = self.scrape;
        let mut missing = std::mem::take(&mut self.orphans);
        let (mut all_seen, mut series) = (true, 0);
        for line in &mut self.lines {
            if line.seen == scrape {
                series += usize::from(!line.dropped);
                line.tracked = !line.dropped && line.stored && (track_own_times || !line.own_time);
            } else {
                all_seen = false;
                if line.tracked {
                    line.tracked = false;
                    missing.push(line.series);
                }
            }
        }
        if !missing.is_empty() {
            // A series may go on under another line, with its labels in another order, say.
            missing.sort_unstable();
            missing.dedup();
            for line in self.lines.iter().filter(|line| line.seen == scrape && !line.dropped) {
                if let Ok(position) = missing.binary_search(&line.series) {
                    missing.remove(position);
                }
            }
            missing.into_iter().for_each(&mut ended);
        }
        if self.reordered || !all_seen {
            self.rebuild();
        } else {
            // The lines are the same again, and most likely stay so.
            self.lines.shrink_to_fit();
            self.prefaces.shrink();
            self.order = Vec::new();
        }
        self.settled = self.lines.len();
        self.share.settle(series);
    }

    /// Hands out all series that a scrape stored last, as ended: after a failure, and at the end of a target.
    pub(super) fn end_all(&mut self, mut ended: impl FnMut(SeriesRef)) {
        self.unchanged = false;
        for line in self.lines.iter_mut().filter(|line| line.tracked) {
            line.tracked = false;
            ended(line.series);
        }
        self.orphans.drain(..).for_each(ended);
    }

    /// Forgets all lines where they became many while scrapes fail: a target that always fails and always names
    /// other series must not fill the memory. `true` where it did.
    pub(super) fn shrink_if_grown(&mut self) -> bool {
        let grown = self.lines.len() > 1000 + 3 * self.settled;
        if grown {
            self.lines = Vec::new();
            self.table = HashTable::new();
            self.prefaces = Prefaces::default();
            self.share.settle(0);
            self.unchanged = false;
        }
        grown
    }

    /// Goes on for a loop with other settings, under which lines keep their meaning or do not.
    pub(crate) fn go_on(&mut self, meanings_stay: bool) {
        // The loop before may have scraped since its target's metadata was taken over: what was declared then
        // stands in other places.
        self.forget_prefaces();
        if !meanings_stay {
            self.forget_meanings();
        }
    }

    /// Forgets what lines mean, but not which series were stored: the settings changed.
    pub(super) fn forget_meanings(&mut self) {
        self.orphans.extend(self.lines.iter().filter(|line| line.tracked).map(|line| line.series));
        self.lines.clear();
        self.table.clear();
        self.prefaces = Prefaces::default();
        self.share.settle(0);
        self.unchanged = false;
        self.report = ReportSeries::default();
    }

    /// The number of lines that are remembered.
    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    /// How many prefaces there is room for.
    #[cfg(test)]
    pub(super) fn preface_count(&self) -> usize {
        self.prefaces.len()
    }

    fn rebuild(&mut self) {
        let scrape = self.scrape;
        let lines: Vec<Line> = if self.reordered {
            self.order.iter().filter_map(|position| self.lines.get(*position as usize).cloned()).collect()
        } else {
            self.lines.clone()
        };
        self.lines = lines.into_iter().filter(|line| line.seen == scrape).collect();
        self.lines.shrink_to_fit();
        self.prefaces.keep(self.lines.iter_mut().map(|line| &mut line.preface));
        self.order = Vec::new();
        self.table.clear();
        let lines = &self.lines;
        let hash_of = |position: &u32| lines.get(*position as usize).map_or(0, |line| line.hash);
        self.table.shrink_to(lines.len(), hash_of);
        for (position, line) in lines.iter().enumerate() {
            self.table.insert_unique(line.hash, position as u32, hash_of);
        }
    }
}
