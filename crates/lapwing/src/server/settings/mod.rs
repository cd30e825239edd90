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
    /// What the Alertmanager inside of the server is told.
    pub(super) alertmanager: Option<super::alertmanager::Configured>,
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
            alertmanager: built_in(options)?,
            loaded,
        })
    }
}

fn built_in(options: &ServerOptions) -> Result<Option<super::alertmanager::Configured>, String> {
    let Some(own) = &options.alertmanager else { return Ok(None) };
    let file = &own.config_file;
    let configured = super::alertmanager::Configured::load(file);
    configured.map(Some).map_err(|error| format!("--config.alertmanager={}: {error}", file.display()))
}
