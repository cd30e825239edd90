//! A receiver of notifications.

use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::Error;

/// A receiver of notifications, until the process ends.
pub(super) struct Hook {
    heard: Arc<(Mutex<Heard>, Condvar)>,
}

/// What was heard.
#[derive(Debug, Default)]
struct Heard {
    /// The services whose groups were told.
    services: BTreeSet<String>,
    notifications: u64,
}

impl Hook {
    /// Listens at an address.
    pub(super) fn listen(address: &str) -> Result<Self, Error> {
        let listener = TcpListener::bind(address).map_err(Error::io(address))?;
        Ok(Self::of(listener))
    }

    pub(super) fn of(listener: TcpListener) -> Self {
        let heard = Arc::new((Mutex::new(Heard::default()), Condvar::new()));
        let hearing = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let hearing = Arc::clone(&hearing);
                // Who goes away in the middle of a request has told nothing.
                std::thread::spawn(move || hear(stream, &hearing));
            }
        });
        Self { heard }
    }

    /// Waits until what was told is enough; `None` where it is not in time.
    pub(super) fn wait(&self, patience: Duration, enough: impl Fn(&BTreeSet<String>) -> bool) -> Option<()> {
        let (heard, changed) = &*self.heard;
        let guard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(guard, patience, |heard| !enough(&heard.services));
        let (heard, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        drop(heard);
        (!timeout.timed_out()).then_some(())
    }

    /// Notifications so far.
    pub(super) fn count(&self) -> u64 {
        self.heard.0.lock().unwrap_or_else(PoisonError::into_inner).notifications
    }
}

fn hear(stream: TcpStream, (heard, changed): &(Mutex<Heard>, Condvar)) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let (mut line, mut body) = (String::new(), Vec::new());
    loop {
        let mut len = 0;
        loop {
            line.clear();
            if stream.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let header = line.trim_end().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                len = value.trim().parse().map_err(io::Error::other)?;
            }
        }
        body.clear();
        (&mut stream).take(len).read_to_end(&mut body)?;
        {
            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.notifications += 1;
            heard.services.extend(service(&body));
        }
        changed.notify_all();
        stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
    }
}

/// The service whose group a notification tells of. The notification itself may hold thousands of alerts: its start is enough.
fn service(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, labels) = text.split_once("\"groupLabels\":")?;
    let mut values = serde_json::Deserializer::from_str(labels).into_iter::<serde_json::Value>();
    Some(values.next()?.ok()?.get("service")?.as_str()?.to_owned())
}
