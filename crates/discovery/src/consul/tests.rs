//! A catalogue of this test's own becomes targets.

use super::*;
use crate::Settings;
use crate::tests::{json, serve, targets};

const NODES: &str = r#"[{
    "Node": {"Node": "n1", "Address": "192.0.2.1", "Meta": {"rack-id": "r1"},
             "TaggedAddresses": {"lan": "192.0.2.1"}},
    "Service": {"ID": "web-1", "Tags": ["blue", "eu"], "Meta": {"version": "2"}, "Port": 8080,
                "Address": "192.0.2.9"},
    "Checks": [{"CheckID": "a", "Status": "passing"}, {"CheckID": "b", "Status": "warning"}]
}]"#;

fn settings(address: &str) -> ConsulSettings {
    ConsulSettings {
        url: format!("http://{address}"),
        token: Some(Secret::new("t")),
        datacenter: String::new(),
        namespace: String::new(),
        partition: String::new(),
        tag_separator: ",".to_owned(),
        allow_stale: true,
        refresh_interval: Duration::from_millis(1),
        services: Vec::new(),
        service_tags: vec!["blue".to_owned()],
        node_meta: Vec::new(),
        filter: String::new(),
        client: http_client::Settings::default(),
    }
}

#[tokio::test]
async fn services_with_the_tags_wanted_are_followed() {
    let address = serve(|path| {
        // Questions with an index stay open at a real server until there is news.
        match path.split_once('?').unwrap_or((path, "")) {
            ("/v1/agent/self", _) => json(r#"{"Config": {"Datacenter": "dc1"}}"#),
            ("/v1/catalog/services", "stale=&wait=120000ms") => {
                json(r#"{"web": ["blue", "eu"], "other": ["red"]}"#)
            }
            ("/v1/catalog/services", "stale=&index=7&wait=120000ms") => json(r#"{"web": ["blue"]}"#),
            ("/v1/health/service/web", "tag=blue&stale=&wait=120000ms") => json(NODES),
            ("/v1/health/service/web", "tag=blue&stale=&index=7&wait=120000ms") => json("[]"),
            _ => None,
        }
    })
    .await;
    let found = targets(Settings::Consul(Box::new(settings(&address))), 1).await;
    let wanted = model::Labels::from_pairs([
        ("__address__", "192.0.2.9:8080"),
        ("__meta_consul_address", "192.0.2.1"),
        ("__meta_consul_dc", "dc1"),
        ("__meta_consul_health", "warning"),
        ("__meta_consul_metadata_rack_id", "r1"),
        ("__meta_consul_node", "n1"),
        ("__meta_consul_service", "web"),
        ("__meta_consul_service_address", "192.0.2.9"),
        ("__meta_consul_service_id", "web-1"),
        ("__meta_consul_service_metadata_version", "2"),
        ("__meta_consul_service_port", "8080"),
        ("__meta_consul_tagged_address_lan", "192.0.2.1"),
        ("__meta_consul_tags", ",blue,eu,"),
    ]);
    assert_eq!(found, [wanted]);
}

#[test]
fn names_are_written_for_paths() {
    assert_eq!(escaped("web/a b"), "web%2Fa%20b");
}
