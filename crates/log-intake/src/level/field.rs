//! The values of fields that are levels.

/// The level that a field of a line names, in any case.
pub(crate) fn level_of(value: &[u8]) -> Option<&'static str> {
    const NAMES: [(&str, &str); 13] = [
        ("trace", "trace"),
        ("trc", "trace"),
        ("debug", "debug"),
        ("dbg", "debug"),
        ("info", "info"),
        ("inf", "info"),
        ("warn", "warn"),
        ("wrn", "warn"),
        ("warning", "warn"),
        ("error", "error"),
        ("err", "error"),
        ("critical", "critical"),
        ("fatal", "fatal"),
    ];
    let named = NAMES.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(value));
    named.map(|(_, level)| *level)
}
