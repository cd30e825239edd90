//! The requests of all tenants, and the file that keeps them.

use std::collections::HashSet;
use std::hash::BuildHasher;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use foldhash::fast::FixedState;
use parking_lot::{Mutex, RwLock};
use platform::FileSystem;
use storage::logs::EntryRange;
use tracing::warn;

use super::{CancelRefusal, DeleteRequest, Deletion, ReadDeleteQuery};
use crate::{Error, LogStore};

/// The longest file that is read.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// So many processed requests are remembered.
const PROCESSED_MAX: usize = 1_000;

/// The requests of all tenants.
#[derive(Default)]
pub(crate) struct Deletions {
    requests: Mutex<Vec<DeleteRequest>>,
    /// Those that are not processed, with their tenants.
    open: RwLock<Vec<(String, Arc<Deletion>)>>,
    read: RwLock<Option<ReadDeleteQuery>>,
    /// Requests that name rows of damaged parts: they are tried again after the next start.
    held_up: Mutex<HashSet<String>>,
}

fn file(store: &Path) -> PathBuf {
    store.join("deletes.json")
}

impl Deletions {
    /// Leaves a request as it is until the next start.
    pub(crate) fn hold_up(&self, id: &str) {
        self.held_up.lock().insert(id.to_owned());
    }

    /// Whether a request is left as it is.
    pub(crate) fn is_held_up(&self, id: &str) -> bool {
        self.held_up.lock().contains(id)
    }

    /// Reads the file; `read` reads the queries.
    pub(crate) fn load(&self, fs: &dyn FileSystem, store: &Path, read: ReadDeleteQuery) -> Result<(), Error> {
        let path = file(store);
        *self.read.write() = Some(read);
        if !fs.exists(&path).map_err(Error::io("look up", &path))? {
            return Ok(());
        }
        let bytes = fs.read(&path, FILE_BYTES_MAX).map_err(Error::io("read", &path))?;
        let Ok(requests) = serde_json::from_slice(&bytes) else {
            // The next request must not take the place of what may still be read by hand.
            let aside = store.join("deletes.json.damaged");
            fs.rename(&path, &aside).map_err(Error::io("rename", &path))?;
            return Err(Error::damaged(&aside, "delete requests"));
        };
        *self.requests.lock() = requests;
        self.reopen();
        Ok(())
    }

    fn reopen(&self) {
        let requests = self.requests.lock();
        let read = self.read.read();
        let mut open = Vec::new();
        for request in requests.iter().filter(|request| !request.is_processed) {
            match read.as_ref().map(|read| read(&request.query)) {
                Some(Ok(selector)) => {
                    let range = EntryRange::new(request.start, request.end.saturating_add(1));
                    let deletion = Deletion { id: request.id.clone(), range, selector };
                    open.push((request.tenant.clone(), Arc::new(deletion)));
                }
                Some(Err(error)) => warn!(id = request.id, error, "a delete request cannot be read"),
                None => {}
            }
        }
        *self.open.write() = open;
    }

    fn save(&self, fs: &dyn FileSystem, store: &Path) -> Result<(), Error> {
        let path = file(store);
        let bytes = serde_json::to_vec(&*self.requests.lock())
            .map_err(|error| Error::io("write", &path)(std::io::Error::other(error)))?;
        fs.write_atomic(&path, &bytes).map_err(Error::io("write", &path))
    }

    /// Changes the requests, on disk first of all.
    fn change(
        &self,
        fs: &dyn FileSystem,
        store: &Path,
        change: impl FnOnce(&mut Vec<DeleteRequest>),
    ) -> Result<(), Error> {
        let before = self.requests.lock().clone();
        change(&mut self.requests.lock());
        if let Err(error) = self.save(fs, store) {
            *self.requests.lock() = before;
            return Err(error);
        }
        self.reopen();
        Ok(())
    }

    /// Adds a request.
    pub(crate) fn add(&self, fs: &dyn FileSystem, store: &Path, request: DeleteRequest) -> Result<(), Error> {
        self.change(fs, store, |requests| {
            let processed = requests.iter().filter(|request| request.is_processed).count();
            if processed > PROCESSED_MAX
                && let Some(oldest) = requests.iter().position(|request| request.is_processed)
            {
                requests.remove(oldest);
            }
            requests.push(request);
        })
    }

    /// Takes a request back.
    pub(crate) fn cancel(
        &self,
        fs: &dyn FileSystem,
        store: &Path,
        (tenant, id): (&str, &str),
        may_cancel: impl FnOnce(&DeleteRequest) -> bool,
    ) -> Result<Result<(), CancelRefusal>, Error> {
        let found = self.list(tenant).into_iter().find(|request| request.id == id);
        match found {
            None => return Ok(Err(CancelRefusal::Unknown)),
            Some(request) if request.is_processed => return Ok(Err(CancelRefusal::Processed)),
            Some(request) if !may_cancel(&request) => return Ok(Err(CancelRefusal::Begun)),
            Some(_) => {}
        }
        self.change(fs, store, |requests| {
            requests.retain(|request| request.tenant != tenant || request.id != id);
        })?;
        Ok(Ok(()))
    }

    /// Notes how far a request has come.
    pub(crate) fn progress(
        &self,
        fs: &dyn FileSystem,
        store: &Path,
        id: &str,
        note: impl FnOnce(&mut DeleteRequest),
    ) -> Result<(), Error> {
        self.change(fs, store, |requests| {
            if let Some(request) = requests.iter_mut().find(|request| request.id == id) {
                note(request);
            }
        })
    }

    /// The requests of a tenant, oldest first.
    pub(crate) fn list(&self, tenant: &str) -> Vec<DeleteRequest> {
        self.requests.lock().iter().filter(|request| request.tenant == tenant).cloned().collect()
    }

    /// All requests that are not processed.
    pub(crate) fn pending(&self) -> Vec<DeleteRequest> {
        self.requests.lock().iter().filter(|request| !request.is_processed).cloned().collect()
    }

    /// What is deleted of a tenant and not processed.
    pub(crate) fn of(&self, tenant: &str) -> Vec<Arc<Deletion>> {
        let open = self.open.read();
        open.iter().filter(|(of, _)| of == tenant).map(|(_, deletion)| Arc::clone(deletion)).collect()
    }
}

impl LogStore {
    /// Reads the delete requests that are kept on disk; `read` reads their queries. Until then none can be made, and
    /// nothing is hidden: to be called before the first query.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Damaged`] where the file is none of requests: it is kept aside, and new requests
    /// can be made.
    pub fn load_deletes(&self, read: ReadDeleteQuery) -> Result<(), Error> {
        self.0.deletions.load(&*self.0.resources.fs, &self.0.path, read)
    }

    /// Deletes the entries that a query names from `start` to `end`, both included: hidden when this returns, and gone
    /// from the parts when the time is over in which the request can be taken back. Gives its name.
    ///
    /// # Errors
    /// [`Error::Io`]: it could not be written down, and nothing is deleted.
    pub fn delete(&self, tenant: &str, query: &str, start: i64, end: i64) -> Result<String, Error> {
        let inner = &self.0;
        let created_ms = inner.resources.clock.now_ms();
        let known = inner.deletions.list(tenant);
        let hash = |number: usize| {
            let hash = FixedState::with_seed(1).hash_one((tenant, query, start, end, created_ms, number));
            format!("{:08x}", hash as u32)
        };
        let mut numbers = known.len()..;
        let id = numbers.find_map(|number| {
            let id = hash(number);
            known.iter().all(|request| request.id != id).then_some(id)
        });
        let id = id.unwrap_or_default();
        let request = DeleteRequest {
            id: id.clone(),
            tenant: tenant.to_owned(),
            query: query.to_owned(),
            start,
            end,
            created_ms,
            parts_done: 0,
            parts_all: 0,
            is_processed: false,
        };
        inner.deletions.add(&*inner.resources.fs, &inner.path, request)?;
        inner.metrics.compactor.deletes_received.with(&[tenant]).inc();
        Ok(id)
    }

    /// The delete requests of a tenant, oldest first.
    pub fn delete_requests(&self, tenant: &str) -> Vec<DeleteRequest> {
        self.0.deletions.list(tenant)
    }

    /// Takes a delete request back: what is still in the parts is seen again. `force` takes back one that has begun.
    ///
    /// # Errors
    /// [`Error::Io`]: it could not be written down.
    pub fn cancel_delete(
        &self,
        tenant: &str,
        id: &str,
        force: bool,
    ) -> Result<Result<(), CancelRefusal>, Error> {
        let inner = &self.0;
        let period =
            i64::try_from(inner.settings.read().delete_cancel_period.as_millis()).unwrap_or(i64::MAX);
        let now = inner.resources.clock.now_ms();
        inner.deletions.cancel(&*inner.resources.fs, &inner.path, (tenant, id), |request| {
            force || (request.parts_done == 0 && now < request.created_ms.saturating_add(period))
        })
    }
}
