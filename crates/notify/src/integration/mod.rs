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
