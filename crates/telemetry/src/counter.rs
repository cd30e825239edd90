//! Counts that only grow.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::gather::Value;

/// A count of whole things that only grows.
#[derive(Debug, Clone, Default)]
pub struct Counter(Arc<AtomicU64>);

impl Counter {
    /// Adds one.
    pub fn inc(&self) {
        self.add(1);
    }

    /// Adds `count`.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// The count so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn value(&self) -> Value {
        Value::Counter(self.get() as f64)
    }
}

/// A sum of amounts (seconds, mostly) that only grows.
#[derive(Debug, Clone, Default)]
pub struct CounterF(Arc<AtomicU64>);

impl CounterF {
    /// Adds `amount`; a negative one or NaN is left out.
    pub fn add(&self, amount: f64) {
        if amount > 0.0 {
            add_f64(&self.0, amount);
        }
    }

    /// The sum so far.
    pub fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }

    pub(crate) fn value(&self) -> Value {
        Value::Counter(self.get())
    }
}

/// Adds to a float that is kept as its bits.
pub(crate) fn add_f64(cell: &AtomicU64, amount: f64) {
    let mut present = cell.load(Ordering::Relaxed);
    loop {
        let sum = (f64::from_bits(present) + amount).to_bits();
        match cell.compare_exchange_weak(present, sum, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => return,
            Err(now) => present = now,
        }
    }
}
