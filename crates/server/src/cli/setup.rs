//! The first start: an admin, and a link to sign in with.

use super::{Failure, serve};
use crate::accounts::NewUser;
use crate::app::App;
use crate::config::Config;
use crate::kernel::Origin;

/// Makes the first admin when nobody is there yet, and prints how to sign in. The link is printed as long as the
/// admin has not signed in with a password of their own, so that a second start helps who missed the first.
pub(super) async fn greet(app: &App, config: &Config) -> Result<(), Failure> {
    let origin = Origin::system(app.kernel.clock.now());
    if app.accounts.is_empty().await? {
        let admin = NewUser {
            email: "admin@mandate.local".into(),
            name: "Admin".into(),
            phone: None,
            password: None,
            roles: vec!["admin".into(), "user".into()],
        };
        match app.accounts.create(admin, "admin.first", &origin).await {
            // another node was first
            Ok(_) | Err(crate::accounts::Error::Exists) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let link = match app.accounts.first_admin().await? {
        Some(admin) if app.accounts.get(admin).await?.password_hash.is_none() => {
            let token = app.sessions.make_login_link(admin, &origin).await?;
            Some(format!("{}/login#link={}", config.public_address(), token.expose()))
        }
        _ => None,
    };
    serve::announce(&config.public_address(), link.as_deref());
    Ok(())
}
