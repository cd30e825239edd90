//! Pushes a corpus to a server, as fast as it takes it.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use platform::Clock;

use super::batch::Batch;
use super::corpus::{Corpus, Settings};
use super::encode::{Form, encode};
use super::report::Report;
use crate::Error;
use crate::http::{Connection, Url};
use crate::process;

/// How a corpus is pushed, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushSettings {
    /// Where requests go: Loki's push.
    pub url: String,
    /// The server's process, for what it costs.
    pub server: Option<u32>,
    /// What is pushed.
    pub corpus: Settings,
    /// How it is written.
    pub form: Form,
    /// Connections that push at once; a stream stays on one of them.
    pub connections: usize,
    /// Bytes of lines in a request, about.
    pub batch_bytes: usize,
    /// The tenant, where the server asks for one.
    pub tenant: Option<String>,
}

/// So many batches wait for a connection at most: the memory of the sender is bounded.
const BATCHES_WAITING: usize = 2;

/// Pushes all entries.
///
/// # Errors
/// At the first request that is not taken.
pub fn push(settings: &PushSettings, clock: &dyn Clock) -> Result<Report, Error> {
    let mut senders = Vec::new();
    for _ in 0..settings.connections.max(1) {
        senders.push(Sender::open(settings)?);
    }
    let cost = || {
        let server = settings.server.and_then(|process| process::cost(&process.to_string()));
        (clock.monotonic(), server.unwrap_or_default(), process::own_cost())
    };
    let before = cost();
    let mut corpus = Corpus::new(settings.corpus);
    let requests = std::thread::scope(|scope| {
        let mut queues = Vec::new();
        let running: Vec<_> = senders
            .into_iter()
            .map(|sender| {
                let (queue, batches) = sync_channel(BATCHES_WAITING);
                queues.push(queue);
                scope.spawn(move || sender.run(&batches))
            })
            .collect();
        deal(&mut corpus, &queues, settings.batch_bytes);
        drop(queues);
        let done = running.into_iter().map(|thread| thread.join().unwrap_or(Err(Error::Panicked)));
        done.sum::<Result<u64, Error>>()
    })?;
    Ok(Report::between(settings.clone(), corpus.totals(), requests, before, cost()))
}

/// Gives the entries to the connections; ends early where one of them takes no more.
fn deal(corpus: &mut Corpus, queues: &[SyncSender<Batch>], batch_bytes: usize) {
    let mut open: Vec<Batch> = queues.iter().map(|_| Batch::default()).collect();
    while let Some(entry) = corpus.next() {
        let place = entry.stream % queues.len().max(1);
        let (Some(batch), Some(queue)) = (open.get_mut(place), queues.get(place)) else { return };
        batch.push(&entry);
        if batch.bytes() >= batch_bytes && queue.send(std::mem::take(batch)).is_err() {
            return;
        }
    }
    for (batch, queue) in open.into_iter().zip(queues) {
        // Whoever takes no more has failed, and says so itself.
        let _ = if batch.is_empty() { Ok(()) } else { queue.send(batch) };
    }
}

/// One connection.
pub(crate) struct Sender {
    settings: PushSettings,
    connection: Connection,
    encoder: snap::raw::Encoder,
    body: Vec<u8>,
    compressed: Vec<u8>,
}

impl Sender {
    /// Connects.
    pub(crate) fn open(settings: &PushSettings) -> Result<Self, Error> {
        let url = Url::parse(&settings.url).ok_or_else(|| Error::Url(settings.url.clone()))?;
        let failed = |source| Error::Connection { url: settings.url.clone(), source };
        Ok(Self {
            settings: settings.clone(),
            connection: Connection::open(&url).map_err(failed)?,
            encoder: snap::raw::Encoder::new(),
            body: Vec::new(),
            compressed: Vec::new(),
        })
    }

    /// Sends all entries of a corpus; says how many.
    pub(crate) fn push(&mut self, corpus: Settings) -> Result<u64, Error> {
        let (mut corpus, mut batch) = (Corpus::new(corpus), Batch::default());
        while let Some(entry) = corpus.next() {
            batch.push(&entry);
            if batch.bytes() >= self.settings.batch_bytes {
                self.send(std::mem::take(&mut batch))?;
            }
        }
        if !batch.is_empty() {
            self.send(batch)?;
        }
        Ok(corpus.totals().all_lines())
    }

    /// Sends batches until there are none left; says how many.
    fn run(mut self, batches: &Receiver<Batch>) -> Result<u64, Error> {
        let mut requests = 0;
        while let Ok(batch) = batches.recv() {
            self.send(batch)?;
            requests += 1;
        }
        Ok(requests)
    }

    fn send(&mut self, mut batch: Batch) -> Result<(), Error> {
        encode(&mut batch, self.settings.form, &mut self.body);
        let url = || self.settings.url.clone();
        let failed = |source: std::io::Error| Error::Connection { url: url(), source };
        let mut body = self.body.as_slice();
        if self.settings.form == Form::Protobuf {
            self.compressed.resize(snap::raw::max_compress_len(body.len()), 0);
            let len = self.encoder.compress(body, &mut self.compressed);
            let len = len.map_err(|error| failed(std::io::Error::other(error)))?;
            body = self.compressed.get(..len).unwrap_or_default();
        }
        let mut headers =
            vec![("Content-Type", self.settings.form.content_type()), ("User-Agent", "lapwing-bench")];
        headers.extend(self.settings.tenant.as_deref().map(|tenant| ("X-Scope-OrgID", tenant)));
        let answer = self.connection.post(&headers, body).map_err(failed)?;
        if answer.status / 100 != 2 {
            return Err(Error::Refused { url: url(), status: answer.status, text: answer.text });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Write};
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    use super::*;
    use crate::http::tests::request;

    /// Answers pushes of one connection; gives the numbers of entries that came.
    fn serve(stream: TcpStream, status: &str) -> usize {
        let mut stream = BufReader::new(stream);
        let mut entries = 0;
        while let Some((_, body)) = request(&mut stream) {
            let body = snap::raw::Decoder::new().decompress_vec(&body).unwrap();
            entries += wire::loki::protobuf(&body).unwrap().entries.len();
            write!(stream.get_mut(), "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").unwrap();
        }
        entries
    }

    fn settings(url: String) -> PushSettings {
        let corpus = Settings {
            bytes: 200_000,
            streams: 12,
            seed: 1,
            end_ms: 1_700_000_000_000,
            span: Duration::from_secs(60),
        };
        let (form, tenant) = (Form::Protobuf, Some("t".to_owned()));
        PushSettings { url, server: None, corpus, form, connections: 2, batch_bytes: 10_000, tenant }
    }

    fn pushed(status: &'static str) -> (Result<Report, Error>, usize) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/loki/api/v1/push", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let streams: Vec<TcpStream> = (0..2).map(|_| listener.accept().unwrap().0).collect();
            let of_streams: Vec<_> =
                streams.into_iter().map(|stream| std::thread::spawn(move || serve(stream, status))).collect();
            of_streams.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        let report = push(&settings(url), &platform::real::RealClock::new());
        (report, server.join().unwrap())
    }

    #[test]
    fn every_entry_arrives() {
        let (report, entries) = pushed("204 No Content");
        let report = report.unwrap();
        assert_eq!(report.totals.all_lines(), entries as u64);
        assert!(report.requests >= 20 && report.totals.all_bytes() > 190_000, "{report:?}");
        let json = report.to_json();
        assert_eq!(json["requests"], report.requests);
        assert_eq!(json["needle"], super::super::needle(1));
    }

    #[test]
    fn a_refusal_ends_the_push() {
        let (report, _) = pushed("429 Too Many Requests");
        assert!(matches!(report, Err(Error::Refused { status: 429, .. })), "{report:?}");
    }

    #[test]
    fn the_url_is_one_of_http() {
        let refused = push(&settings("ftp://x/".to_owned()), &platform::real::RealClock::new());
        assert!(matches!(refused, Err(Error::Url(_))));
    }
}
