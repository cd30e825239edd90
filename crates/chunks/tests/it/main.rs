//! The public interface against chunks that a real Prometheus wrote.

#[cfg(test)]
mod histogram;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod xor;
