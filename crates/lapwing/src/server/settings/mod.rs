//! What the configuration file says, as the settings of the components.

pub(super) mod alertmanagers;
pub(super) mod discovery;
pub(super) mod http;
pub(super) mod notices;
pub(super) mod remote;
pub(super) mod scrape;
