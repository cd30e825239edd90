//! What is known of a cluster: the objects of each kind that a role needs, kept up to date by watches.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::RwLock;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::objects::{EndpointSlice, Endpoints, Ingress, Node, Object, Other, Pod, Service};
use super::watch::{Source, watch};
use super::{KubernetesAttach, KubernetesRole, KubernetesSettings};
use crate::ask::Server;
use crate::discoverer::Context;

/// Objects of one kind by namespace and name.
pub(super) struct Store<T> {
    objects: RwLock<BTreeMap<(String, String), Arc<T>>>,
    shared: Arc<Shared>,
}

/// What all stores tell.
#[derive(Default)]
struct Shared {
    changed: Notify,
    /// Lists that have not come yet.
    awaited: AtomicUsize,
}

impl<T: Object> Store<T> {
    /// Puts a list in the place of what was known of a namespace, or of all.
    pub(super) fn replace(&self, namespace: Option<&str>, objects: Vec<T>, is_first: bool) {
        let mut known = self.objects.write();
        known.retain(|(of, _), _| namespace.is_some_and(|namespace| of != namespace));
        known.extend(objects.into_iter().map(|object| (key(&object), Arc::new(object))));
        drop(known);
        if is_first {
            self.shared.awaited.fetch_sub(1, Ordering::SeqCst);
        }
        self.shared.changed.notify_one();
    }

    /// Takes an object as it is now; says whether it was there before.
    pub(super) fn put(&self, object: T) -> bool {
        let before = self.objects.write().insert(key(&object), Arc::new(object));
        self.shared.changed.notify_one();
        before.is_some()
    }

    /// Forgets an object.
    pub(super) fn remove(&self, object: &T) {
        self.objects.write().remove(&key(object));
        self.shared.changed.notify_one();
    }

    /// All objects.
    pub(super) fn all(&self) -> Vec<Arc<T>> {
        self.objects.read().values().cloned().collect()
    }

    /// The object of a name.
    pub(super) fn get(&self, namespace: &str, name: &str) -> Option<Arc<T>> {
        self.objects.read().get(&(namespace.to_owned(), name.to_owned())).cloned()
    }
}

fn key<T: Object>(object: &T) -> (String, String) {
    let meta = object.meta();
    (meta.namespace.clone(), meta.name.clone())
}

/// What is known of a cluster; kinds that the role does not need stay empty.
pub(super) struct Cluster {
    pub(super) nodes: Arc<Store<Node>>,
    pub(super) services: Arc<Store<Service>>,
    pub(super) pods: Arc<Store<Pod>>,
    pub(super) endpoints: Arc<Store<Endpoints>>,
    pub(super) slices: Arc<Store<EndpointSlice>>,
    pub(super) ingresses: Arc<Store<Ingress>>,
    pub(super) namespaces: Arc<Store<Other>>,
    pub(super) replica_sets: Arc<Store<Other>>,
    pub(super) jobs: Arc<Store<Other>>,
    pub(super) attach: KubernetesAttach,
    shared: Arc<Shared>,
    /// The watches, which end with it.
    watches: JoinSet<()>,
}

/// Where objects of a kind stand: what comes before the namespace, and the kind's name in paths.
type Place = (&'static str, &'static str);

impl Cluster {
    /// Begins to watch what the role needs.
    pub(super) fn watch(
        settings: &KubernetesSettings,
        server: &Server,
        namespaces: &[String],
        context: &Context,
    ) -> Self {
        let mut cluster = Self::empty(settings.attach);
        let mut begin = Begin { settings, server, namespaces, context, cluster: &mut cluster };
        let (role, attach) = (settings.role, settings.attach);
        let has_pods =
            matches!(role, KubernetesRole::Pod | KubernetesRole::Endpoints | KubernetesRole::EndpointSlice);
        match role {
            KubernetesRole::Endpoints => {
                begin.kind(("api/v1", "endpoints"), KubernetesRole::Endpoints, |of| &of.endpoints);
            }
            KubernetesRole::EndpointSlice => {
                let place = ("apis/discovery.k8s.io/v1", "endpointslices");
                begin.kind(place, KubernetesRole::EndpointSlice, |of| &of.slices);
            }
            KubernetesRole::Ingress => {
                let place = ("apis/networking.k8s.io/v1", "ingresses");
                begin.kind(place, KubernetesRole::Ingress, |of| &of.ingresses);
            }
            _ => {}
        }
        if has_pods {
            begin.kind(("api/v1", "pods"), KubernetesRole::Pod, |of| &of.pods);
        }
        if role == KubernetesRole::Service || (has_pods && role != KubernetesRole::Pod) {
            begin.kind(("api/v1", "services"), KubernetesRole::Service, |of| &of.services);
        }
        if role == KubernetesRole::Node || (has_pods && attach.node) {
            begin.everywhere(("api/v1", "nodes"), Some(KubernetesRole::Node), |of| &of.nodes);
        }
        if role != KubernetesRole::Node && attach.namespace {
            begin.everywhere(("api/v1", "namespaces"), None, |of| &of.namespaces);
        }
        if has_pods && attach.deployment {
            begin.owners(("apis/apps/v1", "replicasets"), |of| &of.replica_sets);
        }
        if has_pods && attach.cronjob {
            begin.owners(("apis/batch/v1", "jobs"), |of| &of.jobs);
        }
        cluster
    }

    /// Nothing, and nothing that is watched.
    pub(super) fn empty(attach: KubernetesAttach) -> Self {
        let shared = Arc::new(Shared::default());
        fn store<T>(shared: &Arc<Shared>) -> Arc<Store<T>> {
            Arc::new(Store { objects: RwLock::default(), shared: Arc::clone(shared) })
        }
        Self {
            nodes: store(&shared),
            services: store(&shared),
            pods: store(&shared),
            endpoints: store(&shared),
            slices: store(&shared),
            ingresses: store(&shared),
            namespaces: store(&shared),
            replica_sets: store(&shared),
            jobs: store(&shared),
            attach,
            shared,
            watches: JoinSet::new(),
        }
    }

    /// Waits until something has changed.
    pub(super) async fn changed(&self) {
        self.shared.changed.notified().await;
    }

    /// Whether every list has come once.
    pub(super) fn is_complete(&self) -> bool {
        self.shared.awaited.load(Ordering::SeqCst) == 0
    }
}

/// Begins watches.
struct Begin<'b> {
    settings: &'b KubernetesSettings,
    server: &'b Server,
    namespaces: &'b [String],
    context: &'b Context,
    cluster: &'b mut Cluster,
}

impl Begin<'_> {
    /// Watches a kind in each namespace that is looked at.
    fn kind<T: Object>(&mut self, place: Place, role: KubernetesRole, store: fn(&Cluster) -> &Arc<Store<T>>) {
        self.in_namespaces(place, Some(role), store);
    }

    /// Watches what owns pods; no selector speaks of it.
    fn owners(&mut self, place: Place, store: fn(&Cluster) -> &Arc<Store<Other>>) {
        self.in_namespaces(place, None, store);
    }

    fn in_namespaces<T: Object>(
        &mut self,
        (api, kind): Place,
        role: Option<KubernetesRole>,
        store: fn(&Cluster) -> &Arc<Store<T>>,
    ) {
        if self.namespaces.is_empty() {
            return self.everywhere((api, kind), role, store);
        }
        for namespace in self.namespaces {
            let path = format!("/{api}/namespaces/{namespace}/{kind}");
            self.begin(path, Some(namespace.clone()), role, store);
        }
    }

    /// Watches a kind in the whole cluster.
    fn everywhere<T: Object>(
        &mut self,
        (api, kind): Place,
        role: Option<KubernetesRole>,
        store: fn(&Cluster) -> &Arc<Store<T>>,
    ) {
        self.begin(format!("/{api}/{kind}"), None, role, store);
    }

    fn begin<T: Object>(
        &mut self,
        path: String,
        namespace: Option<String>,
        role: Option<KubernetesRole>,
        store: fn(&Cluster) -> &Arc<Store<T>>,
    ) {
        let selector = self.settings.selectors.iter().find(|selector| Some(selector.role) == role);
        let source = Source {
            server: self.server.clone(),
            path,
            namespace,
            label: selector.map(|selector| selector.label.clone()).unwrap_or_default(),
            field: selector.map(|selector| selector.field.clone()).unwrap_or_default(),
            role,
            metrics: self.context.metrics.clone(),
            set: self.context.set.clone(),
        };
        let store = Arc::clone(store(self.cluster));
        self.cluster.shared.awaited.fetch_add(1, Ordering::SeqCst);
        self.cluster.watches.spawn(watch(source, store));
    }
}
