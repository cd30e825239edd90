//! What the real program refuses, and with which words.

use super::load;

/// Loads `before` + each text + `after` and compares the refusal; `OK` stands for none.
#[track_caller]
fn answers(before: &str, after: &str, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let got = match load(&format!("{before}{text}{after}")) {
            Ok(_) => "OK".to_string(),
            Err((text, _)) => text.trim_start_matches("parsing YAML file prometheus.yml: ").to_string(),
        };
        assert_eq!(got, *expected, "{text}");
    }
}

const JOB: &str = "scrape_configs: [{job_name: a, ";

#[test]
fn ways_to_authenticate_exclude_each_other() {
    answers(
        JOB,
        "}]",
        &[
            ("basic_auth: {}", "OK"),
            (
                "basic_auth: {username: u, username_file: f}",
                "at most one of basic_auth username, username_file & username_ref must be configured",
            ),
            (
                "basic_auth: {password: u, password_file: f}",
                "at most one of basic_auth password, password_file & password_ref must be configured",
            ),
            (
                "authorization: {credentials: x}, bearer_token: y",
                "authorization is not compatible with bearer_token & bearer_token_file",
            ),
            (
                "authorization: {type: \" basic \"}",
                "authorization type cannot be set to \"basic\", use \"basic_auth\" instead",
            ),
            ("oauth2: {}", "oauth2 client_id must be configured"),
            ("oauth2: {client_id: a}", "oauth2 token_url must be configured"),
            (
                "oauth2: {client_id: a, client_secret: b, client_secret_file: c, token_url: x}",
                "at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured using \
             grant-type=client_credentials",
            ),
            (
                "oauth2: {client_id: a, token_url: x}, basic_auth: {username: u}",
                "at most one of basic_auth, oauth2 & authorization must be configured",
            ),
            (
                "oauth2: {client_id: a, token_url: x}, bearer_token: z",
                "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured",
            ),
            (
                "oauth2: {client_id: a, token_url: x, tls_config: {cert: a}}",
                "exactly one of key or key_file must be configured when a client certificate is configured",
            ),
        ],
    );
}

#[test]
fn tls_proxies_and_headers_fit_together() {
    answers(
        JOB,
        "}]",
        &[
            (
                "tls_config: {key: a}",
                "exactly one of cert or cert_file must be configured when a client key is configured",
            ),
            (
                "tls_config: {cert: a, cert_file: b, key: c}",
                "at most one of cert, cert_file & cert_ref must be configured",
            ),
            (
                "tls_config: {key: a, key_file: b, cert: c}",
                "at most one of key and key_file must be configured",
            ),
            ("tls_config: {ca: a, ca_file: b}", "at most one of ca, ca_file & ca_ref must be configured"),
            ("tls_config: {min_version: SSL30}", "unknown TLS version: SSL30"),
            ("tls_config: {min_version: TLS13, max_version: TLS12}", "OK"),
            ("no_proxy: x", "if no_proxy is configured, proxy_url must also be configured"),
            (
                "no_proxy: x, proxy_from_environment: true",
                "if proxy_from_environment is configured, no_proxy must not be configured",
            ),
            (
                "proxy_connect_header: {a: [b]}",
                "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured",
            ),
            ("proxy_url: \":x\"", "parse \":x\": missing protocol scheme"),
            ("http_headers: {accept-encoding: {}}", "setting header \"Accept-Encoding\" is not allowed"),
            ("http_headers: {Cookie: {values: [x]}}", "OK"),
        ],
    );
}

#[test]
fn relabelling_rules_have_what_their_action_needs_and_nothing_else() {
    answers(
        "scrape_configs: [{job_name: a, relabel_configs: [",
        "]}]",
        &[
            ("null", "empty or null target relabeling rule in scrape config"),
            ("{}", "relabel configuration for replace action requires 'target_label' value"),
            ("{action: \"\"}", "unknown relabel action \"\""),
            ("{action: null, target_label: x}", "relabel action cannot be empty"),
            ("{action: keep}", "OK"),
            ("{action: labelmap, replacement: \"\"}", "\"\" is invalid 'replacement' for labelmap action"),
            (
                "{action: labeldrop, source_labels: [a]}",
                "labeldrop action requires only 'regex', and no other fields",
            ),
            ("{action: labeldrop, target_label: \"\"}", "OK"),
            (
                "{action: keepequal, target_label: x, separator: a}",
                "keepequal action requires only 'source_labels' and `target_label`, and no other fields",
            ),
            (
                "{action: keepequal, target_label: x, replacement: a}",
                "'replacement' can not be set for keepequal action",
            ),
            (
                "{action: uppercase, target_label: x, replacement: \"\"}",
                "'replacement' can not be set for uppercase action",
            ),
            (
                "{action: hashmod, target_label: x}",
                "relabel configuration for hashmod requires non-zero modulus",
            ),
            ("{source_labels: [\"\"], target_label: x}", "\"\" is not a valid label name"),
            ("{regex: \"(?<a>b)\", target_label: x}", "OK"),
            (
                "{regex: \"a**\", target_label: x}",
                "error parsing regexp: invalid nested repetition operator: `**`",
            ),
            ("{target_label: \"a${1\"}", "OK"),
        ],
    );
    let legacy =
        "global: {metric_name_validation_scheme: legacy}\nscrape_configs: [{job_name: a, relabel_configs: [";
    answers(
        legacy,
        "]}]",
        &[
            ("{target_label: \"x y\"}", "\"x y\" is invalid 'target_label' for replace action"),
            ("{target_label: \"a_${1}b$2\"}", "OK"),
            ("{target_label: \"a${1\"}", "\"a${1\" is invalid 'target_label' for replace action"),
            ("{target_label: \"1$1\"}", "\"1$1\" is invalid 'target_label' for replace action"),
        ],
    );
}

#[test]
fn discoveries_require_what_they_cannot_do_without() {
    answers(
        JOB,
        "}]",
        &[
            ("static_configs: [null]", "empty or null section in static_configs"),
            ("static_configs: [{targets: [\"http://x\"]}]", "\"http://x\" is not a valid hostname"),
            ("static_configs: [{targets: [\"a/b\"]}], relabel_configs: [{target_label: a}]", "OK"),
            ("static_configs: [{targets: [x], labels: {\"\": a}}]", "\"\" is not a valid label name"),
            ("dns_sd_configs: [null]", "empty or null section in dns_sd_configs"),
            ("dns_sd_configs: [{}]", "DNS-SD config must contain at least one SRV record name"),
            ("dns_sd_configs: [{names: [a], type: srv}]", "OK"),
            (
                "dns_sd_configs: [{names: [a], type: a}]",
                "a port is required in DNS-SD configs for all record types except SRV",
            ),
            ("docker_sd_configs: [{host: \":x\"}]", "parse \":x\": missing protocol scheme"),
            ("dockerswarm_sd_configs: [{host: x}]", "role missing (one of: tasks, services, nodes)"),
            (
                "dockerswarm_sd_configs: [{host: x, role: y}]",
                "invalid role y, expected tasks, services, or nodes",
            ),
            ("eureka_sd_configs: [{server: x}]", "eureka_sd: invalid eureka server URL"),
            ("file_sd_configs: [{}]", "file service discovery config must contain at least one path name"),
            (
                "file_sd_configs: [{files: [\"*/a.json\"]}]",
                "path name \"*/a.json\" is not valid for file discovery",
            ),
            ("file_sd_configs: [{files: [\"a*b*.JSON\"]}]", "OK"),
            ("gce_sd_configs: [{project: x}]", "GCE SD configuration requires a zone"),
            ("hetzner_sd_configs: [{}]", "role missing (one of: robot, hcloud)"),
            ("hetzner_sd_configs: [{role: x}]", "unknown role \"x\""),
            ("http_sd_configs: [{}]", "URL is missing"),
            ("http_sd_configs: [{url: \"http:///x\"}]", "host is missing in URL"),
            ("ionos_sd_configs: [{}]", "datacenter id can't be empty"),
            ("marathon_sd_configs: [{}]", "marathon_sd: must contain at least one Marathon server"),
            (
                "marathon_sd_configs: [{servers: [x], auth_token: a, bearer_token: b}]",
                "marathon_sd: at most one of bearer_token, bearer_token_file, auth_token & auth_token_file must be configured",
            ),
            (
                "nerve_sd_configs: [{servers: [x], paths: [x]}]",
                "nerve SD config paths must begin with '/': x",
            ),
            ("ovhcloud_sd_configs: [{}]", "application key can not be empty"),
            ("puppetdb_sd_configs: [{url: \"http://x\"}]", "query missing"),
            ("scaleway_sd_configs: [{role: instance}]", "project_id is mandatory"),
            ("triton_sd_configs: [{account: a}]", "triton SD configuration requires a dns_suffix"),
            ("uyuni_sd_configs: [{server: x, username: u}]", "Uyuni SD configuration requires a password"),
            ("linode_sd_configs: [{}], vultr_sd_configs: [{}], digitalocean_sd_configs: [{}]", "OK"),
            ("aws_sd_configs: [{role: ec2, some_new_key: x}]", "OK"),
            (
                "vultr_sd_configs: [{zzz: 1}]",
                "yaml: unmarshal errors:\n  line 1: field zzz not found in type vultr.plain",
            ),
        ],
    );
}

#[test]
fn kubernetes_is_reached_in_one_way_and_selectors_fit_their_role() {
    answers(
        "scrape_configs: [{job_name: a, kubernetes_sd_configs: [{",
        "}]}]",
        &[
            ("", "role missing (one of: pod, service, endpoints, endpointslice, node, ingress)"),
            ("role: Pod", "unknown Kubernetes SD role \"Pod\""),
            (
                "role: pod, api_server: \"http://x\", kubeconfig_file: f",
                "cannot use 'kubeconfig_file' and 'api_server' simultaneously",
            ),
            (
                "role: pod, basic_auth: {username: x}",
                "to use custom HTTP client configuration please provide the 'api_server' URL explicitly",
            ),
            (
                "role: pod, kubeconfig_file: f, follow_redirects: false",
                "cannot use a custom HTTP client configuration together with 'kubeconfig_file'",
            ),
            (
                "role: pod, api_server: \"http://x\", namespaces: {own_namespace: true}",
                "cannot use 'api_server' and 'namespaces.own_namespace' simultaneously",
            ),
            ("role: pod, selectors: [{role: pod}, {role: pod}]", "duplicated selector role: pod"),
            ("role: pod, selectors: [{role: service}]", "pod role supports only pod selectors"),
            ("role: endpoints, selectors: [{role: pod}, {role: service}, {role: endpoints}]", "OK"),
            (
                "role: endpointslice, selectors: [{role: endpoints}]",
                "endpointslice role supports only pod, service, endpointslice selectors",
            ),
            (
                "role: pod, selectors: [{role: pod, label: \"a b c\"}]",
                "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
            ),
            (
                "role: pod, selectors: [{role: pod, label: \"a in b\"}]",
                "unable to parse requirement: found 'b' expected: '('",
            ),
            (
                "role: pod, selectors: [{role: pod, label: \"a=b c\"}]",
                "found 'c', expected: ',' or 'end of string'",
            ),
            (
                "role: pod, selectors: [{role: pod, label: \"!a,b in (c,d), e != f\", field: \"a=b,c!=d\"}]",
                "OK",
            ),
            ("role: pod, selectors: [{role: pod, field: a}]", "invalid selector: 'a'; can't understand 'a'"),
        ],
    );
}

#[test]
fn remote_stores_are_named_once_and_asked_in_one_way() {
    answers(
        "remote_write: [",
        "]",
        &[
            ("null", "empty or null remote write config section"),
            ("{}", "url for remote_write is empty"),
            (
                "{url: \"http://a\", name: a}, {url: \"http://b\", name: a}",
                "found multiple remote write configs with job name \"a\"",
            ),
            (
                "{url: \"http://a\", headers: {x-amz-date: x}}",
                "x-amz-date is a reserved header. It must not be changed",
            ),
            (
                "{url: \"http://a\", sigv4: {access_key: a}}",
                "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config",
            ),
            (
                "{url: \"http://a\", bearer_token: x, sigv4: {}}",
                "at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured. \
             Currently configured: [authorization sigv4]",
            ),
            (
                "{url: \"http://a\", write_relabel_configs: [{}]}",
                "relabel configuration for replace action requires 'target_label' value",
            ),
        ],
    );
    answers(
        "remote_read: [",
        "]",
        &[
            ("null", "empty or null remote read config section"),
            ("{url: \"http://a\", required_matchers: {\"\": x}}", "\"\" is not a valid label name"),
            ("{url: \"http://a\", headers: {accept: x}}", "OK"),
        ],
    );
}

#[test]
fn other_sections_are_checked_too() {
    answers(
        "",
        "",
        &[
            ("rule_files: [\"a/*/b\"]", "invalid rule file path \"a/*/b\""),
            ("log_rule_files: [\"a/*/b\"]", "invalid rule file path \"a/*/b\""),
            ("scrape_config_files: [\"*/b\"]", "invalid scrape config file path \"*/b\""),
            (
                "scrape_config_files: [\"a[\"]",
                "error retrieving scrape config files for \"a[\": syntax error in pattern",
            ),
            ("global: {external_labels: {\"\": x}}", "\"\" is not a valid label name"),
            ("global: {scrape_timeout: 5m}", "global scrape timeout greater than scrape interval"),
            ("global: {scrape_protocols: []}", "scrape_protocols cannot be empty for global config"),
            (
                "global: {metric_name_escaping_scheme: foo}\nscrape_configs: [{job_name: a}]",
                "unknown global name escaping method specified, must be one of 'allow-utf-8', 'underscores', 'dots', or \
             'values', got \"foo\"",
            ),
            (
                "alerting: {alertmanagers: [{relabel_configs: [null]}]}",
                "empty or null Alertmanager target relabeling rule",
            ),
            (
                "alerting: {alertmanagers: [{api_version: v1}]}",
                "expected Alertmanager api version to be one of [v2] but got v1",
            ),
            (
                "alerting: {alertmanagers: [{sigv4: {}, basic_auth: {username: a}}]}",
                "at most one of basic_auth, authorization, oauth2, & sigv4 must be configured",
            ),
            (
                "alerting: {alert_relabel_configs: [{}]}",
                "relabel configuration for replace action requires 'target_label' value",
            ),
            ("otlp: {translation_strategy: x}", "unsupported OTLP translation strategy \"x\""),
            // All else is looked at before.
            (
                "otlp: {translation_strategy: x}\nzzz: 1",
                "yaml: unmarshal errors:\n  line 2: field zzz not found in type config.plain",
            ),
            (
                "global: {metric_name_validation_scheme: legacy}\notlp: {translation_strategy: NoTranslation}",
                "OTLP translation strategy \"NoTranslation\" is not allowed when UTF8 is disabled",
            ),
            (
                "otlp: {promote_all_resource_attributes: true, ignore_resource_attributes: [a, a]}",
                "invalid 'ignore_resource_attributes': duplicated ignored OTel resource attribute \"a\"",
            ),
            ("tracing: {}", "tracing endpoint must be set"),
            (
                "tracing: {endpoint: x, headers: {Host: y}}",
                "Host is a reserved header. It must not be changed",
            ),
            ("storage: {}", "OK"),
        ],
    );
}
