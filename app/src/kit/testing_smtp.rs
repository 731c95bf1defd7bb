//! A mail server for tests, on the loopback interface: it takes letters, or says what it was told to.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::kit::mail::Mailer;

/// An answer to a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    Later,
    NoSuchBox,
}

/// A letter as it came over the wire.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    pub to: Vec<String>,
    /// Soft line breaks of quoted-printable taken out.
    pub data: String,
}

/// See the module.
pub struct Fake {
    port: u16,
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl Fake {
    /// A server that says these to the first recipients, and takes everything after.
    pub async fn start(says: Vec<Says>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let says = Arc::new(Mutex::new(says.into_iter()));
        let letters = taken.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (letters, says) = (letters.clone(), says.clone());
                tokio::spawn(async move {
                    let _ = talk(stream, letters, says).await;
                });
            }
        });
        Self { port, taken }
    }

    pub fn mailer(&self) -> Mailer {
        Mailer::smtp(&format!("smtp://127.0.0.1:{}", self.port), "billing@seller.example").expect("a mailer")
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

type Answers = Arc<Mutex<std::vec::IntoIter<Says>>>;

async fn talk(stream: TcpStream, letters: Arc<Mutex<Vec<Taken>>>, says: Answers) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut letter = Taken::default();
    write.write_all(b"220 fake\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let upper = line.to_uppercase();
        let answer = if upper.starts_with("EHLO") {
            "250-fake\r\n250 8BITMIME\r\n"
        } else if upper.starts_with("RCPT TO:") {
            match says.lock().unwrap_or_else(PoisonError::into_inner).next() {
                Some(Says::Later) => "451 later\r\n",
                Some(Says::NoSuchBox) => "550 no such box\r\n",
                None => {
                    letter.to.push(line[8..].split('>').next().unwrap_or_default().trim_start_matches('<').to_owned());
                    "250 ok\r\n"
                }
            }
        } else if upper == "DATA" {
            write.write_all(b"354 go\r\n").await?;
            let mut data = String::new();
            while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                match line.strip_suffix('=') {
                    Some(soft) => data.push_str(soft),
                    None => data.push_str(&format!("{line}\n")),
                }
            }
            letter.data = data.replace("=3D", "=");
            letters.lock().unwrap_or_else(PoisonError::into_inner).push(std::mem::take(&mut letter));
            "250 taken\r\n"
        } else if upper == "QUIT" {
            write.write_all(b"221 bye\r\n").await?;
            return Ok(());
        } else {
            "250 ok\r\n"
        };
        write.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}
