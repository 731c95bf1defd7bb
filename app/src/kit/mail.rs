//! The way out for letters: a mail server, or a folder of this machine where none is named. What a letter says and when
//! it goes is the business of features.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

/// How long a mail server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(20);

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    way: Way,
    from: Address,
    place: String,
}

enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

/// A letter ready to go.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The part of the Message-ID before the `@`: the same each time it is sent, so that a second copy is known as one.
    pub id: String,
    pub from_name: String,
    pub reply_to: Option<String>,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub attachments: Vec<Enclosure>,
    pub at: DateTime<Utc>,
}

/// A file that goes with a letter.
#[derive(Clone, Debug)]
pub struct Enclosure {
    pub name: String,
    pub content_type: String,
    pub bytes: Vec<u8>,
}

/// Why a letter did not go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendError {
    /// It may go later.
    Later(String),
    /// It never will.
    Never(String),
    /// The mail server knows no such recipient.
    Bounced(String),
}

impl Mailer {
    /// By a mail server: `smtp://USER:PASSWORD@HOST:PORT?tls=required`, `smtps://…`.
    pub fn smtp(url: &str, from: &str) -> Result<Self, String> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| "TENANTRY_SMTP_URL wants smtp://USER:PASSWORD@HOST:PORT?tls=required or smtps://USER:PASSWORD@HOST".to_owned())?;
        let host = url.rsplit('@').next().unwrap_or(url).trim_start_matches("smtps://").trim_start_matches("smtp://");
        let place = host.split(['/', '?']).next().unwrap_or_default().to_owned();
        Self::new(Way::Smtp(builder.timeout(Some(TIMEOUT)).build()), from, place)
    }

    /// Into a folder, one file for each letter, for people to read.
    pub fn folder(folder: &Path, from: &str) -> Result<Self, String> {
        Self::new(Way::Folder(folder.to_owned()), from, folder.display().to_string())
    }

    fn new(way: Way, from: &str, place: String) -> Result<Self, String> {
        let from = from.parse().map_err(|_| "TENANTRY_MAIL_FROM wants an address, such as billing@example.com".to_owned())?;
        Ok(Self(Arc::new(Inner { way, from, place })))
    }

    /// Whether letters leave this machine.
    pub fn leaves(&self) -> bool {
        matches!(self.0.way, Way::Smtp(_))
    }

    /// The mail server's host, or the folder.
    pub fn place(&self) -> &str {
        &self.0.place
    }

    /// The Message-ID of a letter.
    pub fn message_id(&self, id: &str) -> String {
        format!("<{id}@{}>", self.0.from.domain())
    }

    /// Sends a letter. One that is sent again after a crash has the same Message-ID.
    pub async fn send(&self, letter: Letter) -> Result<(), SendError> {
        let name = letter.id.clone();
        let message = self.message(letter)?;
        match &self.0.way {
            Way::Smtp(transport) => transport.send(message).await.map(|_| ()).map_err(refused),
            Way::Folder(folder) => write(folder, &name, &message.formatted()).await.map_err(|e| SendError::Later(e.to_string())),
        }
    }

    fn message(&self, letter: Letter) -> Result<Message, SendError> {
        let never = |what: &str| SendError::Never(what.to_owned());
        let to: Address = letter.to.parse().map_err(|_| never("The address is not one."))?;
        let from = Mailbox::new(Some(one_line(&letter.from_name)), self.0.from.clone());
        let mut builder = Message::builder()
            .from(from)
            .to(Mailbox::new(None, to))
            .subject(one_line(&letter.subject))
            .message_id(Some(self.message_id(&letter.id)))
            .date(letter.at.into())
            // Nobody's holiday notice shall answer it.
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into()));
        if let Some(reply_to) = &letter.reply_to {
            let reply_to = reply_to.parse().map_err(|_| never("The address for answers is not one."))?;
            builder = builder.reply_to(Mailbox::new(None, reply_to));
        }
        let said = MultiPart::alternative_plain_html(letter.text, letter.html);
        let message = if letter.attachments.is_empty() {
            builder.multipart(said)
        } else {
            let mut parts = MultiPart::mixed().multipart(said);
            for file in letter.attachments {
                parts = parts.singlepart(enclosed(file).ok_or_else(|| never("An attachment has no kind."))?);
            }
            builder.multipart(parts)
        };
        message.map_err(|e| SendError::Never(e.to_string()))
    }
}

fn enclosed(file: Enclosure) -> Option<SinglePart> {
    let kind = ContentType::parse(&file.content_type).ok()?;
    Some(Attachment::new(one_line(&file.name)).body(file.bytes, kind))
}

/// What may stand in a header: no line ends, nothing that does not show.
pub fn one_line(text: &str) -> String {
    let shown: String = text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn refused(error: lettre::transport::smtp::Error) -> SendError {
    let said = error.to_string();
    let code = error.status().map(|code| code.to_string()).unwrap_or_default();
    // 550, 551, 553 and 554 after a recipient: there is no such mailbox, or it takes nothing.
    if error.is_permanent() && ["550", "551", "553"].contains(&code.as_str()) {
        return SendError::Bounced(said);
    }
    if error.is_permanent() || error.is_client() { SendError::Never(said) } else { SendError::Later(said) }
}

/// The whole file or none, under a name that says which letter it is: sent again, it takes the place of the first copy.
async fn write(folder: &Path, id: &str, bytes: &[u8]) -> std::io::Result<()> {
    tokio::fs::create_dir_all(folder).await?;
    let safe: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let part = folder.join(format!("{safe}.part"));
    tokio::fs::write(&part, bytes).await?;
    tokio::fs::rename(&part, folder.join(format!("{safe}.eml"))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(subject: &str, name: &str) -> Letter {
        Letter {
            id: "mal_1".into(),
            from_name: name.into(),
            reply_to: None,
            to: "a@b.example".into(),
            subject: subject.into(),
            text: "Hello".into(),
            html: "<p>Hello</p>".into(),
            attachments: vec![Enclosure {
                name: "a\r\nX-Evil: 1.pdf".into(),
                content_type: "application/pdf".into(),
                bytes: b"%PDF-1.7".to_vec(),
            }],
            at: DateTime::from_timestamp(1_794_744_000, 0).expect("a time"),
        }
    }

    #[tokio::test]
    async fn no_text_makes_a_header_of_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let mailer = Mailer::folder(folder.path(), "billing@seller.example").expect("a mailer");
        mailer.send(letter("Bill\r\nBcc: all@example.com\r\n\r\nBody", "Nile\nCc: x@y.example")).await.expect("written");
        let file = std::fs::read_to_string(folder.path().join("mal_1.eml")).expect("a file");
        let head = file.split("\r\n\r\n").next().expect("a head");
        assert!(head.contains("Subject: Bill Bcc: all@example.com Body"), "{head}");
        for bad in ["Bcc:", "Cc:", "X-Evil:"] {
            assert!(!file.lines().any(|line| line.starts_with(bad)), "{bad} in {file}");
        }
        assert!(head.contains("Message-ID: <mal_1@seller.example>") && head.contains("Auto-Submitted: auto-generated"), "{head}");
        mailer.send(letter("Bill", "Nile")).await.expect("written again");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "the second copy takes the place of the first");
    }

    #[test]
    fn wrong_settings_are_refused_by_name() {
        assert!(Mailer::smtp("http://x", "a@b.example").err().expect("refused").contains("TENANTRY_SMTP_URL"));
        assert!(Mailer::folder(Path::new("x"), "nobody").err().expect("refused").contains("TENANTRY_MAIL_FROM"));
        let mailer = Mailer::smtp("smtp://user:secret@mail.example:2525", "a@b.example").expect("a mailer");
        assert_eq!((mailer.place(), mailer.leaves()), ("mail.example:2525", true));
    }
}
