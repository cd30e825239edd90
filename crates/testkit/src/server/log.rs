//! What a server writes, read while it runs.

use std::io::{BufRead, BufReader, Read};
use std::process::Child;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Both streams of a process, line by line as they come.
#[derive(Debug)]
pub(super) struct Log {
    shared: Arc<Shared>,
    readers: Vec<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    text: Mutex<String>,
    more: Condvar,
}

impl Log {
    /// Reads the streams of `child` that are piped.
    pub(super) fn of(child: &mut Child) -> Self {
        let shared = Arc::new(Shared::default());
        let mut readers = Vec::new();
        if let Some(stream) = child.stdout.take() {
            readers.push(read(stream, Arc::clone(&shared)));
        }
        if let Some(stream) = child.stderr.take() {
            readers.push(read(stream, Arc::clone(&shared)));
        }
        Self { shared, readers }
    }

    /// What was written so far.
    pub(super) fn text(&self) -> String {
        self.shared.text.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All that was written by a process that has ended.
    pub(super) fn text_at_end(&mut self) -> String {
        for reader in self.readers.drain(..) {
            // A reader that panicked has nothing more to give.
            let _ = reader.join();
        }
        self.text()
    }

    /// Waits until something is written, `at_most` so long.
    pub(super) fn wait_for_more(&self, at_most: Duration) {
        let text = self.shared.text.lock().unwrap_or_else(PoisonError::into_inner);
        // Whether it was a line or the time that ended the wait, the caller looks again.
        let _ = self.shared.more.wait_timeout(text, at_most);
    }
}

fn read(stream: impl Read + Send + 'static, shared: Arc<Shared>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let mut text = shared.text.lock().unwrap_or_else(PoisonError::into_inner);
            text.push_str(&String::from_utf8_lossy(&line));
            shared.more.notify_all();
            line.clear();
        }
        shared.more.notify_all();
    })
}
