//! `mandate users …`

use std::io::Read as _;
use std::process::ExitCode;
use std::sync::Arc;

use super::{Failure, Source, say};
use crate::accounts::NewUser;
use crate::app::App;
use crate::kernel::{Kernel, Origin, Secret, SystemClock};

#[derive(clap::Subcommand)]
pub enum Users {
    /// Make an account. Without a password it prints a one-time login link.
    Create(Create),
}

#[derive(clap::Args)]
pub struct Create {
    #[command(flatten)]
    source: Source,
    #[arg(long)]
    email: String,
    #[arg(long)]
    name: String,
    /// A role to give; may be repeated
    #[arg(long, value_name = "ROLE")]
    role: Vec<String>,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
}

impl Users {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Create(create) => create.run().await,
        }
    }
}

fn read_password() -> Result<Secret<String>, Failure> {
    let mut text = String::new();
    std::io::stdin().take(4_096).read_to_string(&mut text)?;
    text.truncate(text.trim_end_matches(['\r', '\n']).len());
    Ok(Secret::new(text))
}

impl Create {
    async fn run(self) -> Result<ExitCode, Failure> {
        let config = self.source.load(toml::Table::new())?;
        let password = if self.password_stdin { Some(read_password()?) } else { None };
        let kernel = Kernel::open(&config, Arc::new(SystemClock)).await?;
        let app = App::build(&config, kernel).await?;
        let origin = Origin::system(app.kernel.clock.now());
        let mut roles = vec!["user".to_owned()];
        roles.extend(self.role.into_iter().filter(|role| role != "user"));
        let needs_link = password.is_none();
        let new = NewUser { email: self.email, name: self.name, phone: None, password, roles };
        let user = app.accounts.create(new, "admin.user_created", &origin).await?;
        say(&format!("created {} {} ({})", user.id, user.email, user.roles.0.join(", ")));
        if needs_link {
            let token = app.sessions.make_login_link(user.id, &origin).await?;
            say(&format!("login link: {}/login#link={}", config.public_address(), token.expose()));
        }
        app.stop().await;
        Ok(ExitCode::SUCCESS)
    }
}
