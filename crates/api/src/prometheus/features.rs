//! `/features`: what is built in, and what of it is turned on.

use std::sync::Arc;

use axum::response::Response;

use crate::Api;
use crate::answer::Success;
use crate::call::Call;

/// `/api/v1/features`: features by category.
pub(crate) async fn features(api: Arc<Api>, _call: Call) -> Response {
    Success::new(&api.parts.features).into_response()
}
