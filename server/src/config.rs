//! Settings: flags, the environment and a `.env` file, in this order. A wrong one is refused at start with its name and
//! what it wants; `tenantry serve --help` lists all.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use app::kit::db::DatabaseUrl;
use app::kit::mail::Mailer;
use app::kit::secret::Sealer;
use clap::Args;

/// What every command needs.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Where the data lives: sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE [default: sqlite:DATA/tenantry.db]
    #[arg(long, env = "DATABASE_URL", value_name = "DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<DatabaseUrl>,
    /// Folder of the embedded database, uploaded files and the generated key
    #[arg(long, env = "TENANTRY_DATA", value_name = "TENANTRY_DATA", default_value = "data", global = true)]
    pub data: PathBuf,
    /// Key that seals secrets at rest: 32 bytes in base 64 [default: generated once, in DATA/secret.key]
    #[arg(long, env = "TENANTRY_SECRET_KEY", value_name = "TENANTRY_SECRET_KEY", hide_env_values = true, global = true)]
    pub secret_key: Option<String>,
    /// Mail server: smtp://USER:PASSWORD@HOST:587?tls=required or smtps://… [default: letters go to the folder DATA/mail]
    #[arg(long, env = "TENANTRY_SMTP_URL", value_name = "TENANTRY_SMTP_URL", hide_env_values = true, global = true)]
    pub smtp_url: Option<String>,
    /// Address that letters come from
    #[arg(long, env = "TENANTRY_MAIL_FROM", value_name = "TENANTRY_MAIL_FROM", default_value = "billing@localhost", global = true)]
    pub mail_from: String,
    /// What is logged, by target, such as info or app=debug,info
    #[arg(
        long,
        env = "TENANTRY_LOG",
        value_name = "TENANTRY_LOG",
        default_value = "info,sqlx=error,sea_orm_migration=warn",
        global = true
    )]
    pub log: String,
    /// Log as JSON, one object a line
    #[arg(long, env = "TENANTRY_LOG_JSON", value_name = "TENANTRY_LOG_JSON", global = true)]
    pub log_json: bool,
}

/// What serving needs besides.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// Address and port to listen on
    #[arg(long, env = "TENANTRY_ADDR", value_name = "TENANTRY_ADDR", default_value = "127.0.0.1:3000")]
    pub addr: SocketAddr,
    /// Address that people type, if another; https:// makes cookies secure and sends HSTS
    #[arg(long, env = "TENANTRY_PUBLIC_URL", value_name = "TENANTRY_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// Believe X-Forwarded-For (only behind a proxy that sets it)
    #[arg(long, env = "TENANTRY_TRUST_PROXY", value_name = "TENANTRY_TRUST_PROXY")]
    pub trust_proxy: bool,
    /// Bearer token that /metrics asks for [default: none]
    #[arg(long, env = "TENANTRY_METRICS_TOKEN", value_name = "TENANTRY_METRICS_TOKEN", hide_env_values = true)]
    pub metrics_token: Option<String>,
    /// Folder with the browser's half [default: `site` beside the program]
    #[arg(long, env = "LEPTOS_SITE_ROOT", value_name = "LEPTOS_SITE_ROOT")]
    pub site: Option<PathBuf>,
    /// Start without making the demo world
    #[arg(long, env = "TENANTRY_NO_DEMO", value_name = "TENANTRY_NO_DEMO")]
    pub no_demo: bool,
    /// Serve only; `tenantry work` runs the jobs elsewhere
    #[arg(long, env = "TENANTRY_NO_WORK", value_name = "TENANTRY_NO_WORK")]
    pub no_work: bool,
    /// Jobs run at once
    #[arg(long, env = "TENANTRY_LANES", value_name = "TENANTRY_LANES", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub lanes: u8,
}

impl ServeArgs {
    /// Whether people reach it by https.
    pub fn tls(&self) -> bool {
        self.public_url.as_deref().is_some_and(|u| u.starts_with("https://"))
    }

    /// What to type into a browser.
    pub fn shown_url(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.addr))
    }
}

impl Config {
    pub fn database_url(&self) -> Result<DatabaseUrl, String> {
        match &self.database_url {
            Some(url) => Ok(url.clone()),
            None => format!("sqlite:{}", self.data.join("tenantry.db").display()).parse(),
        }
    }

    pub fn files(&self) -> PathBuf {
        self.data.join("files")
    }

    /// What sends letters: the mail server given, or a folder.
    pub fn mailer(&self) -> Result<Mailer, String> {
        match &self.smtp_url {
            Some(url) => Mailer::smtp(url, &self.mail_from),
            None => Mailer::folder(&self.data.join("mail"), &self.mail_from),
        }
    }

    /// Makes the data folder where it is missing.
    pub fn make_data(&self) -> Result<(), String> {
        std::fs::create_dir_all(&self.data).map_err(|e| format!("TENANTRY_DATA: cannot make the folder {}: {e}", self.data.display()))
    }

    /// The sealer, under the key given or the one generated on the first start.
    pub fn sealer(&self) -> Result<Sealer, String> {
        let key = match &self.secret_key {
            Some(key) => key.clone(),
            None => generated_key(&self.data.join("secret.key"))?,
        };
        Sealer::new(&key).map_err(|e| format!("TENANTRY_SECRET_KEY {e}"))
    }
}

fn generated_key(path: &Path) -> Result<String, String> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let name = path.display();
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            let key = Sealer::generate().map_err(|e| e.to_string())?;
            file.write_all(key.as_bytes()).map_err(|e| format!("cannot write {name}: {e}"))?;
            Ok(key)
        }
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            std::fs::read_to_string(path).map_err(|e| format!("cannot read {name}: {e}"))
        }
        Err(e) => Err(format!("cannot write {name}: {e}; set TENANTRY_SECRET_KEY")),
    }
}

fn public_url(text: &str) -> Result<String, String> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .filter(|r| !r.is_empty() && !r.trim_end_matches('/').contains('/'));
    rest.map(|_| text.trim_end_matches('/').to_owned()).ok_or_else(|| "wants https://HOST or http://HOST, without a path".into())
}
