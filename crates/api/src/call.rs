//! A request as handlers see it.

use std::net::IpAddr;

use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Limited};

use crate::error::ApiError;
use crate::params::Params;
use crate::serve::Peer;

/// A request whose parameters are read.
pub(crate) struct Call {
    pub(crate) method: Method,
    /// The URL's query as it was sent.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    /// The path as it was asked for.
    pub(crate) path: String,
    /// The client's address, where there is a connection.
    pub(crate) client: Option<IpAddr>,
    pub(crate) params: Params,
    /// The part of the path that the route leaves open, decoded; empty where it leaves none.
    pub(crate) segment: String,
    /// The body where it is no form, not yet read.
    pub(crate) body: Body,
}

impl Call {
    /// Reads the parameters of a request: the URL's and, with POST or PUT, those of a form, where the route takes one
    /// and of how many bytes at most.
    ///
    /// # Errors
    /// A body that is too large or breaks off.
    pub(crate) async fn read(
        request: Request<Body>,
        segment: String,
        form_bytes_max: Option<usize>,
    ) -> Result<Self, ApiError> {
        let (head, body) = request.into_parts();
        let is_form =
            head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|value| {
                value.split(';').next().unwrap_or("").trim() == "application/x-www-form-urlencoded"
            });
        let form_bytes_max =
            form_bytes_max.filter(|_| is_form && [Method::POST, Method::PUT].contains(&head.method));
        let (form, body) = if let Some(bytes_max) = form_bytes_max {
            let read = Limited::new(body, bytes_max).collect().await;
            let form =
                read.map_err(|error| ApiError::bad_data(format!("error parsing form values: {error}")))?;
            (form.to_bytes(), Body::empty())
        } else {
            (bytes::Bytes::new(), body)
        };
        let query = head.uri.query().unwrap_or("").to_owned();
        let params = Params::new(&query, &form);
        Ok(Self {
            path: head.uri.path().to_owned(),
            client: head.extensions.get::<Peer>().map(|peer| peer.0),
            method: head.method,
            query,
            headers: head.headers,
            params,
            segment,
            body,
        })
    }
}
