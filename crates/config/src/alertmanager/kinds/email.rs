//! Mail.

use std::collections::BTreeMap;

use notify::integration::{Email, Threading};

use super::*;

keys!(Email as "config.plain" {
    to => ["to"];
    from => ["from"];
    hello => ["hello"];
    smarthost => ["smarthost"];
    auth_username => ["auth_username"];
    auth_password => ["auth_password"];
    auth_password_file => ["auth_password_file"];
    auth_secret => ["auth_secret"];
    auth_secret_file => ["auth_secret_file"];
    auth_identity => ["auth_identity"];
    headers => ["headers"];
    html => ["html", always];
    text => ["text"];
    require_tls => ["require_tls"];
    force_implicit_tls => ["force_implicit_tls"];
    threading => ["threading"];
});

keys!(Threading as "email.ThreadingConfig" {
    enabled => ["enabled"];
    thread_by_date => ["thread_by_date"];
});

impl Check for Threading {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if !["", "none", "daily"].contains(&self.thread_by_date.as_str()) {
            let message = format!(
                "invalid thread_by_date {}, must be none or daily",
                model::quote::quote(&self.thread_by_date)
            );
            return fail(node, decoder, "thread_by_date", &message);
        }
        Ok(())
    }
}

/// Users write `subject` and `body`, which the original refuses; what they mean is clear.
impl Check for Email {
    fn take_unknown(&mut self, key: &str, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let mut text = String::new();
        let meant = match key {
            "subject" => "headers.Subject",
            "body" => "text",
            _ => return Ok(false),
        };
        if !text.decode(node, decoder)? {
            return Ok(true);
        }
        let problem = decoder.problem(node, format!("{key} is no key of the original, taken for {meant}"));
        decoder.warn(problem);
        if key == "subject" {
            self.headers.insert("Subject".into(), text);
        } else {
            self.text = text;
            if self.html == Email::default().html {
                self.html.clear();
            }
        }
        Ok(true)
    }
}

impl Kind for Email {
    const SEND_RESOLVED: bool = false;
    const SPEAKS_HTTP: bool = false;

    fn look(
        &mut self,
        _http: Option<&HttpClientConfig>,
        node: &Node,
        decoder: &mut Decoder,
    ) -> Result<(), Invalid> {
        if self.to.is_empty() {
            return fail(node, decoder, "to", "missing to address in email config");
        }
        let mut headers = BTreeMap::new();
        for (name, value) in &self.headers {
            let name = canonical(name);
            let threads = self.threading.as_ref().is_some_and(|threading| threading.enabled);
            if threads && (name == "References" || name == "In-Reply-To") {
                let message = format!(
                    "conflicting configuration: threading.enabled conflicts with custom {name} header"
                );
                return fail(node, decoder, "headers", &message);
            }
            let shown = model::quote::quote(&name);
            if headers.insert(name, value.clone()).is_some() {
                return fail(node, decoder, "headers", &format!("duplicate header {shown} in email config"));
            }
        }
        self.headers = headers;
        Ok(())
    }

    fn complete(&mut self, global: &GlobalConfig, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        if self.smarthost.is_zero() {
            if global.smtp_smarthost.is_zero() {
                return fail(node, decoder, "smarthost", "no global SMTP smarthost set");
            }
            self.smarthost = global.smtp_smarthost.clone();
        }
        if self.from.is_empty() {
            if global.smtp_from.is_empty() {
                return fail(node, decoder, "from", "no global SMTP from set");
            }
            self.from.clone_from(&global.smtp_from);
        }
        if self.hello.is_empty() {
            self.hello.clone_from(&global.smtp_hello);
        }
        if self.auth_username.is_empty() {
            self.auth_username.clone_from(&global.smtp_auth_username);
        }
        if self.auth_password.is_empty() && self.auth_password_file.is_zero() {
            self.auth_password.clone_from(&global.smtp_auth_password);
            self.auth_password_file.clone_from(&global.smtp_auth_password_file);
        }
        if self.auth_secret.is_empty() && self.auth_secret_file.is_zero() {
            self.auth_secret.clone_from(&global.smtp_auth_secret);
            self.auth_secret_file.clone_from(&global.smtp_auth_secret_file);
        }
        if self.auth_identity.is_empty() {
            self.auth_identity.clone_from(&global.smtp_auth_identity);
        }
        self.require_tls.get_or_insert(global.smtp_require_tls);
        self.force_implicit_tls = self.force_implicit_tls.or(global.smtp_force_implicit_tls);
        let subject = "{{ template \"email.default.subject\" . }}";
        for (name, value) in [("Subject", subject), ("To", &self.to), ("From", &self.from)] {
            self.headers.entry(name.into()).or_insert_with(|| value.to_owned());
        }
        Ok(())
    }
}

/// The usual spelling of a header: capitals at the start and behind each hyphen.
fn canonical(name: &str) -> String {
    let mut starts = true;
    let spelled = name.chars().map(|character| {
        let spelled = if starts { character.to_ascii_uppercase() } else { character.to_ascii_lowercase() };
        starts = character == '-';
        spelled
    });
    spelled.collect()
}
