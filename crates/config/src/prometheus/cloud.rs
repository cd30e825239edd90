//! How requests prove themselves to the clouds: Amazon's signature, Azure's and Google's accounts.

use crate::{
    decode::{Check, Decoder, Invalid, section},
    values::{FilePath, Secret},
    yaml::Node,
};

section! {
    /// Amazon's signature, version 4.
    pub struct SigV4Config as "sigv4.plain" {
        /// The region.
        region: String = String::new() => ["region"];
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
        /// Whether the certified address hands out the role.
        use_fips_sts_endpoint: bool = false => ["use_fips_sts_endpoint"];
        /// The service that the signature is for.
        service_name: String = String::new() => ["service_name"];
    }
}

impl Check for SigV4Config {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.access_key.is_empty() != self.secret_key.is_empty() {
            let message = "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config";
            return Err(Box::new(decoder.problem(node, message)));
        }
        Ok(())
    }
}

section! {
    /// An account of Azure.
    pub struct AzureAdConfig as "azuread.plain" {
        /// The identity of the machine.
        managed_identity: Option<ManagedIdentity> = None => ["managed_identity"];
        /// The identity of the workload.
        workload_identity: Option<WorkloadIdentity> = None => ["workload_identity"];
        /// A client and its secret.
        oauth: Option<AzureOAuth> = None => ["oauth"];
        /// A client and its certificate.
        certificate: Option<AzureCertificate> = None => ["certificate"];
        /// Whatever the environment gives.
        sdk: Option<AzureSdk> = None => ["sdk"];
        /// Which of the clouds.
        cloud: String = String::new() => ["cloud"];
        /// What is asked for.
        scope: String = String::new() => ["scope"];
    }
}

section! {
    /// The identity that a machine of Azure has.
    pub struct ManagedIdentity as "azuread.ManagedIdentityConfig" {
        /// Which of several.
        client_id: String = String::new() => ["client_id"];
    }
}

section! {
    /// The identity that a workload of Azure has.
    pub struct WorkloadIdentity as "azuread.WorkloadIdentityConfig" {
        /// Who asks.
        client_id: String = String::new() => ["client_id"];
        /// In which directory.
        tenant_id: String = String::new() => ["tenant_id"];
        /// A file that holds the token of the cluster.
        token_file_path: FilePath = FilePath::default() => ["token_file_path"];
    }
}

section! {
    /// A client of Azure and its secret.
    pub struct AzureOAuth as "azuread.OAuthConfig" {
        /// Who asks.
        client_id: String = String::new() => ["client_id"];
        /// With which secret.
        client_secret: Secret = Secret::default() => ["client_secret"];
        /// In which directory.
        tenant_id: String = String::new() => ["tenant_id"];
    }
}

section! {
    /// A client of Azure and its certificate.
    pub struct AzureCertificate as "azuread.CertificateConfig" {
        /// Who asks.
        client_id: String = String::new() => ["client_id"];
        /// In which directory.
        tenant_id: String = String::new() => ["tenant_id"];
        /// A file that holds the certificate and its key.
        certificate_path: FilePath = FilePath::default() => ["certificate_path"];
        /// The key's password.
        certificate_password: Secret = Secret::default() => ["certificate_password"];
    }
}

section! {
    /// Whatever the environment gives to Azure's own client.
    pub struct AzureSdk as "azuread.SDKConfig" {
        /// In which directory.
        tenant_id: String = String::new() => ["tenant_id"];
    }
}

section! {
    /// An account of Google.
    pub struct GoogleIamConfig as "googleiam.Config" {
        /// A file that holds the account's key.
        credentials_file: FilePath = FilePath::default() => ["credentials_file"];
    }
}

impl Check for ManagedIdentity {}
impl Check for WorkloadIdentity {}
impl Check for AzureOAuth {}
impl Check for AzureCertificate {}
impl Check for AzureSdk {}
impl Check for GoogleIamConfig {}

impl Check for AzureAdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.cloud.is_empty() {
            self.cloud = "AzurePublic".into();
        }
        match self.fault() {
            Some((key, message)) => Err(decoder.invalid_key(node, key, message)),
            None => Ok(()),
        }
    }
}

impl AzureAdConfig {
    fn fault(&self) -> Option<(&'static str, String)> {
        if !["AzureChina", "AzureGovernment", "AzurePublic"].contains(&self.cloud.as_str()) {
            let message = "must provide a cloud in the Azure AD config".to_string();
            return Some(("cloud", message));
        }
        let given = [
            self.managed_identity.is_some(),
            self.workload_identity.is_some(),
            self.oauth.is_some(),
            self.certificate.is_some(),
            self.sdk.is_some(),
        ];
        match given.iter().filter(|given| **given).count() {
            1 => {}
            0 => {
                let message = "must provide an Azure Managed Identity, Azure Workload Identity, Azure OAuth, \
                               Azure Certificate or Azure SDK in the Azure AD config";
                return Some(("managed_identity", message.into()));
            }
            _ => {
                let message = "cannot provide multiple authentication methods in the Azure AD config";
                return Some(("oauth", message.into()));
            }
        }
        self.fault_of_ids()
    }

    fn fault_of_ids(&self) -> Option<(&'static str, String)> {
        if let Some(identity) = &self.managed_identity
            && !identity.client_id.is_empty()
            && !is_uuid(&identity.client_id)
        {
            return Some((
                "managed_identity",
                "the provided Azure Managed Identity client_id is invalid".into(),
            ));
        }
        if let Some(identity) = &self.workload_identity {
            let required = [("client_id", &identity.client_id), ("tenant_id", &identity.tenant_id)];
            if let Some(message) = fault_of(&required, "Azure Workload Identity") {
                return Some(("workload_identity", message));
            }
        }
        if let Some(oauth) = &self.oauth {
            let secret = oauth.client_secret.expose().to_string();
            let required = [
                ("client_id", &oauth.client_id),
                ("client_secret", &secret),
                ("tenant_id", &oauth.tenant_id),
            ];
            if let Some(message) = fault_of(&required, "Azure OAuth") {
                return Some(("oauth", message));
            }
        }
        if let Some(certificate) = &self.certificate {
            let path = certificate.certificate_path.as_str().to_string();
            let required = [
                ("client_id", &certificate.client_id),
                ("tenant_id", &certificate.tenant_id),
                ("certificate_path", &path),
            ];
            if let Some(message) = fault_of(&required, "Azure Certificate") {
                return Some(("certificate", message));
            }
        }
        match &self.sdk {
            Some(sdk) if !sdk.tenant_id.is_empty() && !is_tenant(&sdk.tenant_id) => {
                Some(("sdk", "the provided Azure SDK tenant_id is invalid".into()))
            }
            _ => None,
        }
    }
}

/// What is missing or malformed among ids that a way to authenticate requires.
fn fault_of(required: &[(&str, &String)], way: &str) -> Option<String> {
    for (key, value) in required {
        if value.is_empty() {
            return Some(format!("must provide an {way} {key} in the Azure AD config"));
        }
        let fits = match *key {
            "client_id" => is_uuid(value),
            "tenant_id" => is_tenant(value),
            _ => true,
        };
        if !fits {
            return Some(format!("the provided {way} {key} is invalid"));
        }
    }
    None
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|c| c.is_ascii_hexdigit()))
}

fn is_tenant(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.')
}
