//! Asks a server.

use crate::Error;
use crate::http::{ANSWER_BYTES_MAX, Answer, Connection, Url};

use super::{Query, Span};

/// Which language is asked in, and over which interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// PromQL, Prometheus's.
    Metrics,
    /// LogQL, Loki's.
    Logs,
}

/// A connection for queries.
pub(crate) struct Client {
    connection: Connection,
    base: Url,
    language: Language,
    end_ms: i64,
    limit: u64,
}

impl Client {
    /// Connects to the server of a URL; queries are asked for times up to `end_ms`.
    pub(crate) fn new(url: &str, language: Language, end_ms: i64, limit: u64) -> Result<Self, Error> {
        let base = Url::of(url)?;
        Ok(Self { connection: Connection::to(&base)?, base, language, end_ms, limit })
    }

    /// Asks for times up to another one from now on.
    pub(crate) fn set_end(&mut self, end_ms: i64) {
        self.end_ms = end_ms;
    }

    /// The body of the answer, which must be a success.
    pub(crate) fn ask(&mut self, query: &Query) -> Result<String, Error> {
        let answer = self.answer(query)?;
        if answer.status == 200 {
            return Ok(answer.text);
        }
        let text = format!("{}: {}", query.line(), answer.text.chars().take(300).collect::<String>());
        Err(Error::Refused { url: self.base.to_string(), status: answer.status, text })
    }

    /// The answer, whatever it is.
    pub(crate) fn answer(&mut self, query: &Query) -> Result<Answer, Error> {
        let (path, body) = self.form(query);
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        let answer = self.connection.ask("POST", &path, &headers, body.as_bytes(), ANSWER_BYTES_MAX);
        answer.map_err(|source| Error::Connection { url: self.base.to_string(), source })
    }

    /// Path and body of a request.
    pub(super) fn form(&self, query: &Query) -> (String, String) {
        // Loki takes nanoseconds, Prometheus seconds.
        let time = |ms: i64| match self.language {
            Language::Metrics => format!("{}.{:03}", ms.div_euclid(1000), ms.rem_euclid(1000)),
            Language::Logs => format!("{ms}000000"),
        };
        let prefix = if self.language == Language::Logs { "/loki" } else { "" };
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("query", &query.text);
        if self.limit > 0 {
            form.append_pair("limit", &self.limit.to_string());
        }
        let path = match query.span {
            Span::Instant => {
                form.append_pair("time", &time(self.end_ms));
                "query"
            }
            Span::Range(range, step) => {
                form.append_pair("start", &time(self.end_ms - range as i64 * 1000));
                form.append_pair("end", &time(self.end_ms));
                form.append_pair("step", &step.to_string());
                "query_range"
            }
        };
        let below = self.base.join(&format!("{prefix}/api/v1/{path}"));
        (below.path().to_owned(), form.finish())
    }
}
