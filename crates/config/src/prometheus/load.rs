//! A file, with those it names, becomes a configuration.

use std::{
    io,
    path::{Path, PathBuf},
    rc::Rc,
};

use platform::FileSystem;

use super::{Config, ScrapeConfig, environment::expand};
use crate::{
    decode::{Check, Decoder, List, decode_document, section},
    error::{Error, Fault, Problem},
    files::{glob, read_text},
    yaml::Node,
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
        let folder = self.path.parent().unwrap_or(Path::new(""));
        crate::decode::Field::join_folder(&mut config, folder);
        let scrape_configs = config.scrape_configs.to_vec();
        Ok(Loaded { config, scrape_configs, warnings })
    }

    /// Adds the scrape configurations of the files that the main file names.
    ///
    /// # Errors
    /// A file cannot be read, is refused, or has a job that is already there.
    pub fn load_scrape_configs(&self, loaded: &mut Loaded) -> Result<(), Error> {
        let mut jobs: Vec<(String, String)> = Vec::new();
        for job in &loaded.config.scrape_configs {
            jobs.push((job.job_name.clone(), "main config file".into()));
        }
        for pattern in loaded.config.scrape_config_files.clone() {
            let matches = glob(self.files, pattern.as_str()).map_err(|_| Error::Pattern {
                path: self.path.into(),
                pattern: pattern.as_str().into(),
                what: "scrape config files",
            })?;
            for path in matches {
                let full = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
                let refuse = |fault| Error::ScrapeConfigFile { path: full.clone(), fault };
                let (found, node) = self.load_scrape_config_file(&path, &full, loaded)?;
                for (index, job) in found.into_iter().enumerate() {
                    if let Some((_, first)) = jobs.iter().find(|(name, _)| *name == job.job_name) {
                        let quoted = model::quote::quote(&job.job_name);
                        let message = format!(
                            "found multiple scrape configs with job name {quoted}, first found in {first}"
                        );
                        let at =
                            super::items(&node, "scrape_configs").get(index).map_or(node.at, |item| item.at);
                        let key = format!("scrape_configs[{index}].job_name");
                        return Err(refuse(Fault::Invalid(Box::new(Problem::new(at, key, message)))));
                    }
                    jobs.push((job.job_name.clone(), model::quote::quote(&full.to_string_lossy())));
                    loaded.scrape_configs.push(job);
                }
            }
        }
        Ok(())
    }

    fn load_scrape_config_file(
        &self,
        path: &Path,
        full: &Path,
        loaded: &mut Loaded,
    ) -> Result<(Vec<ScrapeConfig>, Rc<Node>), Error> {
        let refuse = |fault| Error::ScrapeConfigFile { path: full.into(), fault };
        let text = self.read(path)?;
        let mut decoder = self.decoder();
        let mut file = ScrapeConfigsFile::default();
        let node = decode_document(&mut file, &text, &mut decoder).map_err(refuse)?;
        let invalid = |problem| refuse(Fault::Invalid(problem));
        let message = "empty or null scrape config section";
        file.scrape_configs.refuse_null(&decoder, "scrape_configs", message).map_err(invalid)?;
        let nodes = super::items(&node, "scrape_configs");
        for (index, (job, node)) in file.scrape_configs.iter_mut().zip(nodes).enumerate() {
            let key = format!("scrape_configs[{index}]");
            let filled = decoder.under(key, |decoder| job.fill_in(&loaded.config.global, node, decoder));
            filled.map_err(invalid)?;
        }
        crate::decode::Field::join_folder(&mut file, path.parent().unwrap_or(Path::new("")));
        loaded.warnings.extend(decoder.warnings.drain(..).map(|warning| (path.into(), warning)));
        Ok((file.scrape_configs.to_vec(), node))
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
        } else if !config.remote_read.is_empty() {
            "remote_read"
        } else {
            return Ok(());
        };
        Err(Error::AgentMode { path: self.path.into(), field })
    }
}
