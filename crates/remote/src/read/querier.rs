//! A view of what the stores have in a span of time.

use std::sync::Arc;

use futures_util::future::join_all;
use model::{Annotations, Matcher};
use storage::merge::MergedSeries;
use storage::{Listing, Querier, Result, SelectHints, SeriesSet, TimeRange};
use tokio::runtime::Handle;
use wire::remote::read::{Hints, Query, ReadRequest, SAMPLES, STREAMED_XOR_CHUNKS, SentMatcher};

use super::client::ReadClient;
use super::scope::without;
use super::series::RemoteSeries;

/// What the original says to a question that the protocol has no words for.
const NOT_IMPLEMENTED: &str = "not implemented";

pub(super) struct RemoteQuerier {
    clients: Arc<Vec<ReadClient>>,
    /// Which of them are asked, and for which time.
    asked: Vec<(usize, TimeRange)>,
    runtime: Handle,
}

impl RemoteQuerier {
    pub(super) fn new(
        clients: Arc<Vec<ReadClient>>,
        asked: Vec<(usize, TimeRange)>,
        runtime: Handle,
    ) -> Self {
        Self { clients, asked, runtime }
    }

    async fn ask_all(&self, matchers: &[Matcher], hints: &SelectHints) -> Vec<Box<dyn SeriesSet>> {
        let questions = self.asked.iter().filter_map(|(place, range)| {
            let client = self.clients.get(*place)?;
            client.settings().is_asked_for(matchers).then(|| ask(client, *range, matchers, hints))
        });
        join_all(questions).await
    }
}

async fn ask(
    client: &ReadClient,
    range: TimeRange,
    matchers: &[Matcher],
    hints: &SelectHints,
) -> Box<dyn SeriesSet> {
    let (matchers, added) = client.settings().with_external_labels(matchers);
    let request = request(range, &matchers, hints);
    let set = match client.ask(&request).await {
        Ok(mut series) => {
            if !added.is_empty() {
                for (labels, _) in &mut series {
                    *labels = without(labels, &added);
                }
                // Without a label the order may be another one.
                series.sort_by(|(a, _), (b, _)| a.cmp(b));
            }
            RemoteSeries::new(series, range)
        }
        Err(error) => {
            let store = &client.settings().name;
            tracing::warn!(store, %error, "another store did not answer a query");
            RemoteSeries::failed(format!("remote_read: {error}"))
        }
    };
    Box::new(set)
}

fn request(range: TimeRange, matchers: &[Matcher], hints: &SelectHints) -> ReadRequest {
    let read = hints.range.unwrap_or(range);
    let query = Query {
        start: range.start,
        end: range.end,
        matchers: matchers.iter().map(sent).collect(),
        hints: Some(Hints {
            step: hints.step_ms,
            function: if hints.labels_only { "series".to_owned() } else { hints.function.clone() },
            start: read.start,
            end: read.end,
            grouping: hints.grouping.clone(),
            by: hints.by,
            range: hints.range_ms,
        }),
    };
    ReadRequest { queries: vec![query], accepted: vec![STREAMED_XOR_CHUNKS, SAMPLES] }
}

fn sent(matcher: &Matcher) -> SentMatcher {
    use model::MatchOp;
    let kind = match matcher.op() {
        MatchOp::Equal => 0,
        MatchOp::NotEqual => 1,
        MatchOp::Regex => 2,
        MatchOp::NotRegex => 3,
    };
    SentMatcher { kind, name: matcher.name().to_owned(), value: matcher.value().to_owned() }
}

impl Querier for RemoteQuerier {
    fn select(&self, matchers: &[Matcher], hints: &SelectHints) -> Result<Box<dyn SeriesSet>> {
        // Whichever thread asks, the others of the runtime go on.
        let sets = tokio::task::block_in_place(|| self.runtime.block_on(self.ask_all(matchers, hints)));
        MergedSeries::of(sets, hints)
    }

    fn label_names(&self, _matchers: &[Matcher], _limit: Option<usize>) -> Result<Listing> {
        Ok(not_implemented())
    }

    fn label_values(&self, _name: &str, _matchers: &[Matcher], _limit: Option<usize>) -> Result<Listing> {
        Ok(not_implemented())
    }
}

fn not_implemented() -> Listing {
    let mut annotations = Annotations::new();
    annotations.warn(NOT_IMPLEMENTED);
    Listing { annotations, ..Listing::default() }
}
