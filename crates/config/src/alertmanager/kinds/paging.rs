//! PagerDuty, OpsGenie, VictorOps and Pushover.

use notify::integration::{
    OpsGenie, OpsGenieResponder, PagerDuty, PagerDutyImage, PagerDutyLink, Pushover, VictorOps,
};
use notify::values::Tree;

use super::*;

keys!(PagerDuty as "pagerduty.plain" {
    service_key => ["service_key"];
    service_key_file => ["service_key_file"];
    routing_key => ["routing_key"];
    routing_key_file => ["routing_key_file"];
    url => ["url"];
    client => ["client"];
    client_url => ["client_url"];
    description => ["description"];
    details => ["details"];
    images => ["images"];
    links => ["links"];
    source => ["source"];
    severity => ["severity"];
    class => ["class"];
    component => ["component"];
    group => ["group"];
    timeout => ["timeout", always];
});

keys!(PagerDutyImage as "pagerduty.PagerdutyImage" {
    src => ["src"];
    alt => ["alt"];
    href => ["href"];
});

keys!(PagerDutyLink as "pagerduty.PagerdutyLink" {
    href => ["href"];
    text => ["text"];
});

impl Check for PagerDuty {}
impl Check for PagerDutyImage {}
impl Check for PagerDutyLink {}

/// What is said of the alerts unless the file says it in another way.
const DETAILS: [(&str, &str); 4] = [
    ("firing", "{{ .Alerts.Firing | toJson }}"),
    ("resolved", "{{ .Alerts.Resolved | toJson }}"),
    ("num_firing", "{{ .Alerts.Firing | len }}"),
    ("num_resolved", "{{ .Alerts.Resolved | len }}"),
];

impl Kind for PagerDuty {
    fn look(
        &mut self,
        _http: Option<&HttpClientConfig>,
        node: &Node,
        decoder: &mut Decoder,
    ) -> Result<(), Invalid> {
        let (routing, service) = (self.routing_key.is_empty(), self.service_key.is_empty());
        if routing && service && self.routing_key_file.is_zero() && self.service_key_file.is_zero() {
            return fail(node, decoder, "routing_key", "missing service or routing key in PagerDuty config");
        }
        one_of("routing_key", routing, &self.routing_key_file, node, decoder)?;
        one_of("service_key", service, &self.service_key_file, node, decoder)?;
        if self.source.is_empty() {
            self.source.clone_from(&self.client);
        }
        for (name, text) in DETAILS {
            self.details.entry(name.into()).or_insert_with(|| Tree::Text(text.into()));
        }
        Ok(())
    }

    fn complete(&mut self, global: &GlobalConfig, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        take(&mut self.url, &global.pagerduty_url, || {
            fail(node, decoder, "url", "no global PagerDuty URL set")
        })
    }
}

keys!(OpsGenie as "opsgenie.plain" {
    api_key => ["api_key"];
    api_key_file => ["api_key_file"];
    api_url => ["api_url"];
    message => ["message"];
    description => ["description"];
    source => ["source"];
    details => ["details"];
    entity => ["entity"];
    responders => ["responders"];
    actions => ["actions"];
    tags => ["tags"];
    note => ["note"];
    priority => ["priority"];
    update_alerts => ["update_alerts"];
});

keys!(OpsGenieResponder as "opsgenie.OpsGenieConfigResponder" {
    id => ["id"];
    name => ["name"];
    username => ["username"];
    kind => ["type"];
});

impl Check for OpsGenieResponder {}
impl Check for OpsGenie {}

const RESPONDERS: [&str; 5] = ["team", "teams", "user", "escalation", "schedule"];

impl Kind for OpsGenie {
    fn look(
        &mut self,
        _http: Option<&HttpClientConfig>,
        node: &Node,
        decoder: &mut Decoder,
    ) -> Result<(), Invalid> {
        one_of("api_key", self.api_key.is_empty(), &self.api_key_file, node, decoder)?;
        for OpsGenieResponder { id, name, username, kind } in &self.responders {
            let shown = format!("{{{id} {name} {username} {kind}}}");
            if id.is_empty() && name.is_empty() && username.is_empty() {
                let message = format!(
                    "opsGenieConfig responder {shown} has to have at least one of id, username or name specified"
                );
                return fail(node, decoder, "responders", &message);
            }
            if !kind.contains("{{") && !RESPONDERS.contains(&kind.to_lowercase().as_str()) {
                let message = format!(
                    "opsGenieConfig responder {shown} type does not match valid options {}",
                    "^(team|teams|user|escalation|schedule)$"
                );
                return fail(node, decoder, "responders", &message);
            }
        }
        Ok(())
    }

    fn complete(&mut self, global: &GlobalConfig, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        take(&mut self.api_url, &global.opsgenie_api_url, || {
            fail(node, decoder, "api_url", "no global OpsGenie URL set")
        })?;
        end_with_slash(&mut self.api_url);
        take_secret(
            (&mut self.api_key, &mut self.api_key_file),
            (&global.opsgenie_api_key, &global.opsgenie_api_key_file),
            || {
                let message = "no global OpsGenie API Key set either inline or in a file";
                fail(node, decoder, "api_key", message)
            },
        )
    }
}

keys!(VictorOps as "victorops.plain" {
    api_key => ["api_key"];
    api_key_file => ["api_key_file"];
    api_url => ["api_url"];
    routing_key => ["routing_key"];
    message_type => ["message_type"];
    state_message => ["state_message"];
    entity_display_name => ["entity_display_name"];
    monitoring_tool => ["monitoring_tool"];
    custom_fields => ["custom_fields"];
});

impl Check for VictorOps {}

/// Fields that a message has anyway.
const RESERVED_FIELDS: [&str; 7] = [
    "routing_key",
    "message_type",
    "state_message",
    "entity_display_name",
    "monitoring_tool",
    "entity_id",
    "entity_state",
];

impl Kind for VictorOps {
    fn look(
        &mut self,
        _http: Option<&HttpClientConfig>,
        node: &Node,
        decoder: &mut Decoder,
    ) -> Result<(), Invalid> {
        if self.routing_key.is_empty() {
            return fail(node, decoder, "routing_key", "missing Routing key in VictorOps config");
        }
        one_of("api_key", self.api_key.is_empty(), &self.api_key_file, node, decoder)?;
        if let Some(name) = RESERVED_FIELDS.iter().find(|name| self.custom_fields.contains_key(**name)) {
            let message = format!(
                "victorOps config contains custom field {name} which cannot be used as it conflicts with the fixed/static fields"
            );
            return fail(node, decoder, "custom_fields", &message);
        }
        Ok(())
    }

    fn complete(&mut self, global: &GlobalConfig, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        take(&mut self.api_url, &global.victorops_api_url, || {
            fail(node, decoder, "api_url", "no global VictorOps URL set")
        })?;
        end_with_slash(&mut self.api_url);
        take_secret(
            (&mut self.api_key, &mut self.api_key_file),
            (&global.victorops_api_key, &global.victorops_api_key_file),
            || fail(node, decoder, "api_key", "no global VictorOps API Key set"),
        )
    }
}

keys!(Pushover as "pushover.plain" {
    user_key => ["user_key"];
    user_key_file => ["user_key_file"];
    token => ["token"];
    token_file => ["token_file"];
    title => ["title"];
    message => ["message"];
    url => ["url"];
    url_title => ["url_title"];
    device => ["device"];
    sound => ["sound"];
    priority => ["priority"];
    retry => ["retry"];
    expire => ["expire"];
    ttl => ["ttl"];
    html => ["html"];
    monospace => ["monospace"];
});

impl Check for Pushover {}

impl Kind for Pushover {
    fn look(
        &mut self,
        _http: Option<&HttpClientConfig>,
        node: &Node,
        decoder: &mut Decoder,
    ) -> Result<(), Invalid> {
        need("user_key", self.user_key.is_empty(), &self.user_key_file, node, decoder)?;
        one_of("user_key", self.user_key.is_empty(), &self.user_key_file, node, decoder)?;
        need("token", self.token.is_empty(), &self.token_file, node, decoder)?;
        one_of("token", self.token.is_empty(), &self.token_file, node, decoder)?;
        if self.html && self.monospace {
            return fail(node, decoder, "monospace", "at most one of monospace & html must be configured");
        }
        // Elsewhere a number counts nanoseconds; here it must have a unit.
        for key in ["retry", "expire", "ttl"] {
            let value = node.get(key);
            let written = value.as_ref().and_then(|value| value.scalar()).map(|scalar| scalar.text.as_str());
            let is_number =
                |text: &&str| !["", "0"].contains(text) && text.bytes().all(|byte| byte.is_ascii_digit());
            if let Some(number) = written.filter(is_number) {
                let message = format!("time: missing unit in duration {}", model::quote::quote(number));
                return fail(node, decoder, key, &message);
            }
        }
        Ok(())
    }
}
