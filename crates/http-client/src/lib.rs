//! The one HTTP client: whoever of this process asks another server for something asks through it.
//!
//! A [`Client`] is made from checked [`Settings`], which hold what an HTTP client block of a configuration file
//! says. Secrets that stand in files are read for each request, so that a rotated one is used at once; no secret
//! ever shows in a `Debug` text or an error.
//!
//! Reading order: [`Settings`], [`Client`], [`Request`], [`Response`], [`Error`].

#![deny(clippy::indexing_slicing)]

mod auth;
mod body;
mod client;
mod error;
mod redirect;
mod secret;
mod settings;
#[cfg(test)]
mod tests;
mod tls;

pub use body::BODY_BYTES_MAX;
pub use client::{Client, Request, Response};
pub use error::{Error, ErrorKind};
pub use secret::{Secret, SecretSource};
pub use settings::{Auth, Header, PemSource, Settings, TlsSettings, TlsVersion};
