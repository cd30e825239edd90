//! Webhooks, incident.io and Amazon SNS.

use notify::integration::{IncidentIo, SigV4, Sns, Webhook};

use super::*;

keys!(Webhook as "webhook.plain" {
    url => ["url"];
    url_file => ["url_file", always];
    max_alerts => ["max_alerts", always];
    timeout => ["timeout", always];
    payload => ["payload"];
});

impl Check for Webhook {}

impl Kind for Webhook {
    fn look(
        &mut self,
        _http: Option<&HttpClientConfig>,
        node: &Node,
        decoder: &mut Decoder,
    ) -> Result<(), Invalid> {
        need("url", self.url.is_empty(), &self.url_file, node, decoder)?;
        one_of("url", self.url.is_empty(), &self.url_file, node, decoder)
    }
}

keys!(IncidentIo as "incidentio.plain" {
    url => ["url"];
    url_file => ["url_file"];
    alert_source_token => ["alert_source_token"];
    alert_source_token_file => ["alert_source_token_file"];
    max_alerts => ["max_alerts", always];
    timeout => ["timeout", always];
});

impl Check for IncidentIo {}

impl Kind for IncidentIo {
    fn look(
        &mut self,
        http: Option<&HttpClientConfig>,
        node: &Node,
        decoder: &mut Decoder,
    ) -> Result<(), Invalid> {
        need("url", self.url.is_empty(), &self.url_file, node, decoder)?;
        one_of("url", self.url.is_empty(), &self.url_file, node, decoder)?;
        let (absent, file) = (self.alert_source_token.is_empty(), &self.alert_source_token_file);
        one_of("alert_source_token", absent, file, node, decoder)?;
        let has_token = !absent || !file.is_zero();
        // Without settings of its own it may have those of all.
        let message = match (has_token, http.map(|http| http.authorization.is_some())) {
            (true, Some(true)) => {
                "cannot specify alert_source_token or alert_source_token_file when using http_config.authorization"
            }
            (false, Some(false)) => {
                "at least one of alert_source_token, alert_source_token_file or http_config.authorization must be configured"
            }
            _ => return Ok(()),
        };
        fail(node, decoder, "alert_source_token", message)
    }
}

keys!(SigV4 as "sigv4.plain" {
    region => ["region"];
    access_key => ["access_key"];
    secret_key => ["secret_key"];
    profile => ["profile"];
    role_arn => ["role_arn"];
    external_id => ["external_id"];
});

impl Check for SigV4 {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.access_key.is_empty() != self.secret_key.is_empty() {
            let message = "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config";
            return Err(Box::new(decoder.problem(node, message)));
        }
        Ok(())
    }
}

keys!(Sns as "sns.plain" {
    api_url => ["api_url"];
    sigv4 => ["sigv4", always];
    topic_arn => ["topic_arn"];
    phone_number => ["phone_number"];
    target_arn => ["target_arn"];
    subject => ["subject"];
    message => ["message"];
    attributes => ["attributes"];
    use_aws_http_client => ["use_aws_http_client"];
});

impl Check for Sns {}

impl Kind for Sns {
    fn look(
        &mut self,
        _http: Option<&HttpClientConfig>,
        node: &Node,
        decoder: &mut Decoder,
    ) -> Result<(), Invalid> {
        // The original takes one of them, and by the way it counts also all three.
        let given = [&self.target_arn, &self.topic_arn, &self.phone_number];
        if given.into_iter().filter(|text| !text.is_empty()).count().is_multiple_of(2) {
            let message = "must provide either a Target ARN, Topic ARN, or Phone Number for SNS config";
            return fail(node, decoder, "topic_arn", message);
        }
        Ok(())
    }
}
