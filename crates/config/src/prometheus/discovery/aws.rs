//! Amazon: virtual machines and other services, one key for all and one for each.

use std::time::Duration;

use super::{ONE_MINUTE, PORT, check_client};
use crate::{
    decode::{Check, Decoder, Invalid, section},
    prometheus::http_client::HttpClientConfig,
    values::Secret,
    yaml::Node,
};

section! {
    /// Any of Amazon's services, chosen by `role`.
    pub struct AwsSdConfig as "aws.plain" {
        /// `ec2`, `lightsail`, `ecs`, `msk`, `elasticache` or `rds`.
        role: String = String::new() => ["role", always];
        /// The region; where the program runs unless given.
        region: String = String::new() => ["region", always];
        /// Another address to ask.
        endpoint: String = String::new() => ["endpoint"];
        /// The key's id.
        access_key: String = String::new() => ["access_key"];
        /// The key.
        secret_key: Secret = Secret::default() => ["secret_key"];
        /// A named profile instead.
        profile: String = String::new() => ["profile"];
        /// A role to take on.
        role_arn: String = String::new() => ["role_arn"];
        /// What the role's owner asks for.
        external_id: String = String::new() => ["external_id"];
        /// Which clusters, by their names.
        clusters: Vec<String> = Vec::new() => ["clusters"];
        /// The port of the targets.
        port: isize = PORT => ["port"];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval"];
        /// Which instances.
        filters: Vec<Ec2Filter> = Vec::new() => ["filters"];
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
    }
}

section! {
    /// Amazon's virtual machines.
    pub struct Ec2SdConfig as "aws.plain" {
        /// Another address to ask.
        endpoint: String = String::new() => ["endpoint", always];
        /// The region; where the program runs unless given.
        region: String = String::new() => ["region", always];
        /// The key's id.
        access_key: String = String::new() => ["access_key"];
        /// The key.
        secret_key: Secret = Secret::default() => ["secret_key"];
        /// A named profile instead.
        profile: String = String::new() => ["profile"];
        /// A role to take on.
        role_arn: String = String::new() => ["role_arn"];
        /// What the role's owner asks for.
        external_id: String = String::new() => ["external_id"];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval"];
        /// The port of the targets.
        port: isize = PORT => ["port", always];
        /// Which instances.
        filters: Vec<Ec2Filter> = Vec::new() => ["filters", always];
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
    }
}

section! {
    /// Amazon's small virtual machines.
    pub struct LightsailSdConfig as "aws.plain" {
        /// Another address to ask.
        endpoint: String = String::new() => ["endpoint", always];
        /// The region; where the program runs unless given.
        region: String = String::new() => ["region", always];
        /// The key's id.
        access_key: String = String::new() => ["access_key"];
        /// The key.
        secret_key: Secret = Secret::default() => ["secret_key"];
        /// A named profile instead.
        profile: String = String::new() => ["profile"];
        /// A role to take on.
        role_arn: String = String::new() => ["role_arn"];
        /// What the role's owner asks for.
        external_id: String = String::new() => ["external_id"];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval"];
        /// The port of the targets.
        port: isize = PORT => ["port", always];
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
    }
}

section! {
    /// One of Amazon's managed services: containers, Kafka, caches or databases.
    pub struct AwsRoleSdConfig as "aws.plain" {
        /// The region; where the program runs unless given.
        region: String = String::new() => ["region", always];
        /// Another address to ask.
        endpoint: String = String::new() => ["endpoint", always];
        /// The key's id.
        access_key: String = String::new() => ["access_key"];
        /// The key.
        secret_key: Secret = Secret::default() => ["secret_key"];
        /// A named profile instead.
        profile: String = String::new() => ["profile"];
        /// A role to take on.
        role_arn: String = String::new() => ["role_arn"];
        /// What the role's owner asks for.
        external_id: String = String::new() => ["external_id"];
        /// Which clusters, by their names.
        clusters: Vec<String> = Vec::new() => ["clusters"];
        /// Which instances.
        filters: Vec<Ec2Filter> = Vec::new() => ["filters"];
        /// The port of the targets.
        port: isize = PORT => ["port", always];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval"];
        /// How many requests at once.
        request_concurrency: isize = 20 => ["request_concurrency"];
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
    }
}

section! {
    /// A restriction in Amazon's words.
    pub struct Ec2Filter as "aws.EC2Filter" {
        /// What is looked at.
        name: String = String::new() => ["name", always];
        /// What it may be.
        values: Vec<String> = Vec::new() => ["values", always];
    }
}

impl Check for Ec2Filter {}

impl Check for AwsSdConfig {
    fn take_unknown(&mut self, _key: &str, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        decoder.pass_over(node, "the discovery of AWS");
        Ok(true)
    }

    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        match self.role.as_str() {
            "ec2" | "lightsail" | "ecs" | "msk" | "elasticache" | "rds" => {}
            "" => {
                return Err(decoder.invalid_key(
                    node,
                    "role",
                    "role missing (one of: ec2, ecs, elasticache, lightsail, msk, rds)",
                ));
            }
            role => {
                let message = format!("unknown AWS SD role {}", model::quote::quote(role));
                return Err(decoder.invalid_key(node, "role", message));
            }
        }
        check_filters(&self.filters, node, decoder)?;
        check_client(&mut self.http, node, decoder)
    }
}

impl Check for Ec2SdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        check_filters(&self.filters, node, decoder)?;
        check_client(&mut self.http, node, decoder)
    }
}

impl Check for LightsailSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        check_client(&mut self.http, node, decoder)
    }
}

impl Check for AwsRoleSdConfig {
    fn take_unknown(&mut self, _key: &str, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        decoder.pass_over(node, "the discovery of AWS");
        Ok(true)
    }

    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        check_client(&mut self.http, node, decoder)
    }
}

fn check_filters(filters: &[Ec2Filter], node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
    if filters.iter().any(|filter| filter.values.is_empty()) {
        let message = "EC2 SD configuration filter values cannot be empty";
        return Err(decoder.invalid_key(node, "filters", message));
    }
    Ok(())
}
