//! The groups that series fall into by their labels.

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use model::Labels;
use model::labels::METRIC_NAME;

/// The labels that make a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouping {
    labels: Vec<String>,
    without: bool,
}

impl Grouping {
    /// By the labels named, or by all but these and the metric's name.
    pub fn new(mut labels: Vec<String>, without: bool) -> Self {
        labels.sort_unstable();
        labels.dedup();
        Self { labels, without }
    }

    /// Whether all series fall into one group.
    pub fn is_one_group(&self) -> bool {
        !self.without && self.labels.is_empty()
    }

    /// The labels of a series' group.
    pub fn of(&self, series: &Labels) -> Labels {
        series.filtered(|name| self.keeps(name))
    }

    fn keeps(&self, name: &str) -> bool {
        let named = self.labels.iter().any(|label| label == name);
        if self.without { !named && name != METRIC_NAME } else { named }
    }
}

/// Groups, in the order in which their first series come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Groups {
    /// The labels of each group.
    pub labels: Vec<Labels>,
    /// The group of each series.
    pub of_series: Vec<u32>,
}

impl Groups {
    /// Finds the group of every series; of the labels only those count whose names `visible` accepts.
    pub fn plan(series: &[Labels], grouping: &Grouping, visible: impl Fn(&str) -> bool) -> Self {
        if grouping.is_one_group() {
            let labels = if series.is_empty() { Vec::new() } else { vec![Labels::empty()] };
            return Self { labels, of_series: vec![0; series.len()] };
        }
        let mut numbers: HashMap<Labels, u32, RandomState> = HashMap::default();
        let mut groups = Self { labels: Vec::new(), of_series: Vec::with_capacity(series.len()) };
        let keeps = |name: &str| grouping.keeps(name) && visible(name);
        let (mut key, mut key_before) = (Vec::new(), Vec::new());
        for labels in series {
            key.clear();
            labels.pack_filtered(keeps, &mut key);
            let number = match groups.of_series.last() {
                // Neighbours often are of one group.
                Some(number) if key == key_before => *number,
                _ => groups.number(&mut numbers, &key, || labels.filtered(keeps)),
            };
            groups.of_series.push(number);
            std::mem::swap(&mut key, &mut key_before);
        }
        groups
    }

    /// The number of the group with these packed labels, which is new where there is none yet.
    fn number(
        &mut self,
        numbers: &mut HashMap<Labels, u32, RandomState>,
        packed: &[u8],
        labels: impl FnOnce() -> Labels,
    ) -> u32 {
        if let Some(number) = numbers.get(packed) {
            return *number;
        }
        let (number, labels) = (self.labels.len() as u32, labels());
        self.labels.push(labels.clone());
        numbers.insert(labels, number);
        number
    }

    /// The number of groups.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no group.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The series of each group, in their order.
    pub fn members(&self) -> Vec<Vec<u32>> {
        let mut members = vec![Vec::new(); self.labels.len()];
        for (series, group) in (0u32..).zip(&self.of_series) {
            if let Some(group) = members.get_mut(*group as usize) {
                group.push(series);
            }
        }
        members
    }
}
