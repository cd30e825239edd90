//! What the configuration file says, as the settings of the components.

pub(super) mod alertmanagers;
pub(super) mod discovery;
pub(super) mod http;
pub(super) mod notices;
pub(super) mod otlp;
pub(super) mod remote;
pub(super) mod scrape;

use ::config::prometheus::Loaded;

use crate::cli::server_options::ServerOptions;

/// The configuration as it was read, and what it says to each component.
pub(super) struct Configured {
    pub(super) loaded: Loaded,
    pub(super) scrape: ::scrape::Settings,
    pub(super) remote: Vec<::remote::WriteSettings>,
    pub(super) remote_read: Vec<::remote::ReadSettings>,
    pub(super) rules: ::rules::Settings,
    pub(super) alertmanagers: ::notify::Settings,
}

impl Configured {
    /// Reads all files of the configuration.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub(super) fn load(options: &ServerOptions) -> Result<Self, String> {
        let loaded = super::configuration::load(options)?;
        Ok(Self {
            scrape: scrape::settings(&loaded, options.job_series_max)?,
            remote: remote::settings(&loaded)?,
            remote_read: remote::read_settings(&loaded)?,
            rules: super::rules::settings(options, &loaded)?,
            alertmanagers: alertmanagers::settings(&loaded)?,
            loaded,
        })
    }
}
