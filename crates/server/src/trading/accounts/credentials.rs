//! Sealing and opening an account's credentials. Outside transactions: a key service may be asked.

use std::collections::BTreeMap;

use mandate_brokers::{Connection, Credentials};

use super::model::Account;
use crate::kernel::{Kernel, Secret, TradingAccountId, UserId};
use crate::trading::Error;

/// Named secrets as they arrive in a body.
pub type Fields = BTreeMap<String, Secret<String>>;

fn parts(user: UserId, id: TradingAccountId, version: i64) -> [String; 4] {
    [user.to_string(), "trading_account".to_owned(), id.to_string(), version.to_string()]
}

fn bound(parts: &[String; 4]) -> [&str; 4] {
    [&parts[0], &parts[1], &parts[2], &parts[3]]
}

/// Seals for version `version` of the account's credential.
pub async fn seal(
    kernel: &Kernel,
    (user, id): (UserId, TradingAccountId),
    version: i64,
    fields: &Fields,
) -> Result<String, Error> {
    let exposed: BTreeMap<&str, &str> =
        fields.iter().map(|(name, value)| (name.as_str(), value.expose().as_str())).collect();
    let text = Secret::new(serde_json::to_vec(&exposed).map_err(|_| Error::Sealed)?);
    let parts = parts(user, id, version);
    kernel.sealer.seal(&bound(&parts), text.expose()).await.map_err(|_| Error::Sealed)
}

/// `None`: the account has no credential.
pub async fn open(kernel: &Kernel, account: &Account) -> Result<Option<Fields>, Error> {
    let Some(sealed) = &account.sealed else { return Ok(None) };
    let parts = parts(account.user_id, account.id, account.sealed_version);
    let text = kernel.sealer.open(&bound(&parts), sealed).await.map_err(|_| Error::Sealed)?;
    let fields: BTreeMap<String, Secret<String>> =
        serde_json::from_slice(text.expose()).map_err(|_| Error::Sealed)?;
    Ok(Some(fields))
}

/// What a broker adapter is given.
pub fn connection(kernel: &Kernel, account: &Account, base: &url::Url, fields: Fields) -> Connection {
    let credentials =
        fields.into_iter().fold(Credentials::default(), |all, (name, value)| all.with(&name, value));
    Connection {
        base: base.clone(),
        http: kernel.http.clone(),
        credentials,
        auth_mode: account.auth_mode(),
        broker_user: account.user_id_broker.clone(),
    }
}

/// The same without credentials: for what would be sent.
pub fn bare_connection(kernel: &Kernel, account: &Account, base: &url::Url) -> Connection {
    connection(kernel, account, base, Fields::new())
}
