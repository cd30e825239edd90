//! Which discovery runs for which settings.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::discoverer::{Context, Updates};
use crate::{Settings, TargetGroup, consul, dns, docker, file, http, kubernetes};

/// Runs until it is dropped, reporting what it finds.
pub(crate) type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The work of one discovery.
pub(crate) fn run(settings: Settings, context: Context, updates: Updates) -> Running {
    match settings {
        Settings::Static(groups) => Box::pin(async move { updates.send(shared(groups)) }),
        Settings::File(settings) => Box::pin(file::run(settings, context, updates)),
        Settings::Http(settings) => Box::pin(http::run(*settings, context, updates)),
        Settings::Dns(settings) => Box::pin(dns::run(settings, context, updates)),
        Settings::Consul(settings) => Box::pin(consul::run(*settings, context, updates)),
        Settings::Docker(settings) => Box::pin(docker::run(*settings, context, updates)),
        Settings::DockerSwarm(settings) => Box::pin(docker::run_swarm(*settings, context, updates)),
        Settings::Kubernetes(settings) => Box::pin(kubernetes::run(*settings, context, updates)),
        Settings::NotSupportedYet { mechanism } => Box::pin(async move {
            tracing::warn!(
                discovery = mechanism,
                config = context.set,
                "service discovery is not supported yet, it has no targets"
            );
            updates.send(Vec::new());
        }),
    }
}

fn shared(groups: Vec<TargetGroup>) -> Vec<Arc<TargetGroup>> {
    groups.into_iter().map(Arc::new).collect()
}
