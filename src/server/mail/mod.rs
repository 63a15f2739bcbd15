//! Letters, and the mail server that carries them. What is written when is a matter of [`crate::server::service::mails`].

mod letter;

pub use letter::{Letter, Paragraph};

use crate::server::config::{self, Security};
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::ExposeSecret;
use std::time::Duration;

/// How long the mail server may take for each step.
const PATIENCE: Duration = Duration::from_secs(15);

/// Why a letter was not taken.
#[derive(Debug)]
pub enum Failure {
    /// It may be another time.
    Later(String),
    /// It never will be.
    Never(String),
}

/// The way to the mail server.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// Behind the `@` of a letter's id.
    domain: String,
}

impl Mailer {
    /// # Errors
    /// One plain line that names the variable.
    pub fn new(settings: &config::Mail) -> Result<Self, String> {
        // There is more than one provider among the crates, and rustls does not choose.
        tokio_rustls::rustls::crypto::ring::default_provider().install_default().ok();
        let mut parameters =
            TlsParameters::builder(settings.host.clone()).certificate_store(CertificateStore::WebpkiRoots);
        if let Some(pem) = &settings.ca {
            let ca = Certificate::from_pem(pem).map_err(|_| "SMTP_CA: holds no certificate".to_owned())?;
            parameters = parameters.add_root_certificate(ca);
        }
        let parameters = parameters.build().map_err(|error| format!("SMTP_CA: {error}"))?;
        let tls = match settings.security {
            Security::Tls => Tls::Wrapper(parameters),
            Security::StartTls => Tls::Required(parameters),
            Security::Offered => Tls::Opportunistic(parameters),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(settings.host.clone())
            .port(settings.port)
            .tls(tls)
            .timeout(Some(PATIENCE));
        if let Some((user, password)) = &settings.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
        }
        let from: Mailbox = settings.from.parse().map_err(|_| "SMTP_FROM: is not an address".to_owned())?;
        Ok(Self { transport: builder.build(), domain: from.email.domain().to_owned(), from })
    }

    /// Gives a letter to the mail server. `id` is the same for every try, so that one that came twice can be told.
    ///
    /// # Errors
    /// Never with the address or the text in them.
    pub async fn send(&self, id: uuid::Uuid, to: &str, letter: &Letter) -> Result<(), Failure> {
        let to: Mailbox = to.parse().map_err(|_| Failure::Never("it has no address".to_owned()))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(letter.subject.clone())
            .message_id(Some(format!("<{id}@{}>", self.domain)))
            // RFC 3834: no answering machine answers.
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(letter.text(), letter.html()))
            .map_err(|_| Failure::Never("it cannot be written".to_owned()))?;
        self.transport.send(message).await.map(drop).map_err(|error| {
            let told = match error.status() {
                Some(code) => format!("the mail server answers {code}"),
                None if error.is_timeout() => "the mail server does not answer".to_owned(),
                None if error.is_tls() => "the mail server is not trusted".to_owned(),
                None => "the mail server cannot be reached".to_owned(),
            };
            // A wrong password is the operator's fault, and a letter outlives that.
            let is_ours =
                error.status().is_some_and(|code| matches!(code.to_string().as_str(), "530" | "534" | "535" | "538"));
            if error.is_permanent() && !is_ours { Failure::Never(told) } else { Failure::Later(told) }
        })
    }
}

#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
