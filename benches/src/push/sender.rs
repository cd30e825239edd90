//! One connection and the machines whose samples go over it.

use std::ops::Range;

use super::encode::Encoded;
use super::{Settings, Version};
use crate::Error;
use crate::fleet;
use crate::http::{Connection, Url};

/// A sender of the samples of some machines.
pub(crate) struct Sender {
    connection: Connection,
    series: Encoded,
    machines: Vec<Machine>,
    fleet: fleet::Settings,
    /// The number of places for machines in the whole fleet.
    places: usize,
    start_ms: i64,
    interval_ms: i64,
    batch: usize,
    version: Version,
    body: Vec<u8>,
    compressed: Vec<u8>,
    encoder: snap::raw::Encoder,
    replaced: u64,
}

/// A machine: its place in the fleet, how many stood there before it, and where its series are.
struct Machine {
    place: usize,
    before: usize,
    series: Range<usize>,
}

impl Sender {
    /// All senders; each has as many machines as the others.
    pub(crate) fn all(settings: &Settings, url: &Url, start_ms: i64) -> Result<Vec<Self>, Error> {
        let machines = settings.fleet.machines();
        let mut senders = Vec::new();
        for _ in 0..settings.connections.max(1) {
            senders.push(Self {
                connection: Connection::to(url)?,
                series: Encoded::new(settings.version),
                machines: Vec::new(),
                fleet: settings.fleet,
                places: machines.len(),
                start_ms,
                interval_ms: settings.interval_ms,
                batch: settings.batch.max(1),
                version: settings.version,
                body: Vec::new(),
                compressed: Vec::new(),
                encoder: snap::raw::Encoder::new(),
                replaced: 0,
            });
        }
        let count = senders.len();
        for (place, machine) in machines.iter().enumerate() {
            if let Some(sender) = senders.get_mut(place % count) {
                let start = sender.series.len();
                machine.iter().for_each(|series| sender.series.add(series));
                sender.machines.push(Machine { place, before: 0, series: start..sender.series.len() });
            }
        }
        Ok(senders)
    }

    /// The number of series at any one time.
    pub(crate) fn series(&self) -> usize {
        self.series.len()
    }

    /// The number of series that came in place of others.
    pub(crate) fn replaced(&self) -> u64 {
        self.replaced
    }

    /// Pushes a scrape of all machines.
    pub(crate) fn push(&mut self, scrape: u64) -> Result<(), Error> {
        let timestamp = self.start_ms + self.interval_ms * scrape as i64;
        self.replace(scrape);
        let mut at = 0;
        while at < self.series.len() {
            let end = (at + self.batch).min(self.series.len());
            self.series.request(at..end, (scrape, timestamp), &mut self.body);
            self.send()?;
            at = end;
        }
        Ok(())
    }

    /// Puts others in the place of the machines whose time is over.
    fn replace(&mut self, scrape: u64) {
        if !self.fleet.churn.is_due(scrape) {
            return;
        }
        for machine in &mut self.machines {
            if !self.fleet.churn.replaces(machine.place, scrape, self.fleet.seed) {
                continue;
            }
            machine.before += 1;
            let other = self.fleet.machine(machine.place + machine.before * self.places);
            for (place, series) in machine.series.clone().zip(&other) {
                self.series.replace(place, series);
                self.replaced += 1;
            }
        }
    }

    fn send(&mut self) -> Result<(), Error> {
        self.compressed.resize(snap::raw::max_compress_len(self.body.len()), 0);
        let compressed = self.encoder.compress(&self.body, &mut self.compressed);
        let len = compressed.map_err(|error| Error::Connection {
            url: self.connection.url().to_string(),
            source: std::io::Error::other(error),
        })?;
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
        self.connection.hand_over(&headers, self.compressed.get(..len).unwrap_or_default())
    }
}
