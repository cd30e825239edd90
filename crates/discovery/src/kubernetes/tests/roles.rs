//! The labels of each role, as the documentation of Prometheus lists them.

use super::{
    KubernetesAttach, KubernetesRole, KubernetesSettings, TargetGroup, found, labels, list, settings,
};
use crate::tests::serve;
use std::sync::Arc;

const PODS: &str = r#"{"metadata": {"name": "web-1", "namespace": "shop", "uid": "u1", "labels": {"app.kubernetes.io/name": "web"},
        "annotations": {"prometheus.io/scrape": "true"},
        "ownerReferences": [{"kind": "ReplicaSet", "name": "web-rs", "controller": true}]},
    "spec": {"nodeName": "n1", "containers": [
        {"name": "app", "image": "web:1", "ports": [
            {"name": "http", "containerPort": 8080, "protocol": "TCP"}, {"name": "admin", "containerPort": 9090, "protocol": "TCP"}]},
        {"name": "side", "image": "side:1", "ports": null}],
      "initContainers": [{"name": "prepare", "image": "init:1"}]},
    "status": {"phase": "Running", "podIP": "10.1.0.5", "hostIP": "10.0.0.1", "conditions": [{"type": "Ready", "status": "True"}],
      "containerStatuses": [{"name": "app", "containerID": "containerd://a1"}]}},
  {"metadata": {"name": "new", "namespace": "shop"}, "spec": {"containers": [{"name": "c"}]}, "status": {"phase": "Pending"}},
  {"metadata": {"name": "job-1", "namespace": "shop", "ownerReferences": [{"kind": "Job", "name": "nightly-1", "controller": true}]},
   "spec": {"containers": [{"name": "c", "image": "j:1"}]}, "status": {"podIP": "fd00::7"}}"#;
const NODE: &str = r#"{"metadata": {"name": "n1", "labels": {"zone": "a"}}, "spec": {"providerID": "aws:///i-1"},
    "status": {"addresses": [{"type": "Hostname", "address": "h1"}, {"type": "InternalIP", "address": "10.0.0.1"}, {"type": "InternalIP", "address": "fd00::1"}],
      "conditions": [{"type": "Ready", "status": "True"}, {"type": "DiskPressure", "status": "False"}],
      "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}}}}"#;
const SERVICES: &str = r#"{"metadata": {"name": "web", "namespace": "shop", "labels": {"team": "x"}},
    "spec": {"type": "LoadBalancer", "clusterIP": "10.2.0.1", "loadBalancerIP": "192.0.2.1",
      "ports": [{"name": "http", "protocol": "TCP", "port": 80}]}},
  {"metadata": {"name": "out", "namespace": "shop"}, "spec": {"type": "ExternalName", "externalName": "x.example", "ports": [{"port": 443, "protocol": "TCP"}]}}"#;
const ENDPOINTS: &str = r#"{"metadata": {"name": "web", "namespace": "shop"}, "subsets": [{
    "addresses": [{"ip": "10.1.0.5", "nodeName": "n1", "hostname": "w", "targetRef": {"kind": "Pod", "namespace": "shop", "name": "web-1"}}],
    "notReadyAddresses": [{"ip": "10.1.0.6"}],
    "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}]}]}"#;
const SLICES: &str = r#"{"metadata": {"name": "web-abc", "namespace": "shop", "labels": {"kubernetes.io/service-name": "web"}}, "addressType": "IPv4",
    "endpoints": [{"addresses": ["10.1.0.5"], "conditions": {"ready": true, "serving": true, "terminating": false}, "nodeName": "n1", "zone": "a",
      "hostname": "w", "targetRef": {"kind": "Pod", "namespace": "shop", "name": "web-1"}, "deprecatedTopology": {"topology.kubernetes.io/zone": "a"}}],
    "ports": [{"name": "http", "port": 8080, "protocol": "TCP", "appProtocol": "http"}]}"#;
const INGRESSES: &str = r#"{"metadata": {"name": "in", "namespace": "shop"}, "spec": {"ingressClassName": "nginx", "tls": [{"hosts": ["*.example.org"]}],
    "rules": [{"host": "a.example.org", "http": {"paths": [{"path": "/x"}, {}]}}, {"host": "plain.test"}, {"host": "b.a.example.org"}]}}"#;
const NAMESPACES: &str = r#"{"metadata": {"name": "shop", "labels": {"env": "prod"}}}"#;
const REPLICA_SETS: &str = r#"{"metadata": {"name": "web-rs", "namespace": "shop", "ownerReferences": [{"kind": "Deployment", "name": "web", "controller": true}]}}"#;
const JOBS: &str = r#"{"metadata": {"name": "nightly-1", "namespace": "shop", "ownerReferences": [{"kind": "CronJob", "name": "nightly", "controller": true}]}}"#;

async fn groups(role: KubernetesRole, attach: KubernetesAttach) -> Vec<Arc<TargetGroup>> {
    let address = serve(|path| {
        if path.contains("watch=true") {
            return None;
        }
        list(match path.split('?').next().unwrap() {
            "/api/v1/pods" => PODS,
            "/api/v1/nodes" => NODE,
            "/api/v1/services" => SERVICES,
            "/api/v1/endpoints" => ENDPOINTS,
            "/apis/discovery.k8s.io/v1/endpointslices" => SLICES,
            "/apis/networking.k8s.io/v1/ingresses" => INGRESSES,
            "/api/v1/namespaces" => NAMESPACES,
            "/apis/apps/v1/replicasets" => REPLICA_SETS,
            "/apis/batch/v1/jobs" => JOBS,
            _ => return None,
        })
    })
    .await;
    found(KubernetesSettings { attach, ..settings(&address, role) }, |groups| !groups.is_empty()).await
}

const ALL: KubernetesAttach =
    KubernetesAttach { node: true, namespace: true, deployment: true, job: true, cronjob: true };

/// Checks the labels of a target, each given behind `__meta_kubernetes_` but for the address.
fn check(group: &TargetGroup, target: usize, address: &str, expected: &[(&str, &str)]) {
    let mut shown: Vec<(String, String)> = Vec::new();
    for (name, value) in labels(group, target).iter() {
        let name = name.strip_prefix("__meta_kubernetes_").unwrap_or(name);
        shown.push((name.to_owned(), value.to_owned()));
    }
    let mut wanted: Vec<(String, String)> =
        expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    wanted.push(("__address__".to_owned(), address.to_owned()));
    shown.sort();
    wanted.sort();
    assert_eq!(shown, wanted);
}

const POD: [(&str, &str); 13] = [
    ("namespace", "shop"),
    ("pod_name", "web-1"),
    ("pod_ip", "10.1.0.5"),
    ("pod_ready", "true"),
    ("pod_phase", "Running"),
    ("pod_node_name", "n1"),
    ("pod_host_ip", "10.0.0.1"),
    ("pod_uid", "u1"),
    ("pod_label_app_kubernetes_io_name", "web"),
    ("pod_labelpresent_app_kubernetes_io_name", "true"),
    ("pod_annotation_prometheus_io_scrape", "true"),
    ("pod_annotationpresent_prometheus_io_scrape", "true"),
    ("pod_controller_kind", "ReplicaSet"),
];
const HTTP: [(&str, &str); 7] = [
    ("pod_container_name", "app"),
    ("pod_container_id", "containerd://a1"),
    ("pod_container_image", "web:1"),
    ("pod_container_init", "false"),
    ("pod_container_port_name", "http"),
    ("pod_container_port_number", "8080"),
    ("pod_container_port_protocol", "TCP"),
];

#[tokio::test]
async fn pods_are_a_target_for_each_port() {
    let groups = groups(KubernetesRole::Pod, ALL).await;
    let sources: Vec<&str> = groups.iter().map(|group| group.source.as_str()).collect();
    assert_eq!(sources, ["pod/shop/job-1", "pod/shop/new", "pod/shop/web-1"]);
    let [job, new, web] = [&groups[0], &groups[1], &groups[2]];
    assert_eq!(web.targets.len(), 4);
    let attached = [
        ("pod_controller_name", "web-rs"),
        ("pod_deployment_name", "web"),
        ("namespace_label_env", "prod"),
        ("namespace_labelpresent_env", "true"),
        ("node_name", "n1"),
        ("node_label_zone", "a"),
        ("node_labelpresent_zone", "true"),
    ];
    check(web, 0, "10.1.0.5:8080", &[&POD[..], &HTTP[..], &attached[..]].concat());
    let addresses: Vec<_> = web.targets.iter().map(|target| target.value("__address__")).collect();
    assert_eq!(addresses, ["10.1.0.5:8080", "10.1.0.5:9090", "10.1.0.5", "10.1.0.5"]);
    assert_eq!(web.targets[3].value("__meta_kubernetes_pod_container_init"), "true");
    assert!(new.targets.is_empty());
    assert_eq!(new.labels.value("__meta_kubernetes_pod_ready"), "unknown");
    assert_eq!(job.targets[0].value("__address__"), "fd00::7");
    assert_eq!(job.labels.value("__meta_kubernetes_pod_job_name"), "nightly-1");
    assert_eq!(job.labels.value("__meta_kubernetes_pod_cronjob_name"), "nightly");
}

#[tokio::test]
async fn nodes_are_their_kubelets() {
    let groups = groups(KubernetesRole::Node, KubernetesAttach::default()).await;
    let expected = [
        ("instance", "n1"),
        ("node_name", "n1"),
        ("node_provider_id", "aws:///i-1"),
        ("node_label_zone", "a"),
        ("node_labelpresent_zone", "true"),
        ("node_condition_Ready", "true"),
        ("node_condition_DiskPressure", "false"),
        ("node_address_Hostname", "h1"),
        ("node_address_InternalIP", "10.0.0.1"),
    ];
    check(&groups[0], 0, "10.0.0.1:10250", &expected);
}

#[tokio::test]
async fn services_are_a_target_for_each_port() {
    let groups = groups(KubernetesRole::Service, ALL).await;
    let namespace = [
        ("namespace", "shop"),
        ("namespace_label_env", "prod"),
        ("namespace_labelpresent_env", "true"),
        ("service_port_protocol", "TCP"),
    ];
    let out = [
        ("service_name", "out"),
        ("service_port_number", "443"),
        ("service_type", "ExternalName"),
        ("service_external_name", "x.example"),
    ];
    check(&groups[0], 0, "out.shop.svc:443", &[&namespace[..], &out[..]].concat());
    let web = [
        ("service_name", "web"),
        ("service_label_team", "x"),
        ("service_labelpresent_team", "true"),
        ("service_port_name", "http"),
        ("service_port_number", "80"),
        ("service_type", "LoadBalancer"),
        ("service_cluster_ip", "10.2.0.1"),
        ("service_loadbalancer_ip", "192.0.2.1"),
    ];
    check(&groups[1], 0, "web.shop.svc:80", &[&namespace[..], &web[..]].concat());
}

const SERVICE: [(&str, &str); 4] = [
    ("pod_controller_name", "web-rs"),
    ("service_name", "web"),
    ("service_label_team", "x"),
    ("service_labelpresent_team", "true"),
];

#[tokio::test]
async fn endpoints_know_their_service_and_pods() {
    let groups = groups(KubernetesRole::Endpoints, KubernetesAttach::default()).await;
    let own = [
        ("endpoints_name", "web"),
        ("endpoint_port_name", "http"),
        ("endpoint_port_protocol", "TCP"),
        ("endpoint_ready", "true"),
        ("endpoint_address_target_kind", "Pod"),
        ("endpoint_address_target_name", "web-1"),
        ("endpoint_node_name", "n1"),
        ("endpoint_hostname", "w"),
    ];
    check(&groups[0], 0, "10.1.0.5:8080", &[&POD[..], &HTTP[..], &SERVICE[..], &own[..]].concat());
    let addresses: Vec<_> = groups[0].targets.iter().map(|target| target.value("__address__")).collect();
    // The last one is a port of the pod that the service does not lead to.
    assert_eq!(addresses, ["10.1.0.5:8080", "10.1.0.6:8080", "10.1.0.5:9090"]);
    assert_eq!(groups[0].targets[1].value("__meta_kubernetes_endpoint_ready"), "false");
    assert_eq!(groups[0].targets[2].value("__meta_kubernetes_pod_container_port_name"), "admin");
}

#[tokio::test]
async fn slices_know_their_service_and_pods() {
    let groups = groups(KubernetesRole::EndpointSlice, KubernetesAttach::default()).await;
    let own = [
        ("endpointslice_name", "web-abc"),
        ("endpointslice_address_type", "IPv4"),
        ("endpointslice_label_kubernetes_io_service_name", "web"),
        ("endpointslice_labelpresent_kubernetes_io_service_name", "true"),
        ("endpointslice_port", "8080"),
        ("endpointslice_port_name", "http"),
        ("endpointslice_port_protocol", "TCP"),
        ("endpointslice_port_app_protocol", "http"),
        ("endpointslice_endpoint_conditions_ready", "true"),
        ("endpointslice_endpoint_conditions_serving", "true"),
        ("endpointslice_endpoint_conditions_terminating", "false"),
        ("endpointslice_endpoint_hostname", "w"),
        ("endpointslice_endpoint_node_name", "n1"),
        ("endpointslice_endpoint_zone", "a"),
        ("endpointslice_address_target_kind", "Pod"),
        ("endpointslice_address_target_name", "web-1"),
        ("endpointslice_endpoint_topology_topology_kubernetes_io_zone", "a"),
        ("endpointslice_endpoint_topology_present_topology_kubernetes_io_zone", "true"),
    ];
    check(&groups[0], 0, "10.1.0.5:8080", &[&POD[..], &HTTP[..], &SERVICE[..], &own[..]].concat());
    assert_eq!(groups[0].targets.len(), 2);
}

#[tokio::test]
async fn ingresses_are_a_target_for_each_path() {
    let groups = groups(KubernetesRole::Ingress, KubernetesAttach::default()).await;
    let own = [
        ("namespace", "shop"),
        ("ingress_name", "in"),
        ("ingress_class_name", "nginx"),
        ("ingress_scheme", "https"),
        ("ingress_host", "a.example.org"),
        ("ingress_path", "/x"),
    ];
    check(&groups[0], 0, "a.example.org", &own);
    let told: Vec<(&str, &str)> = groups[0]
        .targets
        .iter()
        .map(|target| {
            let of = |end: &str| target.value(&format!("__meta_kubernetes_ingress_{end}"));
            (of("scheme"), of("path"))
        })
        .collect();
    // A star stands for one part of a name.
    assert_eq!(told, [("https", "/x"), ("https", "/"), ("http", "/"), ("http", "/")]);
}
