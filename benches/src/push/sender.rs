//! One connection and the machines whose samples go over it.

use super::encode::Encoded;
use super::{Error, Settings, Version};
use crate::fleet;
use crate::http::{Connection, Url};

/// A sender of the samples of some machines.
pub(super) struct Sender {
    url: String,
    connection: Connection,
    series: Encoded,
    start_ms: i64,
    interval_ms: i64,
    batch: usize,
    version: Version,
    body: Vec<u8>,
    compressed: Vec<u8>,
    encoder: snap::raw::Encoder,
}

impl Sender {
    /// All senders; each has as many machines as the others.
    pub(super) fn all(settings: &Settings, url: &Url, start_ms: i64) -> Result<Vec<Self>, Error> {
        let failed = |source| Error::Connection { url: settings.url.clone(), source };
        let mut senders = Vec::new();
        for _ in 0..settings.connections.max(1) {
            senders.push(Self {
                url: settings.url.clone(),
                connection: Connection::open(url).map_err(failed)?,
                series: Encoded::new(settings.version),
                start_ms,
                interval_ms: settings.interval_ms,
                batch: settings.batch.max(1),
                version: settings.version,
                body: Vec::new(),
                compressed: Vec::new(),
                encoder: snap::raw::Encoder::new(),
            });
        }
        let mut left = settings.fleet.series;
        let count = senders.len();
        for number in 0.. {
            if left == 0 {
                break;
            }
            let mut machine = fleet::machine(number, settings.fleet.seed);
            machine.truncate(left);
            left -= machine.len();
            if let Some(sender) = senders.get_mut(number % count) {
                machine.iter().for_each(|series| sender.series.add(series));
            }
        }
        Ok(senders)
    }

    pub(super) fn series(&self) -> usize {
        self.series.len()
    }

    /// Pushes a scrape of all machines.
    pub(super) fn push(&mut self, scrape: u64) -> Result<(), Error> {
        let timestamp = self.start_ms + self.interval_ms * scrape as i64;
        let mut at = 0;
        while at < self.series.len() {
            let end = (at + self.batch).min(self.series.len());
            self.series.request(at..end, (scrape, timestamp), &mut self.body);
            self.send()?;
            at = end;
        }
        Ok(())
    }

    fn send(&mut self) -> Result<(), Error> {
        self.compressed.resize(snap::raw::max_compress_len(self.body.len()), 0);
        let failed = |source: std::io::Error| Error::Connection { url: self.url.clone(), source };
        let compressed = self.encoder.compress(&self.body, &mut self.compressed);
        let len = compressed.map_err(|error| failed(std::io::Error::other(error)))?;
        let (kind, version) = match self.version {
            Version::V1 => ("application/x-protobuf", "0.1.0"),
            Version::V2 => ("application/x-protobuf;proto=io.prometheus.write.v2.Request", "2.0.0"),
        };
        let headers = [
            ("Content-Type", kind),
            ("Content-Encoding", "snappy"),
            ("X-Prometheus-Remote-Write-Version", version),
            ("User-Agent", "lapwing-bench"),
        ];
        let body = self.compressed.get(..len).unwrap_or_default();
        let answer = self.connection.post(&headers, body).map_err(failed)?;
        if answer.status / 100 != 2 {
            return Err(Error::Refused { url: self.url.clone(), status: answer.status, text: answer.text });
        }
        Ok(())
    }
}
