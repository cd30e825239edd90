//! Answers of remote read: all samples in one message, or chunks in frames.

use model::{FloatHistogram, Histogram, Labels};

use crate::remote::histogram::{encode_float_histogram, encode_histogram};
use crate::remote::write::{encode_labels, put_bytes, put_message, put_sample, put_varint, put_varint_field};

/// An answer with samples: one message, to be compressed as a whole.
#[derive(Debug, Clone, Default)]
pub struct SamplesAnswer {
    message: Vec<u8>,
    /// The series of the query that is being answered.
    result: Vec<u8>,
}

/// A series of an answer with samples.
#[derive(Debug)]
pub struct AnswerSeries<'a> {
    out: &'a mut Vec<u8>,
}

/// A sample of any kind, borrowed from where it stands.
#[derive(Debug, Clone, Copy)]
pub enum SampleToRead<'a> {
    /// A float.
    Float(f64),
    /// A histogram with whole-number counts.
    Histogram(&'a Histogram),
    /// A histogram with fractional counts.
    FloatHistogram(&'a FloatHistogram),
}

impl SamplesAnswer {
    /// Adds a series to the result of the present query.
    pub fn add_series(&mut self, labels: &Labels, write: impl FnOnce(&mut AnswerSeries<'_>)) {
        put_message(&mut self.result, 1, |out| {
            encode_labels(out, labels);
            write(&mut AnswerSeries { out });
        });
    }

    /// Ends the result of a query; one without series is a result too.
    pub fn end_query(&mut self) {
        put_bytes(&mut self.message, 1, &self.result);
        self.result.clear();
    }

    /// The length so far, in bytes.
    pub fn len_bytes(&self) -> usize {
        self.message.len() + self.result.len()
    }

    /// The whole message.
    pub fn into_message(self) -> Vec<u8> {
        self.message
    }
}

impl AnswerSeries<'_> {
    /// Adds a sample.
    pub fn add(&mut self, timestamp: i64, sample: SampleToRead<'_>) {
        match sample {
            SampleToRead::Float(value) => {
                put_message(self.out, 2, |out| put_sample(out, (timestamp, 0, value)));
            }
            SampleToRead::Histogram(histogram) => {
                put_message(self.out, 4, |out| encode_histogram(out, (timestamp, 0), histogram));
            }
            SampleToRead::FloatHistogram(histogram) => {
                put_message(self.out, 4, |out| encode_float_histogram(out, (timestamp, 0), histogram));
            }
        }
    }
}

/// Frames of chunks: `[length uvarint][CRC-32C of the message, big endian][message]`, each of one series.
#[derive(Debug, Clone)]
pub struct ChunkFrames {
    /// A series goes on in the next frame once its chunks have this many bytes.
    frame_bytes: usize,
    labels: Vec<u8>,
    chunks: Vec<u8>,
    query: u64,
}

impl ChunkFrames {
    /// Frames with about this many bytes of chunks at most.
    pub fn new(frame_bytes: usize) -> Self {
        Self { frame_bytes, labels: Vec::new(), chunks: Vec::new(), query: 0 }
    }

    /// Begins a series of the query of this number; the one before has ended.
    pub fn begin_series(&mut self, query: usize, labels: &Labels) {
        self.query = query as u64;
        self.labels.clear();
        encode_labels(&mut self.labels, labels);
    }

    /// Adds a chunk: first and last time, number of the encoding, bytes. Appends a frame to `out` where one is full.
    pub fn add_chunk(&mut self, span: (i64, i64), encoding: u8, data: &[u8], out: &mut Vec<u8>) {
        put_message(&mut self.chunks, 2, |chunk| {
            if span.0 != 0 {
                put_varint_field(chunk, 1, span.0 as u64);
            }
            if span.1 != 0 {
                put_varint_field(chunk, 2, span.1 as u64);
            }
            put_varint_field(chunk, 3, u64::from(encoding));
            put_bytes(chunk, 4, data);
        });
        if self.chunks.len() + self.labels.len() >= self.frame_bytes {
            self.put_frame(out);
        }
    }

    /// Ends a series: appends a frame of what is left of it.
    pub fn end_series(&mut self, out: &mut Vec<u8>) {
        if !self.chunks.is_empty() {
            self.put_frame(out);
        }
    }

    fn put_frame(&mut self, out: &mut Vec<u8>) {
        let mut message = Vec::with_capacity(self.labels.len() + self.chunks.len() + 16);
        put_message(&mut message, 1, |series| {
            series.extend_from_slice(&self.labels);
            series.extend_from_slice(&self.chunks);
        });
        if self.query != 0 {
            put_varint_field(&mut message, 2, self.query);
        }
        put_varint(out, message.len() as u64);
        let checksum = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, &message) as u32;
        out.extend_from_slice(&checksum.to_be_bytes());
        out.extend_from_slice(&message);
        self.chunks.clear();
    }
}
