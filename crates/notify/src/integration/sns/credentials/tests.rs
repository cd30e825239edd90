//! Keys come from where the configuration, the environment and the files say, in that order.

use platform::FileSystem;
use platform::simulated::SimulatedFileSystem;

use super::*;

const FILE: &str = "# keys\n[default]\naws_access_key_id = D\naws_secret_access_key=ds\n\n[ team ]\n\
    aws_access_key_id=T\naws_secret_access_key = ts\naws_session_token = tt\n[half]\naws_access_key_id = H\n";

fn own(sigv4: &SigV4, variables: &[(&str, &str)]) -> Result<Credentials, String> {
    let files = SimulatedFileSystem::new();
    for (path, text) in [
        ("/own/.aws/credentials", FILE),
        ("/own/.aws/config", "[profile other]\naws_access_key_id=O\naws_secret_access_key=os\n"),
    ] {
        let path = Path::new(path);
        files.create_dir_all(path.parent().unwrap()).unwrap();
        files.create(path).unwrap().append(text.as_bytes()).unwrap();
    }
    let environment = |name: &str| {
        let all = variables.iter().chain(&[("HOME", "/own")]);
        all.into_iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
    };
    sigv4.own(&files, &environment).map_err(|failure| failure.text)
}

fn keys(access_key: &str, secret: &str, token: Option<&str>) -> Credentials {
    let token = token.map(Secret::from);
    Credentials { access_key: access_key.to_owned(), secret_key: secret.into(), token }
}

#[test]
fn keys_come_from_the_configuration_the_environment_or_a_profile() {
    let of = |profile: &str| SigV4 { profile: profile.to_owned(), ..SigV4::default() };
    let written = SigV4 { access_key: "W".to_owned(), secret_key: "ws".into(), ..of("team") };
    let variables = [("AWS_ACCESS_KEY_ID", "E"), ("AWS_SECRET_ACCESS_KEY", "es")];
    assert_eq!(own(&written, &variables), Ok(keys("W", "ws", None)));
    assert_eq!(own(&of("team"), &variables), Ok(keys("T", "ts", Some("tt"))));
    assert_eq!(own(&of("other"), &variables), Ok(keys("O", "os", None)));
    assert_eq!(own(&of(""), &variables), Ok(keys("E", "es", None)));
    assert_eq!(own(&of(""), &[]), Ok(keys("D", "ds", None)));
    assert_eq!(own(&of(""), &[("AWS_PROFILE", "team")]), Ok(keys("T", "ts", Some("tt"))));
    for missing in ["half", "nobody"] {
        assert_eq!(own(&of(missing), &[]), Err(format!("no keys of AWS for the profile {missing:?}")));
    }
}

#[test]
fn answers_are_read_by_their_elements() {
    let token = "t".repeat(3000);
    let answer = format!(
        "<AssumeRoleResponse><Credentials>\n<AccessKeyId>A</AccessKeyId>\n<SessionToken> {token}\n</SessionToken>"
    );
    assert_eq!(of_answer(&answer), None, "without its secret a key is none");
    let answer = answer + "<SecretAccessKey>s</SecretAccessKey>";
    assert_eq!(of_answer(&answer), Some(keys("A", "s", Some(&token))));
    assert_eq!(of_answer(&answer.replace("SessionToken", "Other")), None, "nor without its token");
}
