//! The server binary under test: started on free ports in a folder of its own, asked, stopped.
#![expect(clippy::disallowed_methods, reason = "the fixture works with real files, processes and time")]

mod http;
mod log;
#[cfg(test)]
mod tests;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

pub use http::Response;
use log::Log;

/// How long a server may take to become ready or to stop.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long to wait between two looks at a server that says nothing.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What to start.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// The program.
    pub binary: PathBuf,
    /// Text of the configuration file; `{{port}}` stands for the server's own port.
    pub config: String,
    /// Further arguments.
    pub arguments: Vec<String>,
    /// The data directory; `None` for `data` in the server's folder.
    pub data: Option<PathBuf>,
    /// The path whose 200 tells that the server is ready.
    pub ready_path: String,
}

impl ServerOptions {
    /// A server without targets.
    pub fn new(binary: impl Into<PathBuf>) -> Self {
        Self {
            binary: binary.into(),
            config: "global: {}\n".to_owned(),
            arguments: Vec::new(),
            data: None,
            ready_path: "/-/ready".to_owned(),
        }
    }
}

/// Why a server could not be started, asked or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// Files, sockets or the process failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The process ended before it was ready.
    #[error("{status} before it was ready; its log:\n{log}")]
    Ended {
        /// How it ended.
        status: ExitStatus,
        /// What it wrote.
        log: String,
    },
    /// It was not ready in time.
    #[error("not ready within {PATIENCE:?}; its log:\n{log}")]
    NotReady {
        /// What it wrote.
        log: String,
    },
    /// It did not stop in time and was killed.
    #[error("not stopped within {PATIENCE:?}; its log:\n{log}")]
    NotStopped {
        /// What it wrote.
        log: String,
    },
    /// It did not answer in HTTP.
    #[error("no answer in HTTP from {url}")]
    NoHttp {
        /// What was asked.
        url: String,
    },
}

/// A server that runs. Dropping it kills it.
#[derive(Debug)]
pub struct Server {
    options: ServerOptions,
    folder: TempDir,
    port: u16,
    child: Child,
    log: Log,
}

impl Server {
    /// Starts a server on a free port and waits until it is ready.
    ///
    /// # Errors
    ///
    /// If it cannot be started, ends, or is not ready in time.
    pub fn start(options: ServerOptions) -> Result<Self, ServerError> {
        let folder = tempfile::tempdir()?;
        Self::start_in(options, folder)
    }

    fn start_in(options: ServerOptions, folder: TempDir) -> Result<Self, ServerError> {
        let port = free_port()?;
        let config = folder.path().join("config.yml");
        std::fs::write(&config, options.config.replace("{{port}}", &port.to_string()))?;
        let data = options.data.clone().unwrap_or_else(|| folder.path().join("data"));
        let mut child = Command::new(&options.binary)
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", data.display()))
            .arg(format!("--web.listen-address={}", address(port)))
            .args(&options.arguments)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let log = Log::of(&mut child);
        let mut server = Self { options, folder, port, child, log };
        server.wait_until_ready()?;
        Ok(server)
    }

    fn wait_until_ready(&mut self) -> Result<(), ServerError> {
        let deadline = Instant::now() + PATIENCE;
        let path = self.options.ready_path.clone();
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Err(ServerError::Ended { status, log: self.log.text_at_end() });
            }
            if self.get(&path).is_ok_and(|response| response.status == 200) {
                return Ok(());
            }
            self.log.wait_for_more(LOOK_AGAIN);
        }
        Err(ServerError::NotReady { log: self.log.text() })
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", address(self.port))
    }

    /// The folder that the server works in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.options.data.clone().unwrap_or_else(|| self.folder.path().join("data"))
    }

    /// The process.
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// What the server has written so far, both streams.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Waits until the server has written `text`; whether it did in time.
    pub fn wait_for_log(&self, text: &str) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while !self.log.text().contains(text) {
            if Instant::now() >= deadline {
                return false;
            }
            self.log.wait_for_more(LOOK_AGAIN);
        }
        true
    }

    /// Asks with GET.
    ///
    /// # Errors
    ///
    /// If the server does not answer.
    pub fn get(&self, path: &str) -> Result<Response, ServerError> {
        self.ask("GET", path, &[], b"")
    }

    /// Sends a body with POST.
    ///
    /// # Errors
    ///
    /// If the server does not answer.
    pub fn post(&self, path: &str, content_type: &str, body: &[u8]) -> Result<Response, ServerError> {
        self.ask("POST", path, &[("Content-Type", content_type)], body)
    }

    /// Sends any request.
    ///
    /// # Errors
    ///
    /// If the server does not answer.
    pub fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Response, ServerError> {
        http::ask(address(self.port), method, path, headers, body)?
            .ok_or_else(|| ServerError::NoHttp { url: self.url(path) })
    }

    /// Stops the server with SIGTERM and returns how it ended and what it wrote.
    ///
    /// # Errors
    ///
    /// If it does not end in time; it is killed then.
    pub fn stop(mut self) -> Result<(ExitStatus, String), ServerError> {
        self.signal(Signal::TERM)?;
        let status = self.wait_for_end()?;
        Ok((status, self.log.text_at_end()))
    }

    /// Ends the server with SIGKILL, as a crash would, and starts it again on the same folder.
    ///
    /// # Errors
    ///
    /// As [`Server::start`].
    pub fn crash_and_restart(self) -> Result<Self, ServerError> {
        let (options, folder) = self.crash()?;
        Self::start_in(options, folder)
    }

    /// Ends the server with SIGKILL and returns with what and where it can be started again.
    fn crash(mut self) -> Result<(ServerOptions, TempDir), ServerError> {
        self.child.kill()?;
        self.child.wait()?;
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir()?);
        Ok((self.options.clone(), folder))
    }

    /// Ends the server with SIGKILL and returns its folder, which is removed with the returned value.
    ///
    /// # Errors
    ///
    /// If the process cannot be waited for.
    pub fn kill(self) -> Result<TempDir, ServerError> {
        self.crash().map(|(_, folder)| folder)
    }

    /// Sends a signal, such as `SIGHUP` for a reload.
    ///
    /// # Errors
    ///
    /// If there is no such process any more.
    pub fn signal(&self, signal: Signal) -> Result<(), ServerError> {
        let process = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(process) = process {
            kill_process(process, signal).map_err(std::io::Error::from)?;
        }
        Ok(())
    }

    fn wait_for_end(&mut self) -> Result<ExitStatus, ServerError> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            self.log.wait_for_more(LOOK_AGAIN);
        }
        self.child.kill()?;
        self.child.wait()?;
        Err(ServerError::NotStopped { log: self.log.text_at_end() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A process that has ended already cannot be killed; there is nothing to be done about it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// A port that nobody listens on at the moment.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(address(0))?.local_addr()?.port())
}
