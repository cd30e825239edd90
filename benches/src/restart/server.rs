//! A server that is started and ended.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use platform::Clock;
use rustix::process::{Pid, Signal, kill_process};

use super::Question;
use crate::flags::Given;
use crate::http::{Connection, Url};
use crate::process::{self, Cost};
use crate::{Error, pace};

/// A server that is started and ended; it does not outlive this.
pub(super) struct Server<'a> {
    url: Url,
    ready: String,
    command: Vec<String>,
    show_log: bool,
    clock: &'a dyn Clock,
    patience: Duration,
    child: Option<Child>,
}

/// What a start took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    /// Until it said that it is ready.
    pub(super) ready: Duration,
    /// Until its first right answer.
    pub(super) answered: Duration,
    /// What it had cost by then.
    pub(super) cost: Cost,
}

/// How it is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// At once.
    Kill,
    /// As an operator stops it.
    Terminate,
}

/// How long it is left alone between two questions.
const PAUSE: Duration = Duration::from_millis(5);

impl<'a> Server<'a> {
    pub(super) fn new(given: &Given, clock: &'a dyn Clock, patience: Duration) -> Result<Self, Error> {
        if given.rest().is_empty() {
            return Err(Error::Usage("the server's command is needed behind --".to_owned()));
        }
        Ok(Self {
            url: Url::of(given.required("url")?)?,
            ready: given.text("ready").to_owned(),
            command: given.rest().to_vec(),
            show_log: given.is_on("show-log"),
            clock,
            patience,
            child: None,
        })
    }

    /// Starts it and asks until it answers rightly.
    pub(super) fn start(&mut self, question: &mut Question) -> Result<Start, Error> {
        let (program, arguments) =
            self.command.split_first().map_or(("", &[][..]), |(first, rest)| (first, rest));
        let log = || if self.show_log { Stdio::inherit() } else { Stdio::null() };
        let began = self.clock.monotonic();
        let child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log())
            .spawn();
        self.child = Some(child.map_err(Error::io(program))?);
        let ready_path = self.url.join(&self.ready);
        self.until(began, "the server is ready", |server| {
            Ok(Connection::to(&server.url)?.get(ready_path.path()).is_ok())
        })?;
        let ready = self.clock.monotonic().saturating_sub(began);
        let url = self.url.to_string();
        self.until(began, "the right answer", |_| question.ask(&url))?;
        let answered = self.clock.monotonic().saturating_sub(began);
        let pid = self.child.as_ref().map_or(0, Child::id);
        Ok(Start { ready, answered, cost: process::cost(&pid.to_string()).unwrap_or_default() })
    }

    /// Asks again and again; what fails counts as not yet, as long as the server runs.
    fn until(
        &mut self,
        began: Duration,
        what: &str,
        mut ask: impl FnMut(&Self) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        while !ask(self).unwrap_or(false) {
            let status = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
            if let Some(status) = status {
                let source = std::io::Error::other(format!("ended with {status}"));
                return Err(Error::Io { what: self.command.first().cloned().unwrap_or_default(), source });
            }
            if self.clock.monotonic().saturating_sub(began) > self.patience {
                return Err(Error::TooLate { what: what.to_owned(), seconds: self.patience.as_secs() });
            }
            pace::wait(PAUSE);
        }
        Ok(())
    }

    /// Ends it and waits until it is gone; how long that took.
    pub(super) fn end(&mut self, how: Stop) -> Result<Duration, Error> {
        let Some(mut child) = self.child.take() else { return Ok(Duration::ZERO) };
        let began = self.clock.monotonic();
        let signalled = match (how, i32::try_from(child.id()).ok().and_then(Pid::from_raw)) {
            (Stop::Terminate, Some(pid)) => kill_process(pid, Signal::TERM).map_err(std::io::Error::from),
            _ => child.kill(),
        };
        signalled.map_err(Error::io("ending the server"))?;
        while child.try_wait().map_err(Error::io("ending the server"))?.is_none() {
            if self.clock.monotonic().saturating_sub(began) > self.patience {
                self.child = Some(child);
                return Err(Error::TooLate { what: "the stop".to_owned(), seconds: self.patience.as_secs() });
            }
            pace::wait(PAUSE);
        }
        Ok(self.clock.monotonic().saturating_sub(began))
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may be gone.
            let _ = child.kill().and_then(|()| child.wait());
        }
    }
}
