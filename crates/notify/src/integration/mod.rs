//! The programs and services that take notifications: one file each, with its settings and what it sends.

mod discord;
mod email;
mod incidentio;
mod jira;
mod mattermost;
mod msteams;
mod msteamsv2;
mod opsgenie;
mod pagerduty;
mod pushover;
mod rocketchat;
mod slack;
mod sns;
mod telegram;
mod victorops;
mod webex;
mod webhook;
mod wechat;

pub use discord::Discord;
pub use email::{Email, HostPort, Threading};
pub use incidentio::IncidentIo;
pub use jira::{Jira, JiraField};
pub use mattermost::{
    Mattermost, MattermostAttachment, MattermostField, MattermostPriority, MattermostProps,
};
pub use msteams::MsTeams;
pub use msteamsv2::MsTeamsV2;
pub use opsgenie::{OpsGenie, OpsGenieResponder};
pub use pagerduty::{PagerDuty, PagerDutyImage, PagerDutyLink};
pub use pushover::Pushover;
pub use rocketchat::{RocketChat, RocketChatAction, RocketChatField};
pub use slack::{Slack, SlackAction, SlackConfirmation, SlackField};
pub use sns::{SigV4, Sns};
pub use telegram::Telegram;
pub use victorops::VictorOps;
pub use webex::Webex;
pub use webhook::Webhook;
pub use wechat::WeChat;

use crate::send::{Message, Outcome, Tools};

/// One way to notify, with its settings.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each variant is the kind that its settings describe")]
pub enum Integration {
    Webhook(Webhook),
    Email(Box<Email>),
    PagerDuty(Box<PagerDuty>),
    OpsGenie(Box<OpsGenie>),
    WeChat(Box<WeChat>),
    Slack(Box<Slack>),
    VictorOps(Box<VictorOps>),
    Pushover(Box<Pushover>),
    Sns(Box<Sns>),
    Telegram(Box<Telegram>),
    Discord(Box<Discord>),
    Webex(Webex),
    MsTeams(Box<MsTeams>),
    MsTeamsV2(Box<MsTeamsV2>),
    Jira(Box<Jira>),
    IncidentIo(Box<IncidentIo>),
    RocketChat(Box<RocketChat>),
    Mattermost(Box<Mattermost>),
}

impl Integration {
    /// The words for all kinds, in logs, metrics and the notification log.
    pub const NAMES: [&'static str; 18] = [
        "webhook",
        "email",
        "pagerduty",
        "opsgenie",
        "wechat",
        "slack",
        "victorops",
        "pushover",
        "sns",
        "telegram",
        "discord",
        "webex",
        "msteams",
        "msteamsv2",
        "jira",
        "incidentio",
        "rocketchat",
        "mattermost",
    ];

    /// The word for its kind.
    pub fn name(&self) -> &'static str {
        match self {
            Integration::Webhook(_) => "webhook",
            Integration::Email(_) => "email",
            Integration::PagerDuty(_) => "pagerduty",
            Integration::OpsGenie(_) => "opsgenie",
            Integration::WeChat(_) => "wechat",
            Integration::Slack(_) => "slack",
            Integration::VictorOps(_) => "victorops",
            Integration::Pushover(_) => "pushover",
            Integration::Sns(_) => "sns",
            Integration::Telegram(_) => "telegram",
            Integration::Discord(_) => "discord",
            Integration::Webex(_) => "webex",
            Integration::MsTeams(_) => "msteams",
            Integration::MsTeamsV2(_) => "msteamsv2",
            Integration::Jira(_) => "jira",
            Integration::IncidentIo(_) => "incidentio",
            Integration::RocketChat(_) => "rocketchat",
            Integration::Mattermost(_) => "mattermost",
        }
    }

    /// Sends a message, once.
    pub(crate) async fn send(&self, message: &Message, tools: &Tools) -> Outcome {
        match self {
            Integration::Webhook(settings) => settings.send(message, tools).await,
            Integration::Email(settings) => settings.send(message, tools).await,
            Integration::PagerDuty(settings) => settings.send(message, tools).await,
            Integration::OpsGenie(settings) => settings.send(message, tools).await,
            Integration::WeChat(settings) => settings.send(message, tools).await,
            Integration::Slack(settings) => settings.send(message, tools).await,
            Integration::VictorOps(settings) => settings.send(message, tools).await,
            Integration::Pushover(settings) => settings.send(message, tools).await,
            Integration::Telegram(settings) => settings.send(message, tools).await,
            Integration::Discord(settings) => settings.send(message, tools).await,
            Integration::Webex(settings) => settings.send(message, tools).await,
            Integration::MsTeams(settings) => settings.send(message, tools).await,
            Integration::MsTeamsV2(settings) => settings.send(message, tools).await,
            Integration::IncidentIo(settings) => settings.send(message, tools).await,
            Integration::RocketChat(settings) => settings.send(message, tools).await,
            Integration::Mattermost(settings) => settings.send(message, tools).await,
            Integration::Sns(settings) => settings.send(message, tools).await,
            Integration::Jira(settings) => settings.send(message, tools).await,
        }
    }
}
