//! Answers of an engine become targets.

use super::*;
use crate::Settings;
use crate::tests::{json, serve, targets};
use model::Labels;

const CONTAINERS: &str = r#"[
    {"Id": "c1", "Names": ["/web"], "Labels": {"com.example/app": "x"},
     "Ports": [{"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
               {"PrivatePort": 53, "Type": "udp"}],
     "HostConfig": {"NetworkMode": "front"},
     "NetworkSettings": {"Networks": {"back": {"NetworkID": "n2", "IPAddress": "10.0.2.2"},
                                      "front": {"NetworkID": "n1", "IPAddress": "10.0.1.2"}}}},
    {"Id": "c2", "Names": ["/agent"], "HostConfig": {"NetworkMode": "host"},
     "NetworkSettings": {"Networks": {"host": {"NetworkID": "n3", "IPAddress": ""}}}}
]"#;
const NETWORKS: &str = r#"[{"Id": "n1", "Name": "front", "Scope": "local", "Internal": false,
    "Ingress": false, "Labels": {"zone": "a"}}]"#;
const NODE: &str = r#"[{"ID": "k1", "Spec": {"Labels": {"disk": "ssd"}, "Role": "manager", "Availability": "active"},
    "Description": {"Hostname": "h1", "Platform": {"Architecture": "x86_64", "OS": "linux"},
                    "Engine": {"EngineVersion": "27.0"}},
    "Status": {"State": "ready", "Addr": "192.0.2.7"},
    "ManagerStatus": {"Leader": true, "Reachability": "reachable", "Addr": "192.0.2.7:2377"}}]"#;
const SERVICES: &str = r#"[{"ID": "s1",
    "Spec": {"Name": "web", "Labels": {"team": "x"}, "Mode": {"Replicated": {"Replicas": 1}},
             "TaskTemplate": {"ContainerSpec": {"Image": "img:1", "Hostname": "w"}}},
    "Endpoint": {"Ports": [{"Name": "http", "Protocol": "tcp", "PublishedPort": 8080, "PublishMode": "ingress"}],
                 "VirtualIPs": [{"NetworkID": "n1", "Addr": "10.0.0.3/24"}]}}]"#;
const TASKS: &str = r#"[{"ID": "t1", "ServiceID": "s1", "NodeID": "k1", "Slot": 1, "DesiredState": "running",
    "Spec": {"ContainerSpec": {"Labels": {"app": "y"}}},
    "Status": {"State": "running", "ContainerStatus": {"ContainerID": "c9"}, "PortStatus": {}},
    "NetworksAttachments": [{"Network": {"ID": "n1"}, "Addresses": ["10.0.0.9/24"]}]}]"#;

async fn engine() -> DockerEngine {
    let address = serve(|path| match path {
        "/containers/json?filters=%7B%22status%22%3A%5B%22running%22%5D%7D" => json(CONTAINERS),
        "/networks" => json(NETWORKS),
        "/nodes?filters=%7B%22status%22%3A%5B%22running%22%5D%7D" | "/nodes" => json(NODE),
        "/services?filters=%7B%22status%22%3A%5B%22running%22%5D%7D" | "/services" => json(SERVICES),
        "/tasks?filters=%7B%22status%22%3A%5B%22running%22%5D%7D" => json(TASKS),
        _ => None,
    })
    .await;
    DockerEngine {
        host: format!("tcp://{address}"),
        filters: vec![("status".to_owned(), vec!["running".to_owned()])],
        client: http_client::Settings::default(),
    }
}

async fn of_swarm(role: SwarmRole, count: usize) -> Vec<Labels> {
    let settings = DockerSwarmSettings {
        engine: engine().await,
        role,
        port: 81,
        refresh_interval: Duration::from_secs(60),
    };
    targets(Settings::DockerSwarm(Box::new(settings)), count).await
}

fn value(labels: &Labels, name: &str) -> String {
    labels.value(&format!("__meta_dockerswarm_{name}")).to_owned()
}

#[tokio::test]
async fn a_container_is_a_target_in_the_network_it_was_started_with() {
    let settings = DockerSettings {
        engine: engine().await,
        port: 81,
        host_networking_host: "localhost".to_owned(),
        match_first_network: true,
        refresh_interval: Duration::from_secs(60),
    };
    let found = targets(Settings::Docker(Box::new(settings)), 2).await;
    let web = Labels::from_pairs([
        ("__address__", "10.0.1.2:80"),
        ("__meta_docker_container_id", "c1"),
        ("__meta_docker_container_label_com_example_app", "x"),
        ("__meta_docker_container_name", "/web"),
        ("__meta_docker_container_network_mode", "front"),
        ("__meta_docker_network_id", "n1"),
        ("__meta_docker_network_ingress", "false"),
        ("__meta_docker_network_internal", "false"),
        ("__meta_docker_network_ip", "10.0.1.2"),
        ("__meta_docker_network_label_zone", "a"),
        ("__meta_docker_network_name", "front"),
        ("__meta_docker_network_scope", "local"),
        ("__meta_docker_port_private", "80"),
        ("__meta_docker_port_public", "8080"),
        ("__meta_docker_port_public_ip", "0.0.0.0"),
    ]);
    assert_eq!(found.first(), Some(&web));
    // One that has the network of its host has no address of its own.
    assert_eq!(found.get(1).map(|labels| labels.value("__address__")), Some("localhost"));
}

#[tokio::test]
async fn services_are_targets_at_their_virtual_addresses() {
    let found = of_swarm(SwarmRole::Services, 1).await.remove(0);
    assert_eq!(found.value("__address__"), "10.0.0.3:8080");
    assert_eq!(value(&found, "service_name"), "web");
    assert_eq!(value(&found, "service_mode"), "replicated");
    assert_eq!(value(&found, "service_label_team"), "x");
    assert_eq!(value(&found, "service_endpoint_port_publish_mode"), "ingress");
    assert_eq!(value(&found, "service_task_container_image"), "img:1");
    assert_eq!(value(&found, "network_name"), "front");
}

#[tokio::test]
async fn tasks_are_targets_in_their_networks() {
    let found = of_swarm(SwarmRole::Tasks, 1).await.remove(0);
    assert_eq!(found.value("__address__"), "10.0.0.9:8080");
    assert_eq!(value(&found, "task_state"), "running");
    assert_eq!(value(&found, "task_slot"), "1");
    assert_eq!(value(&found, "task_container_id"), "c9");
    assert_eq!(value(&found, "container_label_app"), "y");
    assert_eq!(value(&found, "service_id"), "s1");
    assert_eq!(value(&found, "node_hostname"), "h1");
}

#[tokio::test]
async fn nodes_are_targets_themselves() {
    let found = of_swarm(SwarmRole::Nodes, 1).await.remove(0);
    assert_eq!(found.value("__address__"), "192.0.2.7:81");
    assert_eq!(value(&found, "node_label_disk"), "ssd");
    assert_eq!(value(&found, "node_engine_version"), "27.0");
    assert_eq!(value(&found, "node_manager_leader"), "true");
}
