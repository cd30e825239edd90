//! A file, with those it names, becomes a configuration.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
};

use platform::FileSystem;

use super::{Config, ScrapeConfig, environment::expand, item};
use crate::{
    decode::{Check, Decoder, Field, List, decode_document, section},
    error::{Error, Fault, Problem},
    files::{glob, read_text},
};

/// Which program the configuration is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The server.
    #[default]
    Server,
    /// The agent, which only forwards.
    Agent,
}

/// Features of the command line that change what a file leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// Each scrape tells more about itself.
    pub extra_scrape_metrics: bool,
    /// Targets are asked for the protobuf format first, the one that carries all start times.
    pub protobuf_first: bool,
}

/// Where a configuration is, and what the world around it is.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The main file.
    pub path: &'a Path,
    /// Files.
    pub files: &'a dyn FileSystem,
    /// Variables of the environment, for the external labels.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// Which program the configuration is for.
    pub mode: Mode,
    /// What the command line switched on.
    pub features: Features,
    /// Whether unknown keys are passed over.
    pub ignore_unknown_keys: bool,
}

/// A configuration as it was loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// What the main file says, defaults filled in.
    pub config: Config,
    /// Scrape configurations of the main file, then those of further files.
    pub scrape_configs: Vec<ScrapeConfig>,
    /// What was accepted but deserves a word, with the file it stands in.
    pub warnings: Vec<(PathBuf, Problem)>,
}

section! {
    /// A file that `scrape_config_files` names.
    struct ScrapeConfigsFile as "config.ScrapeConfigs" {
        /// What is scraped.
        scrape_configs: List<ScrapeConfig> = List::default() => ["scrape_configs"];
    }
}

impl Check for ScrapeConfigsFile {}

impl Source<'_> {
    /// Reads the main file and the files of scrape configurations that it names.
    ///
    /// # Errors
    /// A file cannot be read or is refused.
    pub fn load(&self) -> Result<Loaded, Error> {
        let mut loaded = self.load_main()?;
        self.load_scrape_configs(&mut loaded)?;
        Ok(loaded)
    }

    /// Reads the main file alone; its own scrape configurations are the only ones.
    ///
    /// # Errors
    /// The file cannot be read or is refused.
    pub fn load_main(&self) -> Result<Loaded, Error> {
        let text = self.read(self.path)?;
        self.load_text(&text)
    }

    /// Takes `text` for what the main file holds.
    ///
    /// # Errors
    /// The text is refused.
    pub fn load_text(&self, text: &str) -> Result<Loaded, Error> {
        let refuse = |fault| Error::File { path: self.path.into(), fault };
        let mut decoder = self.decoder();
        let mut config = Config::default();
        decode_document(&mut config, text, &mut decoder).map_err(refuse)?;
        let mut warnings: Vec<_> =
            decoder.warnings.drain(..).map(|warning| (self.path.into(), warning)).collect();
        for value in config.global.external_labels.values_mut() {
            *value = expand(value, self.environment, |name| {
                let message = format!("the environment variable {name} is empty or not set");
                warnings.push((
                    self.path.into(),
                    Problem::new(Default::default(), "global.external_labels", message),
                ));
            });
        }
        self.check_mode(&config)?;
        let Config { global, scrape_configs, .. } = &mut config;
        scrape_configs.iter_mut().for_each(|job| job.complete(global, self.features));
        let folder = self.path.parent().unwrap_or(Path::new(""));
        config.join_folder(folder);
        let scrape_configs = config.scrape_configs.to_vec();
        Ok(Loaded { config, scrape_configs, warnings })
    }

    /// Adds the scrape configurations of the files that the main file names.
    ///
    /// # Errors
    /// A file cannot be read, is refused, or has a job that is already there.
    pub fn load_scrape_configs(&self, loaded: &mut Loaded) -> Result<(), Error> {
        let own = loaded.config.scrape_configs.iter();
        let mut jobs: HashMap<String, String> =
            own.map(|job| (job.job_name.clone(), "main config file".into())).collect();
        for pattern in loaded.config.scrape_config_files.clone() {
            let matches = glob(self.files, pattern.as_str()).map_err(|_| Error::Pattern {
                path: self.path.into(),
                pattern: pattern.as_str().into(),
                what: "scrape config files",
            })?;
            for path in matches {
                self.load_scrape_config_file(&path, loaded, &mut jobs)?;
            }
        }
        Ok(())
    }

    /// Adds the scrape configurations of one file; `jobs` says of each job where it was first found.
    fn load_scrape_config_file(
        &self,
        path: &Path,
        loaded: &mut Loaded,
        jobs: &mut HashMap<String, String>,
    ) -> Result<(), Error> {
        let full = std::path::absolute(path).unwrap_or_else(|_| path.into());
        let refuse = |fault| Error::ScrapeConfigFile { path: full.clone(), fault };
        let invalid = |problem| refuse(Fault::Invalid(problem));
        let text = self.read(path)?;
        let mut decoder = self.decoder();
        let mut file = ScrapeConfigsFile::default();
        let root = decode_document(&mut file, &text, &mut decoder).map_err(refuse)?;
        let message = "empty or null scrape config section";
        file.scrape_configs.refuse_null(&decoder, "scrape_configs", message).map_err(invalid)?;
        for (index, job) in file.scrape_configs.iter_mut().enumerate() {
            let (key, node) = (format!("scrape_configs[{index}]"), item(&root, "scrape_configs", index));
            decoder
                .under(key, |decoder| {
                    job.fill_in(&loaded.config.global, node, decoder)?;
                    match jobs.get(&job.job_name) {
                        None => Ok(()),
                        Some(first) => {
                            let name = model::quote::quote(&job.job_name);
                            let message = format!(
                                "found multiple scrape configs with job name {name}, first found in {first}"
                            );
                            Err(decoder.invalid_key(node, "job_name", message))
                        }
                    }
                })
                .map_err(invalid)?;
            jobs.insert(job.job_name.clone(), model::quote::quote(&full.to_string_lossy()));
        }
        let global = &loaded.config.global;
        file.scrape_configs.iter_mut().for_each(|job| job.complete(global, self.features));
        file.join_folder(path.parent().unwrap_or(Path::new("")));
        loaded.warnings.extend(decoder.warnings.drain(..).map(|warning| (path.into(), warning)));
        loaded.scrape_configs.extend(file.scrape_configs.iter().cloned());
        Ok(())
    }

    fn decoder(&self) -> Decoder {
        Decoder::new(self.ignore_unknown_keys)
    }

    fn read(&self, path: &Path) -> Result<String, Error> {
        read_text(self.files, path).map_err(|error: io::Error| Error::Read {
            path: path.into(),
            message: crate::files::describe("open", path, &error),
        })
    }

    fn check_mode(&self, config: &Config) -> Result<(), Error> {
        if self.mode == Mode::Server {
            return Ok(());
        }
        let alerting =
            !config.alerting.alertmanagers.is_empty() || !config.alerting.alert_relabel_configs.is_empty();
        let field = if alerting {
            "alerting"
        } else if !config.rule_files.is_empty() {
            "rule_files"
        } else if !config.log_rule_files.is_empty() {
            "log_rule_files"
        } else if !config.remote_read.is_empty() {
            "remote_read"
        } else {
            return Ok(());
        };
        Err(Error::AgentMode { path: self.path.into(), field })
    }
}
