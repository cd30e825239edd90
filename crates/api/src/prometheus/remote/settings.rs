//! What the remote endpoints are told by flags.

/// Settings of `/api/v1/write`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteWriteSettings {
    /// The messages that are taken.
    pub messages: Vec<WriteMessage>,
    /// Whether a zero is stored at a counter's start (feature `created-timestamp-zero-ingestion`).
    pub start_zeros: bool,
    /// Whether metadata is stored (feature `metadata-wal-records`).
    pub metadata: bool,
}

/// A kind of message that samples come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteMessage {
    /// Remote write 1.0.
    V1,
    /// Remote write 2.0.
    V2,
}

impl WriteMessage {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::V1, Self::V2];

    /// The name of the message.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "prometheus.WriteRequest",
            Self::V2 => "io.prometheus.write.v2.Request",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|message| message.as_str() == name)
    }
}

impl Default for RemoteWriteSettings {
    fn default() -> Self {
        Self { messages: WriteMessage::ALL.into(), start_zeros: false, metadata: false }
    }
}

/// Settings of `/api/v1/read`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteReadSettings {
    /// The most samples that a query of an answer with samples may find; `None` for any number.
    pub samples_max: Option<u64>,
    /// Requests that are answered at once.
    pub concurrency_max: usize,
    /// Bytes in a frame of chunks.
    pub frame_bytes: usize,
}

impl Default for RemoteReadSettings {
    fn default() -> Self {
        Self { samples_max: Some(50_000_000), concurrency_max: 10, frame_bytes: 1 << 20 }
    }
}
