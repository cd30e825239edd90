//! What is kept of a tenant between pushes: known streams, and what it may still send.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, RwLock};

use crate::limits::{Limits, TenantRate};
use crate::metrics::{Metrics, TenantMetrics};
use crate::stream::Known;

/// A tenant, as long as it pushes.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) metrics: TenantMetrics,
    known: RwLock<KnownStreams>,
    bucket: Mutex<Bucket>,
}

impl Tenant {
    pub(crate) fn new(name: &str, metrics: &Metrics) -> Self {
        Self { metrics: metrics.tenant(name), known: RwLock::default(), bucket: Mutex::default() }
    }

    /// The streams of texts of labels.
    ///
    /// # Errors
    /// A text holds no labels; the message is the original's.
    pub(crate) fn known<'t>(
        &self,
        texts: impl Iterator<Item = &'t str>,
        limits: &Arc<Limits>,
    ) -> Result<Vec<Arc<Known>>, String> {
        let mut missing = Vec::new();
        let mut found: Vec<Option<Arc<Known>>> = {
            let known = self.known.read();
            // All are looked up before any is taken: what one of them needs is fetched from memory while the next are looked
            // up, and to take one ends that.
            let mut streams = Vec::with_capacity(texts.size_hint().0);
            for text in texts {
                let stream = known.young(text, limits);
                if stream.is_none() {
                    missing.push((streams.len(), text));
                }
                streams.push(stream);
            }
            streams.into_iter().map(Option::<&Arc<Known>>::cloned).collect()
        };
        for (place, text) in missing {
            let mut known = self.known.write();
            let stream = match known.get(text, limits) {
                Some(stream) => stream,
                None => {
                    let stream = Arc::new(Known::read(text, limits)?);
                    known.insert(text, &stream);
                    stream
                }
            };
            if let Some(place) = found.get_mut(place) {
                *place = Some(stream);
            }
        }
        Ok(found.into_iter().flatten().collect())
    }

    /// Takes bytes from what the tenant may send; `false` where it may not send so many now.
    pub(crate) fn allow(&self, rate: &TenantRate, now: Duration, bytes: usize) -> bool {
        self.bucket.lock().take(rate, now, bytes)
    }
}

/// Streams by the text of their labels: those seen lately, and those seen before them. When the first are many, the
/// second are forgotten.
#[derive(Debug, Default)]
struct KnownStreams {
    limits: Option<Arc<Limits>>,
    young: HashMap<Box<str>, Arc<Known>, foldhash::fast::RandomState>,
    old: HashMap<Box<str>, Arc<Known>, foldhash::fast::RandomState>,
    young_bytes: usize,
}

/// Memory of one generation.
const GENERATION_BYTES_MAX: usize = 16 << 20;

impl KnownStreams {
    /// A stream that was seen lately.
    fn young(&self, text: &str, limits: &Arc<Limits>) -> Option<&Arc<Known>> {
        // What is known of a stream follows from the limits.
        let holds = self.limits.as_ref().is_some_and(|known| Arc::ptr_eq(known, limits));
        if holds { self.young.get(text) } else { None }
    }

    fn get(&mut self, text: &str, limits: &Arc<Limits>) -> Option<Arc<Known>> {
        if !self.limits.as_ref().is_some_and(|known| Arc::ptr_eq(known, limits)) {
            *self = Self { limits: Some(Arc::clone(limits)), ..Self::default() };
            return None;
        }
        if let Some(stream) = self.young.get(text) {
            return Some(Arc::clone(stream));
        }
        let stream = self.old.remove(text)?;
        self.insert(text, &stream);
        Some(stream)
    }

    fn insert(&mut self, text: &str, stream: &Arc<Known>) {
        self.young_bytes += text.len() + stream.bytes();
        if self.young_bytes > GENERATION_BYTES_MAX {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = text.len() + stream.bytes();
        }
        self.young.insert(text.into(), Arc::clone(stream));
    }
}

/// Bytes that may be sent now; they come back with time.
#[derive(Debug, Default)]
struct Bucket {
    /// Bytes and the time at which they were there; none before the first push, when the bucket is full.
    level: Option<(f64, Duration)>,
}

impl Bucket {
    fn take(&mut self, rate: &TenantRate, now: Duration, bytes: usize) -> bool {
        let burst = rate.burst as f64;
        let (level, at) = self.level.unwrap_or((burst, now));
        let earned = now.saturating_sub(at).as_secs_f64() * rate.per_second;
        let level = (level + earned).min(burst);
        let allowed = bytes as f64 <= level;
        self.level = Some((if allowed { level - bytes as f64 } else { level }, now));
        allowed
    }
}

/// Tenants by name.
#[derive(Debug, Default)]
pub(crate) struct Tenants {
    tenants: Mutex<HashMap<String, Arc<Tenant>>>,
}

/// Tenants that are kept at most; beyond them all are forgotten and begin anew.
const TENANTS_MAX: usize = 4096;

impl Tenants {
    pub(crate) fn get(&self, name: &str, metrics: &Metrics) -> Arc<Tenant> {
        let mut tenants = self.tenants.lock();
        if let Some(tenant) = tenants.get(name) {
            return Arc::clone(tenant);
        }
        if tenants.len() >= TENANTS_MAX {
            tenants.clear();
        }
        let tenant = Arc::new(Tenant::new(name, metrics));
        tenants.insert(name.to_owned(), Arc::clone(&tenant));
        tenant
    }
}
