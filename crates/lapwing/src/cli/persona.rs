//! As which program the binary was called.

use std::path::Path;

/// The program whose command line is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Persona {
    /// Itself: subcommands, or the server without one.
    Lapwing,
    /// A link named `prometheus`: the server.
    Prometheus,
    /// A link named `promtool`.
    Promtool,
    /// A link named `alertmanager`.
    Alertmanager,
    /// A link named `amtool`.
    Amtool,
    /// A link named `loki`.
    Loki,
    /// A link named `logcli`.
    Logcli,
    /// A link with the name of a program whose command line comes with a later version.
    Later(&'static str),
}

impl Persona {
    /// The program of a path as it stands in the first argument.
    pub(crate) fn of(argument: &str) -> Self {
        match Path::new(argument).file_name().and_then(|name| name.to_str()) {
            Some("prometheus") => Self::Prometheus,
            Some("promtool") => Self::Promtool,
            Some("loki") => Self::Loki,
            Some("logcli") => Self::Logcli,
            Some("promtail") => Self::Later("promtail"),
            Some("alertmanager") => Self::Alertmanager,
            Some("amtool") => Self::Amtool,
            _ => Self::Lapwing,
        }
    }
}
