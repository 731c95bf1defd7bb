//! The commands. Each migrates first, so that none meets an older schema.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use tracing_subscriber::EnvFilter;

use crate::commands;
use crate::config::{Config, ServeArgs};

#[derive(Parser)]
#[command(name = "tenantry", version, about = "The back office of a business that sells to tenants")]
struct Cli {
    #[command(flatten)]
    config: Config,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve pages and the API, and run the background jobs
    Serve(Box<ServeArgs>),
    /// Run the background jobs only
    Work {
        /// Jobs run at once
        #[arg(long, env = "TENANTRY_LANES", value_name = "TENANTRY_LANES", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=64))]
        lanes: u8,
    },
    /// Bring the database's schema up to date
    Migrate,
    /// Make the demo world, where the database has none
    Seed,
    /// Import a file
    #[command(subcommand)]
    Import(Import),
    /// Manage API keys
    #[command(subcommand)]
    ApiKey(ApiKey),
    /// Manage people
    #[command(subcommand)]
    User(User),
    /// Make organizations with a clock of their own
    #[command(subcommand)]
    Sandbox(Sandbox),
    /// Work on the revenue log
    #[command(subcommand)]
    Revenue(Revenue),
    /// The doctor: looks whether everything that must hold does
    Check,
    /// Measure the budgets beside the machine's raw limits
    Bench(commands::bench::BenchArgs),
}

#[derive(Subcommand)]
enum Import {
    /// Import a book of subscriptions (CSV)
    Subscriptions {
        file: PathBuf,
        /// Whose book it is
        #[arg(long, default_value = "platform")]
        organization: String,
        /// Import the good rows and leave out the bad ones, instead of refusing all
        #[arg(long)]
        skip_bad: bool,
    },
}

#[derive(Subcommand)]
enum Sandbox {
    /// Make a tenant whose clock moves only when it is advanced
    Create {
        /// Its short name
        #[arg(long)]
        slug: String,
        #[arg(long)]
        name: String,
        /// The day that its clock begins on
        #[arg(long)]
        on: chrono::NaiveDate,
        #[arg(long, default_value = "USD")]
        currency: String,
        #[arg(long, default_value = "UTC")]
        time_zone: String,
    },
}

#[derive(Subcommand)]
enum Revenue {
    /// Derive the movement log anew from the subscriptions; says how many rows were different
    Rebuild {
        /// One organization instead of all
        #[arg(long)]
        organization: Option<String>,
    },
}

#[derive(Subcommand)]
enum ApiKey {
    /// Make a key and print it, once
    Create {
        #[arg(long, default_value = "platform")]
        organization: String,
        #[arg(long)]
        name: String,
        #[arg(long, value_enum, default_value_t = KeyScope::Read)]
        scope: KeyScope,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub enum KeyScope {
    Read,
    Write,
}

#[derive(Subcommand)]
enum User {
    /// Add a person to an organization; the password is read from TENANTRY_PASSWORD or asked for on standard input
    Create {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        #[arg(long, default_value = "platform")]
        organization: String,
        #[arg(long, default_value = "owner")]
        role: app::kit::permission::Role,
    },
}

/// Reads the command line and does what it says. The error is a sentence for standard error.
pub async fn run() -> Result<(), String> {
    let Cli { config, command } = Cli::parse();
    log(&config)?;
    match command {
        Command::Serve(args) => crate::serve::serve(&config, &args).await,
        Command::Work { lanes } => crate::serve::work(&config, lanes).await,
        Command::Migrate => commands::migrate(&config).await,
        Command::Seed => commands::seed(&config).await,
        Command::ApiKey(ApiKey::Create { organization, name, scope }) => commands::api_key(&config, &organization, &name, scope).await,
        Command::User(User::Create { email, name, organization, role }) => {
            commands::user(&config, &email, &name, &organization, role).await
        }
        Command::Import(Import::Subscriptions { file, organization, skip_bad }) => {
            commands::import::subscriptions(&config, &file, &organization, skip_bad).await
        }
        Command::Sandbox(Sandbox::Create { slug, name, on, currency, time_zone }) => {
            let new = commands::sandbox::NewSandbox { slug: &slug, name: &name, currency: &currency, time_zone: &time_zone, on };
            commands::sandbox::create(&config, &new).await
        }
        Command::Revenue(Revenue::Rebuild { organization }) => commands::rebuild(&config, organization.as_deref()).await,
        Command::Check => commands::check::run(&config).await,
        Command::Bench(args) => commands::bench::run(&args).await,
    }
}

fn log(config: &Config) -> Result<(), String> {
    let filter = EnvFilter::try_new(&config.log).map_err(|e| format!("TENANTRY_LOG wants filters such as info or app=debug: {e}"))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if config.log_json {
        builder.json().init()
    } else {
        builder.compact().with_target(false).init()
    }
    Ok(())
}
