//! From credentials in the vault to what a broker adapter is given.

use mandate_brokers::{Connection, Credentials, Descriptor};

use super::model::Account;
use crate::trading::{Error, Trading};
use crate::vault::Secrets;

impl Trading {
    /// The way to the account's broker; `None`: there is no credential. Opening it is recorded in the owner's log.
    /// Never inside a transaction.
    pub(in crate::trading) async fn connection(
        &self,
        account: &Account,
        purpose: &str,
    ) -> Result<Option<Connection>, Error> {
        let Some(id) = account.connection_id else { return Ok(None) };
        let secrets = self.0.vault.connections().open(account.user_id, id, purpose).await?;
        Ok(self.bare_connection(account).map(|bare| Connection {
            credentials: secrets
                .into_iter()
                .fold(Credentials::default(), |all, (name, value)| all.with(&name, value)),
            ..bare
        }))
    }

    /// The same without credentials: for what would be sent.
    pub(in crate::trading) fn bare_connection(&self, account: &Account) -> Option<Connection> {
        Some(Connection {
            base: self.0.config.ndollar.base_url.clone()?,
            http: self.0.kernel.http.clone(),
            credentials: Credentials::default(),
            auth_mode: account.auth_mode(),
            broker_user: account.user_id_broker.clone(),
        })
    }
}

/// Moves what is not secret out of the form into the account.
pub(super) fn take_settings(account: &mut Account, fields: &mut Secrets) -> Result<(), Error> {
    if let Some(user) = fields.remove("user_id_broker") {
        account.user_id_broker = Some(user.expose().clone());
    }
    if let Some(mode) = fields.remove("auth_mode") {
        if !matches!(mode.expose().as_str(), "user_token" | "service_account") {
            return Err(Error::invalid("auth_mode", "user_token or service_account"));
        }
        account.auth_mode.clone_from(mode.expose());
    }
    if account.auth_mode == "service_account" && account.user_id_broker.is_none() {
        return Err(Error::invalid("user_id_broker", "required when the token is a service account's"));
    }
    Ok(())
}

/// Required fields are there, no others are, and none is absurd.
pub(super) fn check_fields(broker: &Descriptor, fields: &Secrets) -> Result<(), Error> {
    for field in broker.fields.iter().filter(|field| field.required) {
        if fields.get(field.name).is_none_or(|value| value.expose().is_empty()) {
            return Err(Error::invalid(field.name, format!("{} needs it: {}", broker.name, field.help)));
        }
    }
    for (name, value) in fields {
        if broker.fields.iter().all(|field| field.name != name) {
            return Err(Error::invalid(
                "body",
                format!("{} has no field of one of these names", broker.name),
            ));
        }
        if value.expose().len() > 8_192 || value.expose().chars().any(char::is_control) {
            return Err(Error::invalid("body", "a credential is one line of at most 8192 bytes"));
        }
    }
    Ok(())
}
