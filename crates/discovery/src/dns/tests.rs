//! Records of a server of this test's own become targets.

use hickory_resolver::config::{ConnectionConfig, NameServerConfig};
use telemetry::Registry;
use tokio::net::UdpSocket;

use super::*;

/// A name as records hold it.
fn wire(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in name.trim_end_matches('.').split('.') {
        out.push(u8::try_from(label.len()).unwrap());
        out.extend_from_slice(label.as_bytes());
    }
    out.push(0);
    out
}

/// Answers each question with these records, or with the error code where there are none.
async fn serve(kind: u16, records: Vec<Vec<u8>>, code: u8) -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut buffer = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let query = &buffer[..length];
            let name_end = 12 + query[12..].iter().position(|byte| *byte == 0).unwrap() + 1;
            let mut answer = query[..2].to_vec();
            answer.extend([0x81, 0x80 | code, 0, 1, 0, u8::try_from(records.len()).unwrap(), 0, 0, 0, 0]);
            answer.extend(&query[12..name_end + 4]);
            for data in &records {
                answer.extend([0xc0, 12]);
                answer.extend(kind.to_be_bytes());
                answer.extend([0, 1, 0, 0, 0, 60]);
                answer.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
                answer.extend(data);
            }
            socket.send_to(&answer, from).await.unwrap();
        }
    });
    port
}

fn names(server_port: u16, record: DnsRecord, port: u16) -> Names {
    let resolver = move || {
        let mut connection = ConnectionConfig::udp();
        connection.port = server_port;
        let server = NameServerConfig::new("127.0.0.1".parse().unwrap(), true, vec![connection]);
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).build()
    };
    Names {
        settings: DnsSettings {
            names: vec!["_web._tcp.example.test".to_owned()],
            record,
            port,
            refresh_interval: Duration::from_secs(30),
        },
        resolver: Box::new(resolver),
        found: BTreeMap::new(),
        metrics: Metrics::new(&Registry::new()),
        set: "a".to_owned(),
    }
}

async fn found(names: &mut Names) -> Vec<model::Labels> {
    names.refresh().await.unwrap().into_iter().flat_map(|group| group.targets).collect()
}

fn labels(pairs: &[(&str, &str)]) -> model::Labels {
    let name = ("__meta_dns_name", "_web._tcp.example.test");
    model::Labels::from_pairs(pairs.iter().copied().chain([name]))
}

#[tokio::test]
async fn services_name_their_hosts_and_ports() {
    let record = [[0, 1, 0, 2, 0x1f, 0x90].as_slice(), &wire("host.example.test.")].concat();
    let mut names = names(serve(33, vec![record], 0).await, DnsRecord::Srv, 0);
    let wanted = labels(&[
        ("__address__", "host.example.test:8080"),
        ("__meta_dns_srv_record_target", "host.example.test."),
        ("__meta_dns_srv_record_port", "8080"),
    ]);
    assert_eq!(found(&mut names).await, [wanted]);
}

#[tokio::test]
async fn addresses_of_both_versions_get_the_port_of_the_settings() {
    let mut four = names(serve(1, vec![vec![192, 0, 2, 1]], 0).await, DnsRecord::A, 80);
    assert_eq!(found(&mut four).await, [labels(&[("__address__", "192.0.2.1:80")])]);
    let address: std::net::Ipv6Addr = "2001:db8::1".parse().unwrap();
    let mut six = names(serve(28, vec![address.octets().to_vec()], 0).await, DnsRecord::Aaaa, 80);
    assert_eq!(found(&mut six).await, [labels(&[("__address__", "[2001:db8::1]:80")])]);
}

#[tokio::test]
async fn servers_of_mail_and_of_names_are_targets() {
    let mail = [[0, 10].as_slice(), &wire("mail.example.test")].concat();
    let mut mail = names(serve(15, vec![mail], 0).await, DnsRecord::Mx, 25);
    let wanted = labels(&[
        ("__address__", "mail.example.test:25"),
        ("__meta_dns_mx_record_target", "mail.example.test."),
    ]);
    assert_eq!(found(&mut mail).await, [wanted]);
    let mut server = names(serve(2, vec![wire("ns.example.test")], 0).await, DnsRecord::Ns, 53);
    let wanted =
        labels(&[("__address__", "ns.example.test:53"), ("__meta_dns_ns_record_target", "ns.example.test.")]);
    assert_eq!(found(&mut server).await, [wanted]);
}

#[tokio::test]
async fn a_name_that_is_gone_has_no_targets_and_a_failure_keeps_them() {
    let mut names = names(serve(1, vec![vec![192, 0, 2, 1]], 0).await, DnsRecord::A, 80);
    assert_eq!(found(&mut names).await.len(), 1);
    // A server that refuses.
    names.resolver = self::names(serve(1, Vec::new(), 5).await, DnsRecord::A, 80).resolver;
    assert_eq!(found(&mut names).await.len(), 1);
    assert_eq!(names.metrics.servers.dns_lookup_failures.get(), 1);
    // One that knows of no such name.
    names.resolver = self::names(serve(1, Vec::new(), 3).await, DnsRecord::A, 80).resolver;
    assert_eq!(found(&mut names).await.len(), 0);
}
