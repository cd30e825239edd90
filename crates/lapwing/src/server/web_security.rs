//! The `web.config.file`, read anew for each request and each handshake: what is changed holds at once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::serve::{ClientAuth, GuardSource, Rules, TlsSettings, check_key_pair};
use config::FilePath;
use config::prometheus::TlsVersion;
use config::web_config::{ClientAuth as ConfiguredAuth, WebConfig};
use http::{HeaderName, HeaderValue};
use parking_lot::Mutex;
use platform::FileSystem;
use platform::real::RealFileSystem;

/// The longest file that is read.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// A web configuration that is looked at again and again.
pub(super) struct WebSecurity {
    path: PathBuf,
    /// Fixed: a listener does not change between TLS and none.
    speaks_tls: bool,
    seen: Mutex<Seen>,
}

/// What the file held when it was last looked at.
struct Seen {
    text: Vec<u8>,
    config: WebConfig,
    rules: Arc<Rules>,
    /// Certificate, key and certificates for clients, and what was made of them.
    tls: Option<([String; 3], Arc<rustls::ServerConfig>)>,
}

impl WebSecurity {
    /// Reads the file.
    ///
    /// # Errors
    /// It cannot be read or used.
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        let seen = look(path)?;
        let speaks_tls = seen.config.tls.is_on();
        let security = Self { path: path.to_owned(), speaks_tls, seen: Mutex::new(seen) };
        if speaks_tls {
            security.tls()?;
        }
        Ok(security)
    }

    /// Looks at the file again where it has changed.
    fn refresh(&self, seen: &mut Seen) -> Result<(), String> {
        if read(&self.path)? != seen.text {
            *seen = look(&self.path)?;
        }
        Ok(())
    }
}

impl GuardSource for WebSecurity {
    fn rules(&self) -> Result<Arc<Rules>, String> {
        let mut seen = self.seen.lock();
        self.refresh(&mut seen)?;
        Ok(Arc::clone(&seen.rules))
    }

    fn tls(&self) -> Result<Arc<rustls::ServerConfig>, String> {
        let mut seen = self.seen.lock();
        self.refresh(&mut seen)?;
        let tls = &seen.config.tls;
        let pems = [
            pem(&tls.cert, &tls.cert_file)?,
            pem(tls.key.expose(), &tls.key_file)?,
            pem(&tls.client_ca, &tls.client_ca_file)?,
        ];
        if let Some((known, built)) = &seen.tls
            && *known == pems
        {
            return Ok(Arc::clone(built));
        }
        let built = tls_settings(&seen.config, pems.clone()).build()?;
        seen.tls = Some((pems, Arc::clone(&built)));
        Ok(built)
    }

    fn speaks_tls(&self) -> bool {
        self.speaks_tls
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    RealFileSystem.read(path, FILE_BYTES_MAX).map_err(|error| format!("{}: {error}", path.display()))
}

fn look(path: &Path) -> Result<Seen, String> {
    let text = read(path)?;
    let config =
        WebConfig::load(path, &RealFileSystem, &check_key_pair).map_err(|error| error.to_string())?;
    let headers = config.http.headers.iter().filter_map(|(name, value)| {
        Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::try_from(value.as_str()).ok()?))
    });
    let interval = config.rate_limit.interval.0;
    let rules = Rules {
        users: config.users.iter().map(|(name, hash)| (name.clone(), hash.expose().to_owned())).collect(),
        headers: headers.collect(),
        rate_interval: (!interval.is_zero()).then_some(interval),
        rate_burst: u32::try_from(config.rate_limit.burst).unwrap_or(0),
    };
    Ok(Seen { text, config, rules: Arc::new(rules), tls: None })
}

/// A text in place, or what its file holds.
///
/// # Errors
/// The file cannot be read.
pub(super) fn pem(in_place: &str, file: &FilePath) -> Result<String, String> {
    let Some(path) = file.path() else { return Ok(in_place.to_owned()) };
    String::from_utf8(read(path)?).map_err(|error| format!("{}: {error}", path.display()))
}

fn tls_settings(config: &WebConfig, [cert, key, client_ca]: [String; 3]) -> TlsSettings {
    let tls = &config.tls;
    let (oldest, newest) = (tls.min_version, tls.max_version);
    let spoken = |version| oldest <= version && (newest == TlsVersion::Unset || version <= newest);
    TlsSettings {
        cert,
        key,
        client_ca,
        client_auth: match tls.client_auth() {
            None | Some(ConfiguredAuth::None) => ClientAuth::None,
            Some(ConfiguredAuth::Request) => ClientAuth::Request,
            Some(ConfiguredAuth::RequireAny) => ClientAuth::RequireAny,
            Some(ConfiguredAuth::VerifyIfGiven) => ClientAuth::VerifyIfGiven,
            Some(ConfiguredAuth::RequireAndVerify) => ClientAuth::RequireAndVerify,
        },
        client_allowed_sans: tls.client_allowed_sans.clone(),
        tls12: spoken(TlsVersion::Tls12),
        tls13: spoken(TlsVersion::Tls13),
        cipher_suites: tls.cipher_suites.iter().map(|suite| suite.0.clone()).collect(),
        curves: tls.curve_preferences.iter().map(|curve| curve.0.clone()).collect(),
        http2: config.http.http2,
    }
}
