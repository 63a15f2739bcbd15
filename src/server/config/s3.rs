//! The variables of a bucket that keeps the bytes of files.

use super::{BadConfig, bad, origin_in};
use secrecy::SecretString;

/// A bucket on Amazon S3 or on something that speaks like it (MinIO, Garage, SeaweedFS, Ceph).
#[derive(Clone, Debug)]
pub struct S3 {
    /// `S3_ENDPOINT` (default that of Amazon in the region): the origin this server reaches the storage at. https, unless it is
    /// on this machine.
    pub endpoint: String,
    /// `S3_PUBLIC_ENDPOINT` (default `S3_ENDPOINT`): the origin that browsers reach the same storage at.
    pub public_endpoint: String,
    /// `S3_REGION` (default `us-east-1` beside an endpoint; without one it is needed).
    pub region: String,
    /// `S3_BUCKET` (default none: a local folder): it exists, is private, and holds nothing else of importance.
    pub bucket: String,
    /// `S3_ACCESS_KEY_ID` and `S3_SECRET_ACCESS_KEY`: of a key that may read, write and list this bucket only.
    pub access_key_id: SecretString,
    pub secret_access_key: SecretString,
    /// `S3_PATH_STYLE` (`on` or `off`; default `on` beside an endpoint, else `off`): the bucket is in the path of an address, and
    /// not in the name of the host.
    pub path_style: bool,
}

impl S3 {
    /// Reads the variables through `value`, which gives no empty ones. `None` when none is set.
    pub(super) fn read(value: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, BadConfig> {
        let endpoint = value("S3_ENDPOINT");
        let public_endpoint = value("S3_PUBLIC_ENDPOINT");
        let region = value("S3_REGION");
        let bucket = value("S3_BUCKET");
        let (access_key_id, secret_access_key) = (value("S3_ACCESS_KEY_ID"), value("S3_SECRET_ACCESS_KEY"));
        let path_style = value("S3_PATH_STYLE");
        let Some(bucket) = bucket else {
            let given = [
                ("S3_ENDPOINT", endpoint.is_some()),
                ("S3_PUBLIC_ENDPOINT", public_endpoint.is_some()),
                ("S3_REGION", region.is_some()),
                ("S3_ACCESS_KEY_ID", access_key_id.is_some()),
                ("S3_SECRET_ACCESS_KEY", secret_access_key.is_some()),
                ("S3_PATH_STYLE", path_style.is_some()),
            ];
            return match given.iter().find(|(_, given)| *given) {
                None => Ok(None),
                Some((name, _)) => Err(bad("S3_BUCKET", format!("is needed beside {name}"))),
            };
        };
        if !is_bucket(&bucket) {
            return Err(bad("S3_BUCKET", format!("\"{bucket}\" is not the name of a bucket")));
        }
        let path_style = match path_style.as_deref() {
            None => endpoint.is_some(),
            Some("on") => true,
            Some("off") => false,
            Some(text) => return Err(bad("S3_PATH_STYLE", format!("\"{text}\" is neither \"on\" nor \"off\""))),
        };
        let region = match region {
            Some(text) if is_region(&text) => text,
            Some(text) => return Err(bad("S3_REGION", format!("\"{text}\" is not a region such as eu-central-1"))),
            None if endpoint.is_some() => "us-east-1".to_owned(),
            None => return Err(bad("S3_REGION", "is needed, unless S3_ENDPOINT says where the bucket is")),
        };
        let endpoint = match endpoint {
            None => format!("https://s3.{region}.amazonaws.com"),
            Some(text) => origin_at(&text).map_err(|problem| bad("S3_ENDPOINT", problem))?,
        };
        let needed = |name: &'static str, value: Option<String>| {
            value.map(SecretString::from).ok_or_else(|| bad(name, "is needed beside S3_BUCKET"))
        };
        Ok(Some(Self {
            public_endpoint: match public_endpoint {
                None => endpoint.clone(),
                Some(text) => origin_at(&text).map_err(|problem| bad("S3_PUBLIC_ENDPOINT", problem))?,
            },
            endpoint,
            region,
            access_key_id: needed("S3_ACCESS_KEY_ID", access_key_id)?,
            secret_access_key: needed("S3_SECRET_ACCESS_KEY", secret_access_key)?,
            // A certificate for `*.host` does not cover `a.b.host`.
            path_style: path_style || bucket.contains('.'),
            bucket,
        }))
    }

    /// The origin that browsers fetch blobs from.
    pub fn origin(&self) -> String {
        match self.public_endpoint.split_once("://") {
            Some((scheme, host)) if !self.path_style => format!("{scheme}://{}.{host}", self.bucket),
            _ => self.public_endpoint.clone(),
        }
    }

    /// What only shows beside the address of the chat itself.
    pub(super) fn check(&self, origins: &[String], is_https: bool) -> Result<(), BadConfig> {
        let name = if self.public_endpoint == self.endpoint { "S3_ENDPOINT" } else { "S3_PUBLIC_ENDPOINT" };
        if origins.contains(&self.origin()) {
            return Err(bad(
                name,
                "must be another origin than LAVENDER_URL: what people upload could act as the chat",
            ));
        }
        if is_https && !self.public_endpoint.starts_with("https://") {
            return Err(bad(name, "must be https, as LAVENDER_URL is: browsers would block the files"));
        }
        Ok(())
    }
}

fn origin_at(text: &str) -> Result<String, String> {
    let (origin, local) = origin_in(text, "https://s3.example.org")?;
    if origin.starts_with("http://") && !local {
        return Err("must be https: it is not on this machine".into());
    }
    Ok(origin)
}

fn is_bucket(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    (3..=63).contains(&name.len())
        && name.bytes().all(fits)
        && ends(name.bytes().next())
        && ends(name.bytes().last())
        && !name.contains("..")
}

fn is_region(name: &str) -> bool {
    name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    const KEYS: [(&str, &str); 3] =
        [("S3_BUCKET", "files"), ("S3_ACCESS_KEY_ID", "AKEXAMPLE"), ("S3_SECRET_ACCESS_KEY", "hunter2")];

    fn read(pairs: &[(&str, &str)]) -> Result<Config, BadConfig> {
        // The last one counts.
        let all: Vec<_> = KEYS.iter().chain(pairs).rev().collect();
        Config::read(|name| all.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    fn origin(pairs: &[(&str, &str)]) -> String {
        read(pairs).expect("good").s3.expect("a bucket").origin()
    }

    #[test]
    fn amazon_needs_a_region_and_others_an_endpoint() {
        assert_eq!(origin(&[("S3_REGION", "eu-central-1")]), "https://files.s3.eu-central-1.amazonaws.com");
        let dotted = [("S3_REGION", "eu-central-1"), ("S3_BUCKET", "files.example.org")];
        assert_eq!(origin(&dotted), "https://s3.eu-central-1.amazonaws.com");
        let minio = ("S3_ENDPOINT", "http://127.0.0.1:9000/");
        assert_eq!(origin(&[minio]), "http://127.0.0.1:9000");
        assert_eq!(origin(&[minio, ("S3_PATH_STYLE", "off")]), "http://files.127.0.0.1:9000");
        let public = ("S3_PUBLIC_ENDPOINT", "https://files.example.org");
        assert_eq!(origin(&[minio, public]), "https://files.example.org");
        let config = read(&[minio]).expect("good").s3.expect("a bucket");
        assert_eq!((config.region.as_str(), config.path_style), ("us-east-1", true));
    }

    #[test]
    fn a_bad_value_names_its_variable_and_hides_the_secret() {
        let local = ("S3_ENDPOINT", "http://localhost:9000");
        for (name, pairs) in [
            ("S3_REGION", vec![]),
            ("S3_REGION", vec![("S3_REGION", "eu central")]),
            ("S3_BUCKET", vec![local, ("S3_BUCKET", "")]),
            ("S3_BUCKET", vec![local, ("S3_BUCKET", "../x")]),
            ("S3_BUCKET", vec![local, ("S3_BUCKET", "Files")]),
            ("S3_ACCESS_KEY_ID", vec![local, ("S3_ACCESS_KEY_ID", "")]),
            ("S3_SECRET_ACCESS_KEY", vec![local, ("S3_SECRET_ACCESS_KEY", " ")]),
            ("S3_PATH_STYLE", vec![local, ("S3_PATH_STYLE", "yes")]),
            ("S3_ENDPOINT", vec![("S3_ENDPOINT", "s3.example.org")]),
            ("S3_ENDPOINT", vec![("S3_ENDPOINT", "http://s3.example.org")]),
            ("S3_ENDPOINT", vec![("S3_ENDPOINT", "https://u:p@s3.example.org")]),
            ("S3_ENDPOINT", vec![("S3_ENDPOINT", "https://s3.example.org/files")]),
            ("S3_ENDPOINT", vec![("S3_ENDPOINT", "http://localhost:8080")]),
            ("S3_ENDPOINT", vec![("S3_ENDPOINT", "http://127.0.0.1:8080")]),
            ("S3_ENDPOINT", vec![local, ("LAVENDER_URL", "https://chat.example.org")]),
            ("S3_PUBLIC_ENDPOINT", vec![local, ("S3_PUBLIC_ENDPOINT", "http://files.example.org")]),
        ] {
            let error = read(&pairs).expect_err(name);
            assert_eq!(error.variable, name, "{error}");
            assert!(!error.to_string().contains("hunter2") && !error.to_string().contains('\n'), "{error}");
        }
        let config = read(&[local]).expect("the control is good");
        assert!(!format!("{config:?}").contains("hunter2"), "debug output hides the secret");
    }
}
