//! What targets say.

use platform::simulated::SimulatedClock;

use super::*;
use crate::fleet::{Churn, Settings};

fn farm(settings: Settings) -> (Farm, Arc<SimulatedClock>) {
    let clock = Arc::new(SimulatedClock::new(0));
    let shared: Arc<dyn Clock> = clock.clone();
    (Farm::new(settings, Duration::from_secs(10), shared), clock)
}

#[test]
fn a_target_tells_each_metric_once_and_goes_on_with_the_time() {
    let (farm, clock) = farm(Settings::new(748, 1));
    let first = farm.scrape("/0?server=a").unwrap();
    assert_eq!(first.matches("# TYPE node_cpu_seconds_total counter\n").count(), 1);
    assert!(first.contains("\nnode_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} "));
    assert!(!first.contains("instance=") && first.ends_with('\n'));
    assert_eq!(farm.scrape("/0?server=b").unwrap(), first);
    clock.advance(Duration::from_secs(10));
    assert_ne!(farm.scrape("/0?server=a").unwrap(), first);
    let asked = farm.asked.lock().unwrap().clone();
    let lines = first.lines().filter(|line| !line.starts_with('#')).count() as u64;
    assert_eq!(asked["a"], Asked { scrapes: 2, samples: 2 * lines });
    assert_eq!(asked["b"], Asked { scrapes: 1, samples: lines });
}

#[test]
fn a_fleet_has_as_many_targets_as_machines() {
    let (farm, _) = farm(Settings::new(2000, 1));
    assert_eq!(farm.targets.len(), 3);
    assert_eq!(farm.scrape("/3"), None);
    assert_eq!(farm.scrape("/"), None);
}

#[test]
fn nodes_are_replaced_when_it_is_time() {
    let churn = Churn { per_mille: 1000, every: 1 };
    let (farm, clock) = farm(Settings { shape: fleet::Kind::Kubernetes, churn, ..Settings::new(1240, 1) });
    let pods = |body: &str| {
        body.lines()
            .filter(|line| line.starts_with("kube_pod_container_status_ready{"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let first = pods(&farm.scrape("/0").unwrap());
    clock.advance(Duration::from_secs(10));
    let second = pods(&farm.scrape("/0").unwrap());
    assert_eq!((first.len(), second.len()), (20, 20));
    assert!(first.iter().all(|pod| !second.contains(pod)));
}

#[test]
fn the_configuration_names_each_target_with_its_labels() {
    let text = configuration::text(&Settings::new(800, 1).machines(), "127.0.0.1:9101", 5, "x");
    let wanted = "global: {scrape_interval: 5s, scrape_timeout: 5s}\nscrape_configs:\n- job_name: node\n  params: {server: ['x']}\n  \
        static_configs:\n  \
        - {targets: ['127.0.0.1:9101'], labels: {__metrics_path__: '/0', instance: 'node-00000.example.org:9100', cluster: 'prod-0'}}\n  \
        - {targets: ['127.0.0.1:9101'], labels: {__metrics_path__: '/1', instance: 'node-00001.example.org:9100', cluster: 'prod-1'}}\n";
    assert_eq!(text, wanted);
}
