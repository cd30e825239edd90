//! `target_info`: the attributes of a resource as labels of a series of its own.

use std::borrow::Cow;

use model::labels::METRIC_NAME;
use model::{LabelsBuilder, Metadata, MetricType};

use super::attributes::Attributes;
use super::error::Failure;
use super::labels::{ResourceLabels, SERVICE_INSTANCE, SERVICE_NAME, SERVICE_NAMESPACE};
use super::translate::{Sample, Sink, Times, Value, Walk};

const NAME: &str = "target_info";
const HELP: &str = "Target metadata";
/// A request gives no resource more samples than this, the newest.
const SAMPLES_MAX: i64 = 10_000;

fn is_identifying(name: &str) -> bool {
    [SERVICE_NAMESPACE, SERVICE_NAME, SERVICE_INSTANCE].contains(&name)
}

impl<S: Sink> Walk<'_, S> {
    /// Gives samples over the time of the resource's points, close enough for queries to find one at any time in it.
    pub(super) fn target_info(
        &mut self,
        attributes: &Attributes<'_>,
        resource: &ResourceLabels,
        times: Times,
    ) -> Result<(), Failure<S::Error>> {
        let Some((first, last)) = times.0 else { return Ok(()) };
        // What only says which target it is tells nothing new, and what does not say so belongs to none.
        if attributes.iter().all(|(name, _)| is_identifying(name)) || !resource.is_identified() {
            return Ok(());
        }
        let shown: Attributes<'_> = attributes
            .iter()
            .filter(|(name, _)| self.settings.keep_identifying || !is_identifying(name))
            .map(|(name, value)| (*name, Cow::Borrowed(&**value)))
            .collect();
        let metadata =
            Metadata { metric_type: MetricType::Gauge, unit: String::new(), help: HELP.to_owned() };
        let labels = match self.labels.of(&shown, &resource.identity_alone(), &[], &metadata) {
            Ok(labels) => LabelsBuilder::new(labels).set(METRIC_NAME, NAME).build(),
            Err(error) => {
                self.refuse(error);
                return Ok(());
            }
        };
        let sample = |timestamp| Sample {
            timestamp,
            start_timestamp: 0,
            value: Value::Float(1.0),
            metadata: &metadata,
            exemplars: &[],
        };
        let interval = self.settings.target_info_interval_ms.max(1);
        let steps = last.saturating_sub(first) / interval;
        let mut time = first + (steps - SAMPLES_MAX).max(0) * interval;
        while time < last {
            self.give(&labels, &sample(time))?;
            time += interval;
        }
        self.give(&labels, &sample(last))
    }
}
