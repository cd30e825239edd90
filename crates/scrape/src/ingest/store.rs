//! One scrape as one batch of the store.

use model::{SeriesRef, stale_nan};
use storage::{AppendOptions, Appendable, Appender};
use wire::exposition::Format;

use super::report::Report;
use super::walk::{Walk, Walked};
use super::{Context, Memory};
use crate::ScrapeError;

/// An answer to be stored.
pub(crate) struct Body<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) format: Format,
}

/// Stores what a target answered, or that it did not, and reports about it; returns what went wrong.
///
/// `seconds` tells the duration of the scrape up to the moment when it is asked.
pub(crate) fn store(
    context: &Context<'_>,
    memory: &mut Memory,
    appendable: &dyn Appendable,
    answer: Result<Body<'_>, ScrapeError>,
    time: i64,
    seconds: impl Fn() -> f64,
) -> (Report, Option<ScrapeError>) {
    let mut walk = Walk::new(context, memory, appendable.appender(AppendOptions::default()), time);
    let (body_bytes, outcome) = match answer {
        Ok(body) => {
            let mut walked = walk.body(&body);
            if matches!(walked, Ok(Walked::Forgotten)) {
                let (counts, appender) = walk.give_up();
                discard(appender);
                let appender = appendable.appender(AppendOptions::default());
                walk = Walk::new(context, memory, appender, time).one_by_one(counts);
                walked = walk.body(&body);
            }
            (body.bytes.len() as i64, walked.map(drop))
        }
        Err(error) => {
            let too_large = matches!(error, ScrapeError::Fetch(http_client::Error::BodyTooLarge { .. }));
            if too_large {
                context.metrics.exceeded_body_limit.inc();
            }
            (-i64::from(too_large), Err(error))
        }
    };
    let (counts, mut appender) = walk.finish();
    let error = outcome.err();
    if error.is_some() {
        discard(appender);
        appender = appendable.appender(AppendOptions::default());
        memory.end_all(|series| append_stale(appender.as_mut(), series, time));
        if memory.shrink_if_grown() {
            context.metrics.cache_flushes.inc();
        }
    }
    let report = Report { up: error.is_none(), seconds: seconds(), counts, body_bytes };
    let finished =
        report.append(context, &mut memory.report, appender.as_mut(), time).and_then(|()| appender.commit());
    if let Err(error) = finished {
        let target = context.target;
        tracing::error!(scrape_pool = target.scrape_pool(), target = target.scrape_url(), err = %error,
            "scrape commit failed");
    }
    (report, error)
}

/// Marks everything that a target ever said as ended, at `time`.
pub(crate) fn end(context: &Context<'_>, memory: &mut Memory, appendable: &dyn Appendable, time: i64) {
    let mut appender = appendable.appender(AppendOptions { discard_out_of_order: true });
    memory.end_all(|series| append_stale(appender.as_mut(), series, time));
    let ended = memory.report.append_stale(context, appender.as_mut(), time).and_then(|()| appender.commit());
    if let Err(error) = ended {
        let target = context.target;
        tracing::error!(scrape_pool = target.scrape_pool(), target = target.scrape_url(), err = %error,
            "stale commit failed");
    }
}

fn discard(appender: Box<dyn Appender>) {
    if let Err(error) = appender.rollback() {
        tracing::error!(err = %error, "scrape rollback failed");
    }
}

pub(super) fn append_stale(appender: &mut dyn Appender, series: SeriesRef, time: i64) {
    // A series that is gone needs no end, and one that goes on elsewhere with newer samples has none here.
    let _ = appender.append(series, time, 0, stale_nan());
}
