//! Telegram, Discord, Webex, Microsoft Teams, WeCom, Rocket.Chat and Mattermost.

use notify::integration::{
    Discord, Mattermost, MattermostAttachment, MattermostField, MattermostPriority, MattermostProps, MsTeams,
    MsTeamsV2, RocketChat, RocketChatAction, RocketChatField, Telegram, WeChat, Webex,
};

use super::*;

keys!(Telegram as "telegram.plain" {
    api_url => ["api_url"];
    bot_token => ["bot_token"];
    bot_token_file => ["bot_token_file"];
    chat_id => ["chat_id"];
    chat_id_file => ["chat_id_file"];
    message_thread_id => ["message_thread_id"];
    message => ["message"];
    disable_notifications => ["disable_notifications"];
    parse_mode => ["parse_mode"];
});

impl Check for Telegram {}

impl Kind for Telegram {
    fn look(
        &mut self,
        _http: Option<&HttpClientConfig>,
        node: &Node,
        decoder: &mut Decoder,
    ) -> Result<(), Invalid> {
        one_of("bot_token", self.bot_token.is_empty(), &self.bot_token_file, node, decoder)?;
        if self.chat_id == 0 && self.chat_id_file.is_zero() {
            return fail(node, decoder, "chat_id", "missing chat_id or chat_id_file on telegram_config");
        }
        one_of("chat_id", self.chat_id == 0, &self.chat_id_file, node, decoder)?;
        if !["", "Markdown", "MarkdownV2", "HTML"].contains(&self.parse_mode.as_str()) {
            let message =
                "unknown parse_mode on telegram_config, must be Markdown, MarkdownV2, HTML or empty string";
            return fail(node, decoder, "parse_mode", message);
        }
        Ok(())
    }

    fn complete(&mut self, global: &GlobalConfig, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        if self.api_url.is_empty() {
            self.api_url.clone_from(&global.telegram_api_url);
        }
        take_secret(
            (&mut self.bot_token, &mut self.bot_token_file),
            (&global.telegram_bot_token, &global.telegram_bot_token_file),
            || fail(node, decoder, "bot_token", "missing bot_token or bot_token_file on telegram_config"),
        )
    }
}

/// Declares a kind that needs nothing but its webhook.
macro_rules! webhook_kind {
    ($type:ty) => {
        impl Check for $type {}

        impl Kind for $type {
            fn look(
                &mut self,
                _http: Option<&HttpClientConfig>,
                node: &Node,
                decoder: &mut Decoder,
            ) -> Result<(), Invalid> {
                let (absent, file) = (self.webhook_url.is_empty(), &self.webhook_url_file);
                need("webhook_url", absent, file, node, decoder)?;
                one_of("webhook_url", absent, file, node, decoder)
            }
        }
    };
}

keys!(Discord as "discord.plain" {
    webhook_url => ["webhook_url"];
    webhook_url_file => ["webhook_url_file"];
    content => ["content"];
    title => ["title"];
    message => ["message"];
    username => ["username"];
    avatar_url => ["avatar_url"];
});
webhook_kind!(Discord);

keys!(MsTeams as "msteams.plain" {
    webhook_url => ["webhook_url"];
    webhook_url_file => ["webhook_url_file"];
    title => ["title"];
    summary => ["summary"];
    text => ["text"];
});
webhook_kind!(MsTeams);

keys!(MsTeamsV2 as "msteamsv2.plain" {
    webhook_url => ["webhook_url"];
    webhook_url_file => ["webhook_url_file"];
    title => ["title"];
    text => ["text"];
});
webhook_kind!(MsTeamsV2);

keys!(Webex as "webex.plain" {
    api_url => ["api_url"];
    message => ["message"];
    room_id => ["room_id"];
});

impl Check for Webex {}

impl Kind for Webex {
    fn look(
        &mut self,
        http: Option<&HttpClientConfig>,
        node: &Node,
        decoder: &mut Decoder,
    ) -> Result<(), Invalid> {
        if self.room_id.is_empty() {
            return fail(node, decoder, "room_id", "missing room_id on webex_config");
        }
        if http.is_none_or(|http| http.authorization.is_none()) {
            return fail(node, decoder, "http_config", "missing webex_configs.http_config.authorization");
        }
        Ok(())
    }

    fn complete(&mut self, global: &GlobalConfig, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        take(&mut self.api_url, &global.webex_api_url, || {
            fail(node, decoder, "api_url", "no global Webex URL set")
        })
    }
}

keys!(WeChat as "wechat.plain" {
    api_secret => ["api_secret"];
    api_secret_file => ["api_secret_file"];
    corp_id => ["corp_id"];
    message => ["message"];
    api_url => ["api_url"];
    to_user => ["to_user"];
    to_party => ["to_party"];
    to_tag => ["to_tag"];
    agent_id => ["agent_id"];
    message_type => ["message_type"];
});

impl Check for WeChat {}

impl Kind for WeChat {
    const SEND_RESOLVED: bool = false;

    fn look(
        &mut self,
        _http: Option<&HttpClientConfig>,
        node: &Node,
        decoder: &mut Decoder,
    ) -> Result<(), Invalid> {
        if self.message_type.is_empty() {
            self.message_type = "text".into();
        }
        if !["text", "markdown"].contains(&self.message_type.as_str()) {
            let message = format!(
                "weChat message type {} does not match valid options ^(text|markdown)$",
                model::quote::quote(&self.message_type)
            );
            return fail(node, decoder, "message_type", &message);
        }
        one_of("api_secret", self.api_secret.is_empty(), &self.api_secret_file, node, decoder)
    }

    fn complete(&mut self, global: &GlobalConfig, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        take(&mut self.api_url, &global.wechat_api_url, || {
            fail(node, decoder, "api_url", "no global Wechat URL set")
        })?;
        end_with_slash(&mut self.api_url);
        take_secret(
            (&mut self.api_secret, &mut self.api_secret_file),
            (&global.wechat_api_secret, &global.wechat_api_secret_file),
            || {
                let message = "no global Wechat Api Secret set either inline or in a file";
                fail(node, decoder, "api_secret", message)
            },
        )?;
        take(&mut self.corp_id, &global.wechat_api_corp_id, || {
            fail(node, decoder, "corp_id", "no global Wechat CorpID set")
        })
    }
}

keys!(RocketChat as "rocketchat.plain" {
    api_url => ["api_url"];
    token_id => ["token_id"];
    token_id_file => ["token_id_file"];
    token => ["token"];
    token_file => ["token_file"];
    channel => ["channel"];
    color => ["color"];
    title => ["title"];
    title_link => ["title_link"];
    text => ["text"];
    fields => ["fields"];
    short_fields => ["short_fields", always];
    emoji => ["emoji"];
    icon_url => ["icon_url"];
    image_url => ["image_url"];
    thumb_url => ["thumb_url"];
    link_names => ["link_names", always];
    actions => ["actions"];
});

keys!(RocketChatField as "rocketchat.RocketchatAttachmentField" {
    short => ["short"];
    title => ["title"];
    value => ["value"];
});

keys!(RocketChatAction as "rocketchat.RocketchatAttachmentAction" {
    kind => ["type"];
    text => ["text"];
    url => ["url"];
    imageurl => ["imageurl"];
    iswebview => ["iswebview"];
    webviewheightratio => ["webviewheightratio"];
    msg => ["msg"];
    msginchatwindow => ["msginchatwindow"];
    msgprocessingtype => ["msgprocessingtype"];
});

impl Check for RocketChatField {}
impl Check for RocketChatAction {}
impl Check for RocketChat {}

impl Kind for RocketChat {
    const SEND_RESOLVED: bool = false;

    fn look(
        &mut self,
        _http: Option<&HttpClientConfig>,
        node: &Node,
        decoder: &mut Decoder,
    ) -> Result<(), Invalid> {
        one_of("token_id", self.token_id.is_empty(), &self.token_id_file, node, decoder)?;
        one_of("token", self.token.is_empty(), &self.token_file, node, decoder)
    }

    fn complete(&mut self, global: &GlobalConfig, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        if self.api_url.is_empty() {
            self.api_url.clone_from(&global.rocketchat_api_url);
        }
        take_secret(
            (&mut self.token_id, &mut self.token_id_file),
            (&global.rocketchat_token_id, &global.rocketchat_token_id_file),
            || {
                let message = "no global Rocketchat TokenID set either inline or in a file";
                fail(node, decoder, "token_id", message)
            },
        )?;
        take_secret(
            (&mut self.token, &mut self.token_file),
            (&global.rocketchat_token, &global.rocketchat_token_file),
            || {
                let message = "no global Rocketchat Token set either inline or in a file";
                fail(node, decoder, "token", message)
            },
        )
    }
}

keys!(Mattermost as "mattermost.plain" {
    webhook_url => ["webhook_url"];
    webhook_url_file => ["webhook_url_file"];
    channel => ["channel"];
    username => ["username"];
    attachment => [inline MattermostAttachment];
    icon_url => ["icon_url"];
    icon_emoji => ["icon_emoji"];
    attachments => ["attachments"];
    kind => ["type"];
    props => ["props"];
    priority => ["priority"];
});

keys!(MattermostAttachment as "mattermost.plain" {
    fallback => ["fallback"];
    color => ["color"];
    pretext => ["pretext"];
    text => ["text"];
    author_name => ["author_name"];
    author_link => ["author_link"];
    author_icon => ["author_icon"];
    title => ["title"];
    title_link => ["title_link"];
    fields => ["fields"];
    thumb_url => ["thumb_url"];
    footer => ["footer"];
    footer_icon => ["footer_icon"];
    image_url => ["image_url"];
});

keys!(MattermostField as "mattermost.plain" {
    title => ["title"];
    value => ["value"];
    short => ["short"];
});

keys!(MattermostProps as "mattermost.Props" {
    card => ["card"];
});

keys!(MattermostPriority as "mattermost.plain" {
    priority => ["priority"];
    requested_ack => ["requested_ack"];
    persistent_notifications => ["persistent_notifications"];
});

impl Check for MattermostAttachment {}
impl Check for MattermostProps {}
impl Check for Mattermost {}

impl Check for MattermostField {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.title.is_empty() {
            return fail(node, decoder, "title", "missing title in Mattermost field configuration");
        }
        if self.value.is_empty() {
            return fail(node, decoder, "value", "missing value in Mattermost field configuration");
        }
        Ok(())
    }
}

impl Check for MattermostPriority {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if !["", "urgent", "important", "standard"].contains(&self.priority.as_str()) {
            let message = "mattermost priority must be urgent, important or standard";
            return fail(node, decoder, "priority", message);
        }
        Ok(())
    }
}

impl Kind for Mattermost {
    fn look(
        &mut self,
        _http: Option<&HttpClientConfig>,
        node: &Node,
        decoder: &mut Decoder,
    ) -> Result<(), Invalid> {
        one_of("webhook_url", self.webhook_url.is_empty(), &self.webhook_url_file, node, decoder)
    }

    fn complete(&mut self, global: &GlobalConfig, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        take_secret(
            (&mut self.webhook_url, &mut self.webhook_url_file),
            (&global.mattermost_webhook_url, &global.mattermost_webhook_url_file),
            || {
                let message = "missing webhook_url or webhook_url_file on mattermost_config";
                fail(node, decoder, "webhook_url", message)
            },
        )
    }
}
