//! Values that go up and down.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::counter::add_f64;
use crate::gather::Value;

/// A value that goes up and down.
#[derive(Debug, Clone, Default)]
pub struct Gauge(Arc<AtomicU64>);

impl Gauge {
    /// Sets the value.
    pub fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Ordering::Relaxed);
    }

    /// Adds to the value; a negative amount takes from it.
    pub fn add(&self, amount: f64) {
        add_f64(&self.0, amount);
    }

    /// Adds one.
    pub fn inc(&self) {
        self.add(1.0);
    }

    /// Takes one away.
    pub fn dec(&self) {
        self.add(-1.0);
    }

    /// The present value.
    pub fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }

    pub(crate) fn value(&self) -> Value {
        Value::Gauge(self.get())
    }
}
