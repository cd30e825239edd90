//! Entries that come stream by stream in any order, put together by stream.

use std::collections::HashMap;

use super::{Entry, Error, Push, Stream, Text};

/// A push in the making whose entries name their streams one by one.
#[derive(Debug, Default)]
pub(crate) struct Grouped<'a> {
    /// Entries in the order of their arrival; its streams stay empty until the end.
    pub(crate) push: Push<'a>,
    numbers: HashMap<String, u32>,
    labels: Vec<Text<'a>>,
    /// The stream of each entry.
    stream_of: Vec<u32>,
}

impl<'a> Grouped<'a> {
    /// The number of a stream, by the text of its labels.
    pub(crate) fn stream(&mut self, labels: &str) -> u32 {
        if let Some(number) = self.numbers.get(labels) {
            return *number;
        }
        let number = self.labels.len() as u32;
        let text = self.push.keep(labels);
        self.labels.push(text);
        self.numbers.insert(labels.to_owned(), number);
        number
    }

    /// Adds an entry to a stream; its metadata are the pairs from `metadata_start` on.
    pub(crate) fn add(
        &mut self,
        stream: u32,
        timestamp: i64,
        line: Text<'a>,
        metadata_start: usize,
    ) -> Result<(), Error> {
        self.push.add(timestamp, line, metadata_start)?;
        self.stream_of.push(stream);
        Ok(())
    }

    /// The push, the entries of each stream together and in their order.
    pub(crate) fn finish(self) -> Push<'a> {
        let Self { mut push, labels, stream_of, .. } = self;
        let mut starts = vec![0_usize; labels.len() + 1];
        for stream in &stream_of {
            if let Some(count) = starts.get_mut(*stream as usize + 1) {
                *count += 1;
            }
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let ends = starts.iter().skip(1);
        push.streams = labels
            .iter()
            .zip(starts.iter().zip(ends))
            .map(|(labels, (start, end))| Stream { labels: *labels, entries: *start..*end })
            .collect();
        if labels.len() > 1 {
            let mut order: Vec<(u32, Entry<'a>)> = stream_of.into_iter().zip(push.entries).collect();
            // Stable: entries of one stream keep their order.
            order.sort_by_key(|(stream, _)| *stream);
            push.entries = order.into_iter().map(|(_, entry)| entry).collect();
        }
        push
    }
}
