//! The logs of several tenants read as one: each stream says whose it is.

use std::ops::Range;
use std::sync::Arc;

use model::{Labels, LabelsBuilder, Matcher};
use storage::logs::{
    BlockHeader, BlockSet, Columns, EntryColumns, EntryRange, Filters, LogQuerier, LogQueryable, Needle,
};
use storage::{Listing, Result};

/// The label that names the tenant.
pub(super) const LABEL: &str = "__tenant_id__";
/// What becomes of a label of that name.
const ORIGINAL: &str = "original___tenant_id__";

/// Logs of several tenants.
pub(super) struct TenantLogs {
    logs: Arc<dyn LogQueryable>,
    tenants: Vec<String>,
}

impl TenantLogs {
    pub(super) fn new(logs: Arc<dyn LogQueryable>, tenants: Vec<String>) -> Self {
        Self { logs, tenants }
    }
}

impl LogQueryable for TenantLogs {
    /// The tenants were named before: the name here is that of all of them.
    fn log_querier(&self, _tenant: &str, range: EntryRange) -> Result<Box<dyn LogQuerier>> {
        let one = |tenant: &String| Ok((tenant.clone(), self.logs.log_querier(tenant, range)?));
        Ok(Box::new(TenantView(self.tenants.iter().map(one).collect::<Result<_>>()?)))
    }
}

/// A tenant's view.
type NamedView = (String, Box<dyn LogQuerier>);

/// Views of several tenants, by name.
struct TenantView(Vec<NamedView>);

impl TenantView {
    /// The views that matchers select, and the matchers that are left for them.
    fn selected(&self, matchers: &[Matcher]) -> (Vec<&NamedView>, Vec<Matcher>) {
        let of_tenants = || matchers.iter().filter(|matcher| matcher.name() == LABEL);
        let views = self.0.iter().filter(|(tenant, _)| of_tenants().all(|matcher| matcher.matches(tenant)));
        let rest = matchers.iter().filter(|matcher| matcher.name() != LABEL).cloned();
        (views.collect(), rest.collect())
    }
}

impl LogQuerier for TenantView {
    fn select(&self, matchers: &[Matcher]) -> Result<Box<dyn BlockSet>> {
        let (views, rest) = self.selected(matchers);
        let mut parts = Vec::new();
        for (tenant, view) in views {
            parts.push((tenant.as_str(), view.select(&rest)?));
        }
        Ok(Box::new(TenantBlocks::new(parts)))
    }

    fn select_holding(
        &self,
        matchers: &[Matcher],
        groups: &[Vec<Needle>],
        filters: Filters,
    ) -> Result<Box<dyn BlockSet>> {
        let (views, rest) = self.selected(matchers);
        let mut parts = Vec::new();
        for (tenant, view) in views {
            parts.push((tenant.as_str(), view.select_holding(&rest, groups, filters)?));
        }
        Ok(Box::new(TenantBlocks::new(parts)))
    }

    fn streams(&self, matchers: &[Matcher]) -> Result<Vec<Labels>> {
        let (views, rest) = self.selected(matchers);
        let mut streams = Vec::new();
        for (tenant, view) in views {
            streams.extend(view.streams(&rest)?.iter().map(|labels| named(labels, tenant)));
        }
        streams.sort_unstable();
        Ok(streams)
    }

    fn label_names(&self, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing> {
        let (views, rest) = self.selected(matchers);
        let mut names = Vec::new();
        for (_, view) in views {
            let known = view.label_names(&rest, None)?.items;
            names
                .extend(known.into_iter().map(|name| if name == LABEL { ORIGINAL.to_owned() } else { name }));
        }
        if !names.is_empty() {
            names.push(LABEL.to_owned());
        }
        Ok(Listing::new(names, limit))
    }

    fn label_values(&self, name: &str, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing> {
        let (views, rest) = self.selected(matchers);
        let mut values = Vec::new();
        for (tenant, view) in views {
            match name {
                LABEL if !view.streams(&rest)?.is_empty() => values.push(tenant.clone()),
                LABEL => {}
                ORIGINAL => values.extend(view.label_values(LABEL, &rest, None)?.items),
                _ => values.extend(view.label_values(name, &rest, None)?.items),
            }
        }
        Ok(Listing::new(values, limit))
    }
}

/// A stream's labels with the name of its tenant.
fn named(labels: &Labels, tenant: &str) -> Labels {
    let mut builder = LabelsBuilder::new(labels.clone());
    if let Some(own) = labels.get(LABEL) {
        builder.set(ORIGINAL, own);
    }
    builder.set(LABEL, tenant);
    builder.build()
}

/// Blocks of several tenants.
struct TenantBlocks {
    sets: Vec<Box<dyn BlockSet>>,
    streams: Vec<Labels>,
    blocks: Vec<BlockHeader>,
    /// The set of each block and its position there.
    places: Vec<(usize, usize)>,
    /// Which blocks are stored together.
    neighbours: Vec<u32>,
}

impl TenantBlocks {
    fn new(parts: Vec<(&str, Box<dyn BlockSet>)>) -> Self {
        let mut streams = Vec::new();
        for (number, (tenant, set)) in parts.iter().enumerate() {
            let of_set = set.streams().iter().enumerate();
            streams.extend(of_set.map(|(place, labels)| (named(labels, tenant), number, place)));
        }
        streams.sort_unstable();
        let positions: std::collections::HashMap<(usize, usize), usize> = streams
            .iter()
            .enumerate()
            .map(|(position, (_, number, place))| ((*number, *place), position))
            .collect();
        let mut found = Vec::new();
        // Numbers of neighbours that those of the sets before have not.
        let mut free = 0_u32;
        for (number, (_, set)) in parts.iter().enumerate() {
            let neighbours = set.neighbours();
            let base = free;
            for (place, header) in set.blocks().iter().enumerate() {
                let stream = positions.get(&(number, header.stream)).copied().unwrap_or_default();
                let alone = u32::try_from(place).unwrap_or(u32::MAX);
                let together = base.saturating_add(neighbours.get(place).copied().unwrap_or(alone));
                free = free.max(together.saturating_add(1));
                found.push((BlockHeader { stream, ..*header }, (number, place), together));
            }
        }
        Self {
            sets: parts.into_iter().map(|(_, set)| set).collect(),
            streams: streams.into_iter().map(|(labels, _, _)| labels).collect(),
            blocks: found.iter().map(|(header, ..)| *header).collect(),
            places: found.iter().map(|(_, place, _)| *place).collect(),
            neighbours: found.iter().map(|(.., together)| *together).collect(),
        }
    }

    fn place(&self, block: usize) -> Option<(&dyn BlockSet, usize)> {
        let (set, place) = *self.places.get(block)?;
        Some((self.sets.get(set)?.as_ref(), place))
    }
}

impl BlockSet for TenantBlocks {
    fn streams(&self) -> &[Labels] {
        &self.streams
    }

    fn blocks(&self) -> &[BlockHeader] {
        &self.blocks
    }

    fn left_out(&self) -> usize {
        self.sets.iter().map(|set| set.left_out()).sum()
    }

    fn neighbours(&self) -> &[u32] {
        &self.neighbours
    }

    fn rows_among_neighbours(&self, block: usize) -> Option<Range<usize>> {
        let (set, place) = self.place(block)?;
        set.rows_among_neighbours(place)
    }

    fn read_neighbours(&self, block: usize, columns: &Columns, out: &mut EntryColumns) -> Result<()> {
        match self.place(block) {
            Some((set, place)) => set.read_neighbours(place, columns, out),
            None => Err(storage::Error::Internal(format!("no block {block}"))),
        }
    }

    fn excludes(&self, block: usize, groups: &[Vec<Needle>]) -> bool {
        self.place(block).is_some_and(|(set, place)| set.excludes(place, groups))
    }

    fn read(&self, block: usize, columns: &Columns, out: &mut EntryColumns) -> Result<()> {
        match self.place(block) {
            Some((set, place)) => set.read(place, columns, out),
            None => Err(storage::Error::Internal(format!("no block {block}"))),
        }
    }
}

#[cfg(test)]
mod tests;
