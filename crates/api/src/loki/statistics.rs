//! The statistics of an answer: all keys of the original, with the figures that are known here.

use serde_json::{Value, json};

/// The figures of one request.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Figures {
    pub(super) query: logql_engine::Statistics,
    /// Seconds that it ran.
    pub(super) seconds: f64,
    /// Seconds that it waited.
    pub(super) waited: f64,
}

/// The statistics of an answer that no query was run for.
pub(super) fn empty() -> Value {
    shown(&Figures::default())
}

/// The statistics of an answer.
pub(super) fn shown(figures: &Figures) -> Value {
    let Figures { query, seconds, waited } = figures;
    let bytes = query.line_bytes + query.metadata_bytes;
    let per_second = |amount: u64| if *seconds > 0.0 { (amount as f64 / seconds) as u64 } else { 0 };
    json!({
        "summary": {
            "bytesProcessedPerSecond": per_second(bytes),
            "linesProcessedPerSecond": per_second(query.lines),
            "totalBytesProcessed": bytes,
            "totalLinesProcessed": query.lines,
            "execTime": seconds,
            "queueTime": waited,
            "subqueries": 0,
            "totalEntriesReturned": query.entries_returned,
            "splits": 0,
            "shards": 0,
            "totalPostFilterLines": query.lines_kept,
            "totalStructuredMetadataBytesProcessed": query.metadata_bytes,
        },
        "querier": { "store": store(query) },
        "ingester": {
            "totalReached": 1,
            "totalChunksMatched": query.blocks_in_memory,
            "totalBatches": 0,
            "totalLinesSent": 0,
            "store": store(&logql_engine::Statistics::default()),
        },
        "cache": {
            "chunk": cache(), "index": cache(), "result": cache(), "statsResult": cache(),
            "volumeResult": cache(), "seriesResult": cache(), "labelResult": cache(),
            "instantMetricResult": cache(),
        },
        "index": {
            "totalChunks": query.blocks,
            "postFilterChunks": query.blocks - query.blocks_skipped.min(query.blocks),
            "shardsDuration": 0,
            "usedBloomFilters": query.blocks_skipped > 0,
            "totalStreams": query.streams,
            "chunkRefsLookupTime": 0,
            "bloomFilterTime": 0,
        },
    })
}

fn store(query: &logql_engine::Statistics) -> Value {
    json!({
        "totalChunksRef": query.blocks,
        "totalChunksDownloaded": query.blocks - query.blocks_skipped.min(query.blocks),
        "chunksDownloadTime": 0,
        "queryReferencedStructuredMetadata": query.metadata_bytes > 0,
        "queryUsedV2Engine": false,
        "chunk": {
            "headChunkBytes": 0,
            "headChunkLines": 0,
            "decompressedBytes": query.line_bytes,
            "decompressedLines": query.lines,
            "compressedBytes": query.stored_bytes,
            "totalDuplicates": query.duplicates,
            "postFilterLines": query.lines_kept,
            "headChunkStructuredMetadataBytes": 0,
            "decompressedStructuredMetadataBytes": query.metadata_bytes,
        },
        "chunkRefsFetchTime": 0,
        "congestionControlLatency": 0,
        "pipelineWrapperFilteredLines": 0,
    })
}

fn cache() -> Value {
    json!({
        "entriesFound": 0, "entriesRequested": 0, "entriesStored": 0, "bytesReceived": 0, "bytesSent": 0,
        "requests": 0, "downloadTime": 0, "queryLengthServed": 0,
    })
}
