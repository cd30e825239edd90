//! What the flags of the remote endpoints say.

use api::{RemoteReadSettings, RemoteWriteSettings, WriteMessage};

use super::error::UsageError;
use super::parse::Parsed;
use super::server_options::{number, wrong};

/// Settings of `/api/v1/write`; those that features give are off.
pub(super) fn remote_write(parsed: &Parsed) -> Result<RemoteWriteSettings, UsageError> {
    let name = "web.remote-write-receiver.accepted-protobuf-messages";
    let messages = parsed.get(name).split(',').map(|text| {
        WriteMessage::from_name(text).ok_or_else(|| {
            let known = WriteMessage::ALL.map(WriteMessage::as_str).join(" or ");
            wrong(name, format!("expected {known}, found {text}"))
        })
    });
    Ok(RemoteWriteSettings {
        messages: messages.collect::<Result<_, _>>()?,
        ..RemoteWriteSettings::default()
    })
}

/// Settings of `/api/v1/read`.
pub(super) fn remote_read(parsed: &Parsed) -> Result<RemoteReadSettings, UsageError> {
    let samples_max = number(parsed, "storage.remote.read-sample-limit", 0)?;
    Ok(RemoteReadSettings {
        samples_max: (samples_max > 0).then_some(samples_max as u64),
        concurrency_max: number(parsed, "storage.remote.read-concurrent-limit", 1)?,
        frame_bytes: number(parsed, "storage.remote.read-max-bytes-in-frame", 1)?,
    })
}
