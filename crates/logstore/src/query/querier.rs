//! A view of a tenant's entries.

use std::sync::Arc;

use model::{Labels, Matcher};
use storage::logs::{BlockSet, EntryRange, Filters, LogQuerier, Needle};
use storage::{Listing, Result};

use super::gather;
use super::set::{Blocks, pieces_of};
use crate::deletion::Deletion;
use crate::tenant::Tenant;

/// A view of what a tenant, if it is known, has in a span of time.
pub(crate) struct StoreQuerier {
    tenant: Option<Arc<Tenant>>,
    deletions: Vec<Arc<Deletion>>,
    range: EntryRange,
}

impl StoreQuerier {
    pub(crate) fn new(tenant: Option<Arc<Tenant>>, deletions: Vec<Arc<Deletion>>, range: EntryRange) -> Self {
        Self { tenant, deletions, range }
    }
}

impl LogQuerier for StoreQuerier {
    fn select(&self, matchers: &[Matcher]) -> Result<Box<dyn BlockSet>> {
        self.select_holding(matchers, &[], Filters::AtHand)
    }

    fn select_holding(
        &self,
        matchers: &[Matcher],
        groups: &[Vec<Needle>],
        filters: Filters,
    ) -> Result<Box<dyn BlockSet>> {
        let asked = (pieces_of(groups), filters);
        let select = |tenant: &Arc<Tenant>| {
            gather::select(tenant, matchers, (&asked.0, asked.1), &self.deletions, self.range)
        };
        Ok(Box::new(self.tenant.as_ref().map_or_else(|| Blocks::none(self.range), select)))
    }

    fn streams(&self, matchers: &[Matcher]) -> Result<Vec<Labels>> {
        Ok(self
            .tenant
            .as_ref()
            .map(|tenant| gather::labels(tenant, matchers, self.range))
            .unwrap_or_default())
    }

    fn label_names(&self, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing> {
        let names = self.tenant.as_ref().map(|tenant| gather::label_names(tenant, matchers, self.range));
        Ok(Listing::new(names.unwrap_or_default(), limit))
    }

    fn label_values(&self, name: &str, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing> {
        let values =
            self.tenant.as_ref().map(|tenant| gather::label_values(tenant, name, matchers, self.range));
        Ok(Listing::new(values.unwrap_or_default(), limit))
    }
}
