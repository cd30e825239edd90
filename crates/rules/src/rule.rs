//! A rule: its expression, what it does, and how it went.

use std::{sync::Arc, time::Duration};

use model::{Labels, SeriesRef};
use parking_lot::Mutex;
use platform::CancelFlag;

use crate::{
    Error, Expression, GroupSettings, Health, Language, Owner, RuleKind, RuleSettings, RuleView, Sample,
    alert::Holds,
    alerting::{Alerting, Moment},
    context::Context,
    recording,
};

/// A rule.
pub(crate) struct Rule {
    pub(crate) settings: RuleSettings,
    pub(crate) expression: Arc<dyn Expression>,
    pub(crate) alerting: Option<Alerting>,
    pub(crate) status: Mutex<Status>,
    /// The series of the last evaluation: those that are missing at the next are marked as ended.
    pub(crate) previous: Mutex<Vec<Written>>,
}

/// A series that was written, and where it is found.
pub(crate) type Written = (Labels, SeriesRef);

/// How the last evaluation went.
#[derive(Clone, Debug, Default)]
pub(crate) struct Status {
    pub(crate) health: Health,
    pub(crate) last_error: Option<String>,
    pub(crate) evaluation_time: Duration,
    pub(crate) last_evaluation_ns: Option<i64>,
}

impl Status {
    /// Notes that it went wrong.
    pub(crate) fn fail(&mut self, error: String) {
        self.health = Health::Error;
        self.last_error = Some(error);
    }
}

impl Rule {
    /// Reads expression and templates.
    ///
    /// # Errors
    /// One of them is none.
    pub(crate) fn new(
        (group, stopping): (&GroupSettings, &CancelFlag),
        settings: RuleSettings,
        language: &Arc<dyn Language>,
        restored: bool,
    ) -> Result<Rule, Error> {
        let of_rule = || (group.file.clone(), group.name.clone(), settings.name.clone());
        let owner = Owner {
            file: group.file.as_str().into(),
            group: group.name.as_str().into(),
            dialect: group.dialect.clone(),
            stopping: stopping.clone(),
        };
        let expression = language.compile(&settings.expression, &owner).map_err(|message| {
            let (file, group, rule) = of_rule();
            Error::Expression { file, group, rule, message }
        })?;
        let alerting = match &settings.kind {
            RuleKind::Recording => None,
            RuleKind::Alerting { hold, keep_firing_for, annotations } => {
                // What templates ask is not broken off: the alert would be sent with half of its text.
                let owner = Owner { stopping: CancelFlag::new(), ..owner };
                let holds = Holds { hold: *hold, keep_firing_for: *keep_firing_for };
                let made =
                    Alerting::new(&settings, (owner, Arc::clone(language)), holds, annotations, restored);
                Some(made.map_err(|(key, message)| {
                    let (file, group, rule) = of_rule();
                    Error::Template { file, group, rule, key, message }
                })?)
            }
        };
        Ok(Rule { settings, expression, alerting, status: Mutex::default(), previous: Mutex::default() })
    }

    pub(crate) fn evaluate(
        &self,
        moment: Moment,
        limit: Option<usize>,
        context: &Context,
    ) -> Result<Vec<Sample>, String> {
        let settings = &self.settings;
        match &self.alerting {
            Some(alerting) => {
                alerting.evaluate(&settings.name, self.expression.as_ref(), moment, limit, context)
            }
            None => recording::evaluate(
                &settings.name,
                &settings.labels,
                self.expression.as_ref(),
                moment.at_ms,
                limit,
                &self.previous,
            ),
        }
    }

    /// Goes on with the state of a rule that this one takes the place of.
    pub(crate) fn inherit(&self, from: &Rule) {
        *self.status.lock() = from.status.lock().clone();
        *self.previous.lock() = from.previous.lock().clone();
        if let (Some(own), Some(theirs)) = (&self.alerting, &from.alerting) {
            own.inherit(theirs);
        }
    }

    pub(crate) fn view(&self) -> RuleView {
        let status = self.status.lock().clone();
        RuleView {
            name: self.settings.name.clone(),
            query: self.expression.text().to_owned(),
            labels: self.settings.labels.clone(),
            health: status.health,
            last_error: status.last_error,
            evaluation_time: status.evaluation_time,
            last_evaluation_ns: status.last_evaluation_ns,
            alerting: self.alerting.as_ref().map(Alerting::view),
        }
    }
}
