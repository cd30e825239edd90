//! `/openapi.yaml`: the description of the API for tools, made of one table.

mod table;
#[cfg(test)]
mod tests;
mod yaml;

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::HeaderValue;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use serde_json::{Map, Value, json};

use self::table::{OPERATIONS, Operation, Parameter, Place};
use crate::Api;
use crate::call::Call;

/// `/api/v1/openapi.yaml`: OpenAPI 3.1, or 3.2 where that is asked for.
pub(crate) async fn openapi(api: Arc<Api>, call: Call) -> Response {
    let version = if call.params.get("openapi_version") == "3.2" { "3.2.0" } else { "3.1.0" };
    let text = yaml::to_text(&document(version, &api.parts.build.version, &api.settings.route_prefix));
    let length = HeaderValue::from(text.len());
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/yaml; charset=utf-8"));
    response.headers_mut().insert(CONTENT_LENGTH, length);
    response
}

fn document(openapi: &str, version: &str, prefix: &str) -> Value {
    let mut paths = Map::new();
    for operation in OPERATIONS.iter().filter(|operation| operation.described_in(openapi)) {
        let methods: Map<String, Value> = operation
            .methods
            .iter()
            .map(|method| (method.to_lowercase(), describe(operation, method)))
            .collect();
        paths.insert(operation.path.to_owned(), methods.into());
    }
    json!({
        "openapi": openapi,
        "info": {
            "title": "Prometheus API",
            "description": "The HTTP API of Prometheus, as this server speaks it.",
            "version": version,
        },
        "servers": [{ "url": format!("{prefix}/api/v1") }],
        "paths": paths,
        "components": { "schemas": schemas() },
    })
}

fn describe(operation: &Operation, method: &str) -> Value {
    let id: String = operation
        .path
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character } else { '-' })
        .collect();
    let mut shown = Map::new();
    shown.insert("operationId".to_owned(), format!("{}{id}", method.to_lowercase()).into());
    shown.insert("summary".to_owned(), operation.summary.into());
    // A form carries the parameters of a POST, the path its own.
    let in_form = method == "POST";
    let shown_apart = |parameter: &&Parameter| !in_form || parameter.place == Place::Path;
    let apart: Vec<Value> = operation.parameters.iter().filter(shown_apart).map(parameter).collect();
    if !apart.is_empty() {
        shown.insert("parameters".to_owned(), apart.into());
    }
    if in_form && !operation.parameters.is_empty() {
        shown.insert("requestBody".to_owned(), form(operation.parameters));
    }
    let good = json!({
        "description": operation.answer,
        "content": { operation.media_type: { "schema": { "$ref": "#/components/schemas/Success" } } },
    });
    let failed = json!({
        "description": "The request failed.",
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } },
    });
    shown.insert("responses".to_owned(), json!({ "200": good, "default": failed }));
    shown.into()
}

fn parameter(parameter: &Parameter) -> Value {
    json!({
        "name": parameter.name,
        "in": if parameter.place == Place::Path { "path" } else { "query" },
        "description": parameter.description,
        "required": parameter.required,
        "schema": schema(parameter),
    })
}

fn form(parameters: &[Parameter]) -> Value {
    let in_form = || parameters.iter().filter(|parameter| parameter.place == Place::Query);
    let properties: Map<String, Value> =
        in_form().map(|parameter| (parameter.name.to_owned(), schema(parameter))).collect();
    let required: Vec<&str> =
        in_form().filter(|parameter| parameter.required).map(|parameter| parameter.name).collect();
    json!({
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": { "type": "object", "properties": properties, "required": required },
            },
        },
    })
}

fn schema(parameter: &Parameter) -> Value {
    let one = json!({ "type": parameter.kind });
    if parameter.repeated { json!({ "type": "array", "items": one }) } else { one }
}

fn schemas() -> Value {
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    json!({
        "Success": {
            "type": "object",
            "required": ["status"],
            "properties": {
                "status": { "type": "string", "enum": ["success"] },
                "data": { "description": "What the endpoint answers." },
                "warnings": texts,
                "infos": texts,
            },
        },
        "Error": {
            "type": "object",
            "required": ["status", "errorType", "error"],
            "properties": {
                "status": { "type": "string", "enum": ["error"] },
                "errorType": {
                    "type": "string",
                    "enum": [
                        "bad_data", "execution", "canceled", "timeout", "internal", "not_found",
                        "not_acceptable", "unavailable",
                    ],
                },
                "error": { "type": "string" },
                "data": { "description": "What was found before the failure." },
            },
        },
    })
}
