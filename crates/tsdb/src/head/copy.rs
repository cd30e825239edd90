//! Writes what a reader sees of the head as a block, while samples go on coming.

use std::borrow::Cow;
use std::sync::Arc;

use chunks::Encoding;
use storage::{SeriesSet, TimeRange};

use super::Head;
use super::compact::{Target, push_within};
use super::querier::{HeadRange, View};
use super::series::Series;
use super::set::HeadSet;
use crate::Error;
use crate::block::{BlockMeta, Chunk};

impl Head {
    /// Writes the samples of `[meta.min_time, meta.max_time)` that are committed now as a block; `None` where there
    /// are none. `go_on` is asked from time to time.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Index`], [`Error::Chunk`], [`Error::Read`], [`Error::Stopped`].
    pub(crate) fn copy_block(
        self: &Arc<Self>,
        target: &Target<'_>,
        meta: BlockMeta,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Option<BlockMeta>, Error> {
        let range = TimeRange::new(meta.min_time, meta.max_time.saturating_sub(1));
        let view = Arc::new(View::new(self));
        let deleted = self.memory.deleted();
        let from = range.start.max(self.memory.head_from());
        let spans = HeadRange { in_order: TimeRange::new(from, range.end), late: range };
        let is_meant = |series: &Series| {
            let has_late = series.late().is_some_and(|late| late.overlaps(spans.late));
            has_late || series.overlaps(spans.in_order)
        };
        self.memory.write_series(target, meta, go_on, is_meant, |series| {
            let (head, view, deleted) = (Arc::clone(self), Arc::clone(&view), Arc::clone(&deleted));
            let set = HeadSet { head, view, range: spans, series: vec![series], deleted, labels: None };
            let mut chunks = Vec::new();
            for chunk in set.chunks(0, range)? {
                let (start, end, data) = (chunk.start, chunk.end, Cow::Owned(chunk.data));
                let encoding = Encoding::from_id(chunk.encoding)?;
                push_within(Chunk { start, end, encoding, data }, range, &mut chunks)?;
            }
            Ok(chunks)
        })
    }
}
