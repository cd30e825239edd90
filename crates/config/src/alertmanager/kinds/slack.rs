//! Slack.

use notify::integration::{Slack, SlackAction, SlackConfirmation, SlackField};

use super::*;

keys!(Slack as "slack.plain" {
    api_url => ["api_url"];
    api_url_file => ["api_url_file"];
    app_token => ["app_token"];
    app_token_file => ["app_token_file"];
    app_url => ["app_url"];
    channel => ["channel"];
    username => ["username"];
    color => ["color"];
    title => ["title"];
    title_link => ["title_link"];
    pretext => ["pretext"];
    text => ["text"];
    message_text => ["message_text"];
    fields => ["fields"];
    short_fields => ["short_fields", always];
    footer => ["footer"];
    fallback => ["fallback"];
    callback_id => ["callback_id"];
    icon_emoji => ["icon_emoji"];
    icon_url => ["icon_url"];
    image_url => ["image_url"];
    thumb_url => ["thumb_url"];
    link_names => ["link_names", always];
    mrkdwn_in => ["mrkdwn_in"];
    actions => ["actions"];
    update_message => ["update_message", always];
    timeout => ["timeout", always];
});

keys!(SlackField as "slack.plain" {
    title => ["title"];
    value => ["value"];
    short => ["short"];
});

keys!(SlackAction as "slack.plain" {
    kind => ["type"];
    text => ["text"];
    url => ["url"];
    style => ["style"];
    name => ["name"];
    value => ["value"];
    confirm => ["confirm"];
});

keys!(SlackConfirmation as "slack.plain" {
    text => ["text"];
    title => ["title"];
    ok_text => ["ok_text"];
    dismiss_text => ["dismiss_text"];
});

impl Check for SlackField {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.title.is_empty() {
            return fail(node, decoder, "title", "missing title in Slack field configuration");
        }
        if self.value.is_empty() {
            return fail(node, decoder, "value", "missing value in Slack field configuration");
        }
        Ok(())
    }
}

impl Check for SlackAction {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.kind.is_empty() {
            return fail(node, decoder, "type", "missing type in Slack action configuration");
        }
        if self.text.is_empty() {
            return fail(node, decoder, "text", "missing text in Slack action configuration");
        }
        if self.url.is_empty() && self.name.is_empty() {
            return fail(node, decoder, "url", "missing name or url in Slack action configuration");
        }
        Ok(())
    }
}

impl Check for SlackConfirmation {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.text.is_empty() {
            return fail(node, decoder, "text", "missing text in Slack confirmation configuration");
        }
        Ok(())
    }
}

impl Check for Slack {}

/// Whether a webhook is given.
fn has_url(slack: &Slack) -> bool {
    !slack.api_url.is_empty() || !slack.api_url_file.is_zero()
}

/// Whether the token of an app is given.
fn has_token(slack: &Slack) -> bool {
    !slack.app_token.is_empty() || !slack.app_token_file.is_zero()
}

impl Kind for Slack {
    const SEND_RESOLVED: bool = false;

    fn look(
        &mut self,
        _http: Option<&HttpClientConfig>,
        node: &Node,
        decoder: &mut Decoder,
    ) -> Result<(), Invalid> {
        one_of("api_url", self.api_url.is_empty(), &self.api_url_file, node, decoder)?;
        one_of("app_token", self.app_token.is_empty(), &self.app_token_file, node, decoder)?;
        if has_url(self) && has_token(self) {
            let message = "at most one of api_url/api_url_file & app_token/app_token_file must be configured";
            return fail(node, decoder, "app_token", message);
        }
        Ok(())
    }

    fn complete(&mut self, global: &GlobalConfig, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        if self.app_url.is_empty() {
            self.app_url = global.slack_app_url.clone();
        }
        if !has_url(self) && !has_token(self) {
            self.app_token.clone_from(&global.slack_app_token);
            self.app_token_file.clone_from(&global.slack_app_token_file);
        }
        if !has_url(self) && !has_token(self) {
            self.api_url.clone_from(&global.slack_api_url);
            self.api_url_file.clone_from(&global.slack_api_url_file);
        }
        if !has_url(self) && !has_token(self) {
            let message = "no Slack API URL nor App token set either inline or in a file";
            return fail(node, decoder, "api_url", message);
        }
        let posts = "https://slack.com/api/chat.postMessage";
        let url = if has_token(self) { self.app_url.expose() } else { self.api_url.expose() };
        if self.update_message && !has_token(self) && url != posts {
            let message =
                format!("update_message can only be used with bot tokens. api_url must be set to {posts}");
            return fail(node, decoder, "update_message", &message);
        }
        Ok(())
    }
}
