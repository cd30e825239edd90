//! The nodes of a Kubernetes: what is said of containers and pods, and the histograms of the services in them.

use super::{BUCKET_SHARES, Course, Series, series_of};

/// Pods of a node.
const PODS: usize = 20;
/// Of how many namespaces and workloads they are.
const NAMESPACES: [&str; 8] =
    ["checkout", "ingress-nginx", "kube-system", "matrix", "media", "monitoring", "payments", "search"];
const WORKLOADS: [&str; 6] = ["api", "cache", "frontend", "queue", "synapse", "worker"];

/// What is said of each container.
const CONTAINER: &[(&str, Course)] = &[
    ("container_cpu_usage_seconds_total", Course::Seconds(900)),
    ("container_cpu_cfs_periods_total", Course::Counter(150)),
    ("container_cpu_cfs_throttled_periods_total", Course::Counter(9)),
    ("container_memory_working_set_bytes", Course::Walk(900_000)),
    ("container_memory_rss", Course::Walk(600_000)),
    ("container_memory_cache", Course::Walk(300_000)),
    ("container_fs_reads_bytes_total", Course::Counter(90_000)),
    ("container_fs_writes_bytes_total", Course::Counter(400_000)),
    ("container_network_receive_bytes_total", Course::Counter(900_000)),
    ("container_network_transmit_bytes_total", Course::Counter(900_000)),
    ("container_spec_memory_limit_bytes", Course::Constant(536_870_912.0)),
    ("kube_pod_container_resource_limits", Course::Constant(0.5)),
    ("kube_pod_container_resource_requests", Course::Constant(0.1)),
    ("kube_pod_container_status_ready", Course::Constant(1.0)),
    ("kube_pod_container_status_restarts_total", Course::Counter(0)),
];
const PHASES: [&str; 5] = ["Failed", "Pending", "Running", "Succeeded", "Unknown"];
const CODES: [&str; 3] = ["200", "404", "500"];
const BOUNDS: [&str; BUCKET_SHARES as usize] =
    ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf"];

/// The series of one node, numbered from 0.
pub(super) fn node(number: usize, seed: u64) -> Vec<Series> {
    (0..PODS).flat_map(|place| pod(number, place, seed)).collect()
}

fn pod(node: usize, place: usize, seed: u64) -> Vec<Series> {
    let number = node * PODS + place;
    let pick =
        |names: &[&'static str], of: usize| names.get(of % names.len().max(1)).copied().unwrap_or_default();
    let workload = pick(&WORKLOADS, number);
    let common = vec![
        ("cluster", format!("prod-{}", node % 4)),
        ("container", workload.to_owned()),
        ("instance", format!("10.{}.{}.{}:10250", node / 65536 % 256, node / 256 % 256, node % 256)),
        ("job", "kubelet".to_owned()),
        ("namespace", pick(&NAMESPACES, number / WORKLOADS.len()).to_owned()),
        ("node", format!("node-{node:05}.example.org")),
        ("pod", format!("{workload}-{:08x}-{place:05}", crate::noise::mix(number as u64) as u32)),
    ];
    let with = |name: &str, course, more: &[(&'static str, &str)]| {
        let mut labels = common.clone();
        labels.push(("__name__", name.to_owned()));
        labels.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        series_of(labels, seed, course)
    };
    let mut all: Vec<Series> = CONTAINER.iter().map(|(name, course)| with(name, *course, &[])).collect();
    for phase in PHASES {
        let course = Course::Constant(f64::from(u8::from(phase == "Running")));
        all.push(with("kube_pod_status_phase", course, &[("phase", phase)]));
    }
    let name = "http_request_duration_seconds";
    for code in CODES {
        for (shares, bound) in (1..).zip(BOUNDS) {
            all.push(with(
                &format!("{name}_bucket"),
                Course::Bucket(shares),
                &[("code", code), ("le", bound)],
            ));
        }
        all.push(with(&format!("{name}_sum"), Course::Seconds(700), &[("code", code)]));
        all.push(with(&format!("{name}_count"), Course::Bucket(BUCKET_SHARES), &[("code", code)]));
    }
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_node_has_no_series_twice_and_as_many_as_a_real_one() {
        let all: Vec<Series> = (0..3).flat_map(|number| node(number, 1)).collect();
        let distinct: BTreeSet<String> = all.iter().map(|series| format!("{:?}", series.labels)).collect();
        assert_eq!((distinct.len(), all.len()), (3 * 1240, 3 * 1240));
        assert!(all.iter().all(|series| series.labels.is_sorted()));
    }

    #[test]
    fn buckets_are_of_the_same_requests_and_never_fall() {
        let all = pod(7, 3, 1);
        let has = |series: &Series, label: &str, value: &str| {
            series.labels.iter().any(|(n, v)| *n == label && v == value)
        };
        let of = |name: &str| {
            let matching =
                all.iter().filter(|series| has(series, "__name__", name) && has(series, "code", "500"));
            matching.map(Series::values).collect::<Vec<_>>()
        };
        let mut buckets = of("http_request_duration_seconds_bucket");
        let mut count = of("http_request_duration_seconds_count");
        assert_eq!((buckets.len(), count.len()), (12, 1));
        let mut before = vec![0.0; 12];
        for scrape in 0..20 {
            let values: Vec<f64> = buckets.iter_mut().map(|bucket| bucket.next(scrape)).collect();
            assert!(values.is_sorted() && values.iter().zip(&before).all(|(now, before)| now >= before));
            assert_eq!(values.last().copied(), Some(count[0].next(scrape)));
            before = values;
        }
    }
}
