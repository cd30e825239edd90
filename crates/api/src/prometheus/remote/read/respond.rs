//! The two forms of an answer, series by series.

use chunks::recode::Value;
use wire::remote::read::{ChunkFrames, SampleToRead, SamplesAnswer};

use super::Failure;
use super::cut::{chunks_within, samples_within};
use super::selection::Selection;
use crate::Services;

/// Frames are sent once there are so many bytes of them.
const SENT_BYTES_MIN: usize = 64 << 10;

/// The message of an answer with samples.
pub(super) fn respond_with_samples(
    services: &Services,
    selections: &[Selection],
    samples_max: Option<u64>,
) -> Result<Vec<u8>, Failure> {
    let mut answer = SamplesAnswer::default();
    for selection in selections {
        let mut found = 0;
        if let Some(set) = selection.select(services)? {
            for position in 0..set.len() {
                let labels = || selection.labels_for_others(set.labels(position));
                if selection.wants_no_samples() {
                    answer.add_series(&labels(), |_| {});
                    continue;
                }
                let samples = samples_within(set.as_ref(), position, selection.range)?;
                found += samples.len() as u64;
                if let Some(max) = samples_max
                    && found > max
                {
                    return Err(Failure::bad_request(format!("exceeded sample limit ({max})")));
                }
                if !samples.is_empty() {
                    answer.add_series(&labels(), |series| {
                        for sample in &samples {
                            series.add(sample.timestamp, borrowed(&sample.value));
                        }
                    });
                }
            }
        }
        answer.end_query();
    }
    Ok(answer.into_message())
}

fn borrowed(value: &Value) -> SampleToRead<'_> {
    match value {
        Value::Float(value) => SampleToRead::Float(*value),
        Value::Histogram(histogram) => SampleToRead::Histogram(histogram),
        Value::FloatHistogram(histogram) => SampleToRead::FloatHistogram(histogram),
    }
}

/// Sends the frames of an answer with chunks; `send` says whether there is still somebody who reads them.
pub(super) fn respond_with_chunks(
    services: &Services,
    selections: &[Selection],
    frame_bytes: usize,
    mut send: impl FnMut(Vec<u8>) -> bool,
) -> Result<(), Failure> {
    let mut frames = ChunkFrames::new(frame_bytes);
    let mut ready = Vec::new();
    for (number, selection) in selections.iter().enumerate() {
        let Some(set) = selection.select(services)? else { continue };
        for position in 0..set.len() {
            frames.begin_series(number, &selection.labels_for_others(set.labels(position)));
            for chunk in chunks_within(set.as_ref(), position, selection.range)? {
                frames.add_chunk((chunk.start, chunk.end), chunk.encoding, &chunk.data, &mut ready);
            }
            frames.end_series(&mut ready);
            if ready.len() >= SENT_BYTES_MIN && !send(std::mem::take(&mut ready)) {
                return Ok(());
            }
        }
    }
    if !ready.is_empty() {
        send(ready);
    }
    Ok(())
}
