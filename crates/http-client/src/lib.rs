//! The one HTTP client: whoever of this process asks another server for something asks through it.
//!
//! A [`Client`] is made from checked [`Settings`], which hold what an HTTP client block of a configuration file
//! says. Secrets that stand in files are read for each request, so that a rotated one is used at once; no secret
//! ever shows in a `Debug` text or an error.
//!
//! Who asks one server again and again does it over a [`Lane`], which costs less.
//!
//! Reading order: [`Settings`], [`Client`], [`Request`], [`Response`], [`Lane`] and [`Question`], [`Error`].

#![deny(clippy::indexing_slicing)]

mod auth;
mod body;
mod client;
mod connect;
mod error;
mod lane;
mod oauth2;
mod proxy;
mod redirect;
mod secret;
mod settings;
#[cfg(test)]
mod tests;
mod tls;
mod transport;

pub use body::BODY_BYTES_MAX;
pub use client::{Client, Connection, Request, Response};
pub use error::{Error, ErrorKind};
pub use lane::{Answer, Body, Lane, Question};
pub use oauth2::{Grant, OAuth2, SignatureAlgorithm};
pub use proxy::{Exceptions, Proxy, ProxyRules, ProxyUrl};
pub use secret::{Secret, SecretSource};
pub use settings::{Auth, Header, PemSource, Settings, TlsSettings, TlsVersion};
pub use tls::client_config;
