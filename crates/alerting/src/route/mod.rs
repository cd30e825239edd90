//! The tree of routes: which of them an alert takes, and how its alerts are grouped there.

#[cfg(test)]
mod tests;

use std::time::Duration;

use model::Labels;

use crate::{Matcher, print_matchers};

/// By which labels the alerts of a route are grouped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GroupBy {
    /// Every label: each alert is a group of its own.
    All,
    /// These labels, sorted.
    Names(Vec<String>),
    /// None: one group.
    #[default]
    Nothing,
}

/// One route: its own conditions, and what holds for its alerts, inherited parts filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// The receiver.
    pub receiver: String,
    /// How alerts are grouped.
    pub group_by: GroupBy,
    /// Which alerts take it, sorted.
    pub matchers: Vec<Matcher>,
    /// Whether the routes behind it are tried too.
    pub goes_on: bool,
    /// How long a new group waits for more alerts.
    pub group_wait: Duration,
    /// How long until a group that was sent is looked at again.
    pub group_interval: Duration,
    /// How long until what has not changed is sent again.
    pub repeat_interval: Duration,
    /// Intervals in which nothing is sent.
    pub mute_time_intervals: Vec<String>,
    /// Intervals in one of which things are sent, where there are any.
    pub active_time_intervals: Vec<String>,
    /// Routes below, which come first.
    pub routes: Vec<Route>,
}

/// The place of a route in a [`RouteTree`].
pub type RouteIndex = usize;

/// A route of a tree with what its place makes of it.
#[derive(Clone, Debug)]
pub struct PlacedRoute {
    /// The route; its own list of routes below is empty.
    pub route: Route,
    /// The matchers from the root down to it, printed: the front part of its groups' keys.
    pub key: String,
    /// The key with the places among equals, which tells any two routes apart.
    pub id: String,
    /// Whether the root or one above it leads here.
    children: Vec<RouteIndex>,
}

/// A tree of routes, flat: a route stands before those below it.
#[derive(Clone, Debug)]
pub struct RouteTree {
    routes: Vec<PlacedRoute>,
}

impl RouteTree {
    /// Lays a tree out.
    pub fn new(root: Route) -> RouteTree {
        let mut tree = RouteTree { routes: Vec::new() };
        tree.place(root, None, 0);
        tree
    }

    fn place(&mut self, mut route: Route, parent: Option<RouteIndex>, nth: usize) -> RouteIndex {
        let below = std::mem::take(&mut route.routes);
        let own = print_matchers(&route.matchers);
        let (key, id) = match parent.and_then(|parent| self.routes.get(parent)) {
            Some(parent) => (format!("{}/{own}", parent.key), format!("{}/{own}/{nth}", parent.id)),
            None => (own.clone(), own),
        };
        let index = self.routes.len();
        self.routes.push(PlacedRoute { route, key, id, children: Vec::new() });
        let children: Vec<RouteIndex> =
            below.into_iter().enumerate().map(|(nth, child)| self.place(child, Some(index), nth)).collect();
        if let Some(placed) = self.routes.get_mut(index) {
            placed.children = children;
        }
        index
    }

    /// The route at a place.
    pub fn get(&self, index: RouteIndex) -> Option<&PlacedRoute> {
        self.routes.get(index)
    }

    /// All routes, the root first.
    pub fn iter(&self) -> impl Iterator<Item = &PlacedRoute> {
        self.routes.iter()
    }

    /// The routes below one.
    pub fn children(&self, index: RouteIndex) -> &[RouteIndex] {
        self.routes.get(index).map(|placed| placed.children.as_slice()).unwrap_or_default()
    }

    /// The routes that an alert takes, in order; none where the root has matchers that do not hold.
    pub fn matching(&self, labels: &Labels) -> Vec<RouteIndex> {
        let mut found = Vec::new();
        self.descend(0, labels, &mut found);
        found
    }

    /// Adds what the route at `index` gives; `false` where it is not taken.
    fn descend(&self, index: RouteIndex, labels: &Labels, found: &mut Vec<RouteIndex>) -> bool {
        let Some(placed) = self.routes.get(index) else { return false };
        if !placed.route.matchers.iter().all(|matcher| matcher.matches_labels(labels)) {
            return false;
        }
        let before = found.len();
        for child in &placed.children {
            let taken = self.descend(*child, labels, found);
            if taken && self.routes.get(*child).is_some_and(|child| !child.route.goes_on) {
                break;
            }
        }
        if found.len() == before {
            found.push(index);
        }
        true
    }
}

impl GroupBy {
    /// The labels that an alert's group has.
    pub fn labels_of(&self, labels: &Labels) -> Labels {
        match self {
            GroupBy::All => labels.clone(),
            GroupBy::Nothing => Labels::empty(),
            GroupBy::Names(names) => {
                labels.filtered(|name| names.binary_search_by(|own| own.as_str().cmp(name)).is_ok())
            }
        }
    }
}

impl Default for Route {
    fn default() -> Self {
        Route {
            receiver: String::new(),
            group_by: GroupBy::Nothing,
            matchers: Vec::new(),
            goes_on: false,
            group_wait: Duration::from_secs(30),
            group_interval: Duration::from_secs(5 * 60),
            repeat_interval: Duration::from_secs(4 * 3600),
            mute_time_intervals: Vec::new(),
            active_time_intervals: Vec::new(),
            routes: Vec::new(),
        }
    }
}
