//! `check healthy|ready`: whether a server answers and is ready to.

use std::process::ExitCode;

use http::Method;

use super::super::query::server::{HTTP_CONFIG, Server};
use super::{LOOKBACK, usage_error};
use crate::cli::tool::{Tool, ToolCall, ToolFlag, value};
use crate::complain;

const URL: ToolFlag = value("url", "http://localhost:9090", "The URL for the Prometheus server.");

pub(super) const HEALTHY: Tool = Tool {
    name: "check healthy",
    about: "Check if the Prometheus server is healthy.",
    flags: &[HTTP_CONFIG, URL, LOOKBACK],
    arguments: &[],
};

pub(super) const READY: Tool = Tool {
    name: "check ready",
    about: "Check if the Prometheus server is ready.",
    flags: &[HTTP_CONFIG, URL, LOOKBACK],
    arguments: &[],
};

pub(super) fn healthy(program: &str, call: &ToolCall) -> ExitCode {
    check(program, call, "/-/healthy")
}

pub(super) fn ready(program: &str, call: &ToolCall) -> ExitCode {
    check(program, call, "/-/ready")
}

fn check(program: &str, call: &ToolCall, path: &str) -> ExitCode {
    let url = call.get(URL.name);
    let server = match Server::new(url, call) {
        Ok(server) => server,
        Err(error) => return usage_error(program, &error),
    };
    match server.exchange(Method::GET, &format!("{url}{path}"), None) {
        Err(error) => complain(&error.to_string(), 1),
        Ok((200, body)) => complain(&format!("  SUCCESS:  {}", String::from_utf8_lossy(&body)), 0),
        Ok((status, _)) => complain(&format!("check failed: URL={url}, status={status}"), 1),
    }
}
