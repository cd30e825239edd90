//! `tail`, and `query --tail`: lines as they come in.

use std::collections::BTreeMap;
use std::time::Duration;

use platform::Clock;
use platform::real::RealClock;
use serde_json::Value;

use super::ask::{Loki, span};
use super::flags::{self, flags};
use super::show::{self, lines_of, text_of};
use crate::cli::tool::{Tool, ToolArgument, ToolCall, ToolFlag, switch, value};
use crate::{answer, complain};

pub(super) const DELAY: ToolFlag =
    value("delay-for", "0", "Delay in tailing by number of seconds, to let late lines come in order.");

/// A connection that lasted so long was a good one.
const STOOD: Duration = Duration::from_secs(10);
/// So often in a row another connection is tried.
const CONNECTIONS_MAX: u32 = 5;

/// `tail`
pub(super) const TAIL: Tool = Tool {
    name: "tail",
    about: "Follow the lines of a LogQL query as they come in.",
    flags: flags![
        flags::LIMIT,
        flags::SINCE,
        flags::FROM,
        flags::TO,
        DELAY,
        switch("no-labels", "Do not print any labels."),
        show::EXCLUDE,
        show::INCLUDE,
        show::LENGTH,
    ],
    arguments: &[ToolArgument { name: "query", required: true, help: "The query." }],
};

/// Follows until the server ends it well, or cannot be reached any more.
#[expect(clippy::disallowed_methods, reason = "a command has nothing else to do while it waits")]
pub(super) fn tail(call: &ToolCall) -> Result<(), String> {
    let loki = Loki::new(call)?;
    let clock = RealClock::new();
    let (mut start, _) = span(call)?;
    let mut failed = 0;
    loop {
        let params = [
            ("query", call.argument(0).unwrap_or_default().to_owned()),
            ("limit", call.get("limit").to_owned()),
            ("start", start.to_string()),
            ("delay_for", call.get(DELAY.name).to_owned()),
        ];
        let mut last = None;
        let began = clock.monotonic();
        let ended = loki.follow(&params, |text| {
            last = last.max(print(call, text)?);
            Ok(())
        });
        // Another connection begins behind what was shown.
        if let Some(last) = last {
            start = start.max(last.saturating_add(1));
        }
        // One that stood for a while was none that failed, also where nothing came in.
        if last.is_some() || clock.monotonic().saturating_sub(began) >= STOOD {
            failed = 0;
        }
        let reason = match ended {
            Ok(ended) if ended.well => return Ok(()),
            Ok(ended) => ended.reason,
            Err(error) if failed == 0 && last.is_none() => {
                return Err(format!("Tailing logs failed: {error}"));
            }
            Err(error) => error,
        };
        if failed >= CONNECTIONS_MAX {
            return Err(format!("Tailing logs failed: {reason}"));
        }
        complain(&format!("Remote websocket closed unexpectedly: {reason}. Connecting again."), 0);
        std::thread::sleep(Duration::from_secs(1 << failed.min(5)));
        failed += 1;
    }
}

/// Prints a message; gives the time of its last line.
fn print(call: &ToolCall, text: &str) -> Result<Option<i64>, String> {
    let message: Value =
        serde_json::from_str(text).map_err(|error| format!("unexpected message: {error}"))?;
    let lines = lines_of(&message["streams"]);
    answer(&text_of(call, &lines, &BTreeMap::new())?, 0);
    let dropped = message["dropped_entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !dropped.is_empty() {
        complain("Server dropped following entries due to slow client", 0);
        for entry in dropped {
            complain(&format!("{} {}", entry["timestamp"].as_str().unwrap_or_default(), entry["labels"]), 0);
        }
    }
    Ok(lines.iter().map(|line| line.time).max())
}
