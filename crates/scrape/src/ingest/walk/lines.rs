//! Which series a line stands for: known, known with another meaning, or new.

use std::sync::Arc;

use model::MetricType;
use storage::Error as StoreError;
use wire::exposition::Parser;

use super::super::classic::{Identity, Part};
use super::super::labels::{self, Scratch};
use super::super::memory::NewLine;
use super::Walk;
use crate::ScrapeError;

/// Where the labels of a line's series are found.
#[derive(Clone, Copy)]
pub(super) enum Origin<'a, 'b> {
    /// They are the parser's last ones.
    Line(&'a Parser<'b>),
    /// They are those of the histogram that was gathered.
    Gathered(&'a Identity),
}

/// What a new line means.
pub(super) enum Resolved {
    Line(NewLine),
    /// The store takes no new series; another time perhaps.
    Refused,
}

impl Walk<'_> {
    /// The place in the memory of the parser's last series, and whether this scrape had it already; `None` where
    /// the store takes no new series.
    pub(super) fn find(
        &mut self,
        parser: &Parser<'_>,
        guessed: bool,
    ) -> Result<Option<(usize, bool)>, ScrapeError> {
        let declared = self.declared(parser);
        let found =
            if guessed { Some(self.memory.found_as_guessed()) } else { self.memory.find(parser.key()) };
        match found {
            Some(found) => {
                let known = self.memory.line(found.position).is_some_and(|line| line.declared == declared);
                if !known && !self.resolve_again(found.position, Origin::Line(parser))? {
                    return Ok(None);
                }
                Ok(Some((found.position, found.again)))
            }
            None => match self.resolve_line(parser, false)? {
                Resolved::Line(new) => Ok(Some((self.memory.insert(parser.key(), new), false))),
                Resolved::Refused => Ok(None),
            },
        }
    }

    /// What was declared and may change the labels of a line, as a number that differs where it does.
    pub(super) fn declared(&self, parser: &Parser<'_>) -> u32 {
        let mut declared = parser.metric_type() as u32;
        if self.context.features.type_and_unit_labels {
            for byte in parser.unit().bytes() {
                declared = declared.wrapping_mul(31).wrapping_add(u32::from(byte)).wrapping_add(8);
            }
        }
        declared
    }

    /// Looks a line's meaning up once more; `false` where the store refuses.
    pub(super) fn resolve_again(
        &mut self,
        position: usize,
        origin: Origin<'_, '_>,
    ) -> Result<bool, ScrapeError> {
        let holds = self.memory.line(position).is_some_and(|line| !line.dropped);
        let resolved = match origin {
            Origin::Line(parser) => self.resolve_line(parser, holds)?,
            Origin::Gathered(identity) => {
                self.resolve(&Scratch::of_pairs(&identity.labels), 0, None, holds)?
            }
        };
        match resolved {
            Resolved::Line(new) => {
                self.memory.change_meaning(position, new);
                Ok(true)
            }
            Resolved::Refused => Ok(false),
        }
    }

    /// What the parser's last line means; `holds` as in [`Walk::resolve`].
    fn resolve_line(&mut self, parser: &Parser<'_>, holds: bool) -> Result<Resolved, ScrapeError> {
        let mut scratch = std::mem::take(&mut self.scratch);
        let scraped = labels::scrape(parser, self.context, &mut scratch);
        let modes = self.context.target.histograms;
        let is_part = modes.convert_classic
            && parser.metric_type() == MetricType::Histogram
            && !parser.is_beside_native();
        let part = if is_part { Part::of(&scratch).map(Arc::new) } else { None };
        let declared = self.declared(parser);
        let resolved = match scraped {
            Err(error) => {
                self.counts.scraped += 1;
                Err(error)
            }
            Ok(()) if part.is_some() && !modes.always_classic => {
                Ok(Resolved::Line(NewLine { series: None, declared, part }))
            }
            Ok(()) => self.resolve(&scratch, declared, part, holds),
        };
        self.scratch = scratch;
        resolved
    }

    /// What scraped labels mean; `holds` says that their line has a place in the job's allowance already.
    pub(super) fn resolve(
        &mut self,
        scratch: &Scratch,
        declared: u32,
        part: Option<Arc<Part>>,
        holds: bool,
    ) -> Result<Resolved, ScrapeError> {
        let refused = |walk: &mut Self| walk.counts.scraped += 1;
        let labels = match labels::stored(scratch, self.context) {
            Ok(Some(labels)) => labels,
            Ok(None) => return Ok(Resolved::Line(NewLine { series: None, declared, part })),
            Err(error) => {
                refused(self);
                return Err(error);
            }
        };
        if !holds && !self.memory.share.take() {
            refused(self);
            self.counts.kept += 1;
            self.rejected.over_job_limit += 1;
            return Ok(Resolved::Refused);
        }
        let taken = self.appender.series(&labels);
        if taken.is_err() && !holds {
            self.memory.share.give_back();
        }
        match taken {
            Ok(series) => Ok(Resolved::Line(NewLine { series: Some(series), declared, part })),
            Err(StoreError::OverLimit(_)) => {
                refused(self);
                self.counts.kept += 1;
                self.rejected.over_limit += 1;
                Ok(Resolved::Refused)
            }
            Err(error) => {
                refused(self);
                Err(error.into())
            }
        }
    }
}
