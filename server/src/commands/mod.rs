//! What the commands other than `serve` and `work` do. Each prints what it did and fails with a sentence.

pub mod bench;
pub mod check;
pub mod import;
pub mod sandbox;

use app::kit::clock;
use app::kit::db::Db;
use app::kit::permission::Role;
use app::kit::scope::{Scope, Seller};
use app::{api_keys, auth, organizations, subscriptions};

use crate::cli::KeyScope;
use crate::config::Config;
use crate::database;

/// The database with its platform: what every command starts from.
pub async fn open(config: &Config) -> Result<Db, String> {
    let db = database::open(config).await?;
    organizations::store::ensure_platform(&db).await.map_err(sentence)?;
    Ok(db)
}

/// An organization by its slug.
pub async fn seller(db: &Db, slug: &str) -> Result<Seller, String> {
    app::kit::seller::by_slug(db, slug).await.map_err(sentence)?.ok_or_else(|| format!("there is no organization {slug:?}"))
}

/// An error as the end of a sentence.
pub fn sentence(error: app::kit::Error) -> String {
    error.to_string()
}

pub async fn migrate(config: &Config) -> Result<(), String> {
    let db = open(config).await?;
    println!("{} is up to date.", db.url().redacted());
    Ok(())
}

pub async fn seed(config: &Config) -> Result<(), String> {
    let db = open(config).await?;
    if app::demo::seed(&db).await.map_err(sentence)? {
        println!("Made the demo world.");
        println!("{}", app::demo::SIGN_INS);
    } else {
        println!("This database is in use already; the demo world goes only into a new one.");
    }
    Ok(())
}

pub async fn api_key(config: &Config, organization: &str, name: &str, scope: KeyScope) -> Result<(), String> {
    let db = open(config).await?;
    let seller = seller(&db, organization).await?;
    let scope_kind = match scope {
        KeyScope::Read => api_keys::ApiScope::Read,
        KeyScope::Write => api_keys::ApiScope::Write,
    };
    let scope = Scope::system(db, "command line", seller, clock::now());
    let made = api_keys::store::create(&scope, name, scope_kind).await.map_err(sentence)?;
    println!("{}", made.key);
    Ok(())
}

pub async fn user(config: &Config, email: &str, name: &str, organization: &str, role: Role) -> Result<(), String> {
    let db = open(config).await?;
    seller(&db, organization).await?;
    let password = match std::env::var("TENANTRY_PASSWORD") {
        Ok(password) => password,
        Err(_) => {
            eprint!("Password for {email}: ");
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).map_err(|e| e.to_string())?;
            line.trim_end_matches(['\n', '\r']).to_owned()
        }
    };
    auth::store::create_user(&db, email, name, &password, organization, role).await.map_err(sentence)?;
    println!("{email} can sign in to {organization} as {}.", role.label().to_lowercase());
    Ok(())
}

pub async fn rebuild(config: &Config, organization: Option<&str>) -> Result<(), String> {
    let db = open(config).await?;
    let sellers = match organization {
        Some(slug) => vec![seller(&db, slug).await?],
        None => app::kit::seller::all(&db).await.map_err(sentence)?,
    };
    for seller in sellers {
        let slug = seller.slug.clone();
        let started = std::time::Instant::now();
        let scope = Scope::system(db.clone(), "command line", seller, clock::now());
        let outcome = subscriptions::rebuild(&scope).await.map_err(sentence)?;
        println!("{slug}: {outcome}, in {:.1} s", started.elapsed().as_secs_f32());
    }
    Ok(())
}
