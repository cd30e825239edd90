//! Objects become targets; lists come in pages, and what happens later is followed.

mod roles;

use std::sync::Arc;

use parking_lot::Mutex;

use super::access::in_cluster;
use super::*;
use crate::Settings;
use crate::tests::{discoverer, serve, sets};
use http_client::Auth;
use model::Labels;

/// A list of objects at version 5.
pub(super) fn list(items: &str) -> Option<String> {
    body(&format!(r#"{{"metadata": {{"resourceVersion": "5"}}, "items": [{items}]}}"#))
}

fn body(text: &str) -> Option<String> {
    Some(format!("200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{text}", text.len()))
}

pub(super) fn settings(address: &str, role: KubernetesRole) -> KubernetesSettings {
    KubernetesSettings {
        access: KubernetesAccess::Url {
            url: format!("http://{address}/"),
            client: Box::new(http_client::Settings::default()),
        },
        role,
        namespaces: Vec::new(),
        own_namespace: false,
        selectors: Vec::new(),
        attach: KubernetesAttach::default(),
    }
}

/// The groups of a set, once `enough` holds for them: labels of the group and of each target.
pub(super) async fn found(
    settings: KubernetesSettings,
    enough: impl Fn(&[Arc<TargetGroup>]) -> bool,
) -> Vec<Arc<TargetGroup>> {
    let discoverer = discoverer();
    let mut receiver = discoverer.subscribe();
    discoverer.apply(sets([("a", vec![Settings::Kubernetes(Box::new(settings))])]));
    loop {
        receiver.changed().await.unwrap();
        let groups = receiver.borrow_and_update().get("a").cloned().unwrap_or_default();
        if enough(&groups) {
            return groups;
        }
    }
}

const NODES: [&str; 2] = [
    r#"{"metadata": {"name": "n1", "resourceVersion": "3"}, "status": {"addresses": [{"type": "InternalIP", "address": "10.0.0.1"}], "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}}}}"#,
    r#"{"metadata": {"name": "n2", "resourceVersion": "4"}, "status": {"addresses": [{"type": "InternalIP", "address": "10.0.0.2"}], "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}}}}"#,
];

fn names(groups: &[Arc<TargetGroup>]) -> Vec<&str> {
    groups.iter().map(|group| group.source.as_str()).collect()
}

#[tokio::test]
async fn a_list_comes_in_pages_and_changes_are_followed() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    let address = serve(move |path| {
        noted.lock().push(path.to_owned());
        let watches = path.contains("watch=true");
        match path {
            _ if watches && path.contains("resourceVersion=5") => body(&format!(
                "{}\n{}\n{}\n",
                r#"{"type": "ADDED", "object": {"metadata": {"name": "n3", "resourceVersion": "6"}}}"#,
                r#"{"type": "DELETED", "object": {"metadata": {"name": "n1", "resourceVersion": "7"}}}"#,
                r#"{"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "9"}}}"#,
            )),
            _ if watches => None,
            "/api/v1/nodes?labelSelector=a%3Db&limit=500" => body(&format!(
                r#"{{"metadata": {{"resourceVersion": "5", "continue": "next"}}, "items": [{}]}}"#,
                NODES[0]
            )),
            "/api/v1/nodes?labelSelector=a%3Db&limit=500&continue=next" => list(NODES[1]),
            _ => None,
        }
    })
    .await;
    let selector =
        KubernetesSelector { role: KubernetesRole::Node, label: "a=b".to_owned(), field: String::new() };
    let settings =
        KubernetesSettings { selectors: vec![selector], ..settings(&address, KubernetesRole::Node) };
    let groups = found(settings, |groups| names(groups) == ["node/n2", "node/n3"]).await;
    assert_eq!(groups.len(), 2);
    let watch = asked.lock().iter().find(|path| path.contains("watch")).cloned().unwrap();
    assert_eq!(
        watch,
        "/api/v1/nodes?labelSelector=a%3Db&watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=300"
    );
}

#[tokio::test]
async fn a_forgotten_state_is_listed_again() {
    let lists = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&lists);
    let address = serve(move |path| {
        if path.contains("watch=true") {
            let gone =
                r#"{"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old"}}"#;
            return body(gone);
        }
        let mut count = counted.lock();
        *count += 1;
        list(if *count == 1 { NODES[0] } else { NODES[1] })
    })
    .await;
    let groups = found(settings(&address, KubernetesRole::Node), |groups| names(groups) == ["node/n2"]).await;
    assert_eq!(groups.len(), 1);
    assert!(*lists.lock() >= 2);
}

#[tokio::test]
async fn namespaces_are_asked_one_by_one() {
    let address = serve(|path| match path.split('?').next().unwrap() {
        "/api/v1/namespaces/a/services" => list(r#"{"metadata": {"name": "s", "namespace": "a"}}"#),
        "/api/v1/namespaces/b/services" => list(r#"{"metadata": {"name": "s", "namespace": "b"}}"#),
        _ => None,
    })
    .await;
    let settings = KubernetesSettings {
        namespaces: vec!["a".to_owned(), "b".to_owned()],
        ..settings(&address, KubernetesRole::Service)
    };
    let groups = found(settings, |groups| !groups.is_empty()).await;
    assert_eq!(names(&groups), ["svc/a/s", "svc/b/s"]);
}

#[test]
fn a_pod_finds_its_own_cluster() {
    let (url, client) = in_cluster(&|name| match name {
        "KUBERNETES_SERVICE_HOST" => Some("fd00::1".to_owned()),
        "KUBERNETES_SERVICE_PORT" => Some("443".to_owned()),
        _ => None,
    })
    .unwrap();
    assert_eq!(url, "https://[fd00::1]:443");
    assert!(matches!(client.auth, Auth::Header { .. }) && client.tls.ca.is_some());
    let error = in_cluster(&|_| None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined"
    );
}

#[test]
fn files_of_kubectl_are_read() {
    let text = "current-context: c\nclusters:\n- name: k\n  cluster: {server: 'https://h:6443', certificate-authority-data: aGk=}\n\
                users:\n- name: u\n  user: {token: secret}\ncontexts:\n- name: c\n  context: {cluster: k, user: u}\n";
    let read = |text: &str| kubeconfig::read(text, std::path::Path::new("/etc/kube/config"));
    let (url, client) = read(text).unwrap();
    assert_eq!(url, "https://h:6443");
    assert_eq!(client.tls.ca, Some(http_client::PemSource::Inline("hi".to_owned())));
    assert_eq!(client.auth, Auth::bearer(http_client::Secret::new("secret")));
    let files = text.replace("certificate-authority-data: aGk=", "certificate-authority: ca.pem");
    let (_, client) = read(&files).unwrap();
    assert_eq!(client.tls.ca, Some(http_client::PemSource::File("/etc/kube/ca.pem".into())));
    assert_eq!(read("{}").unwrap_err().to_string(), "context \"\" does not exist");
    assert!(read(&text.replace("token: secret", "exec: {command: x}")).is_err());
}

/// The labels of a group with those of one of its targets.
pub(super) fn labels(group: &TargetGroup, target: usize) -> Labels {
    Labels::from_pairs(group.labels.iter().chain(group.targets[target].iter()))
}
