//! Linking, changing and ending trading accounts.

use mandate_brokers::paper::State;
use mandate_brokers::{Descriptor, descriptors};
use rust_decimal::Decimal;
use serde_json::json;

use super::credentials::{check_fields, take_settings};
use super::model::{
    Account, AccountStatus, AccountView, FEED_CURRENCY, MOST, PAPER, check_cash, check_name, check_zone,
};
use super::store;
use crate::audit::Event;
use crate::kernel::{Acting, At, Num, TradingAccountId, UserId};
use crate::mandates::AccountFacts;
use crate::trading::paper::Locked;
use crate::trading::{Error, Trading, orders, paper};
use crate::vault::Secrets;

/// What an account is made from.
pub struct NewAccount {
    pub broker: String,
    pub name: Option<String>,
    pub currency: Option<String>,
    pub cash: Option<Num>,
    pub time_zone: Option<String>,
    pub expires_at: Option<At>,
    /// What the broker's form asks for, secret and not.
    pub fields: Secrets,
}

impl Trading {
    /// The brokers that this server is set up for.
    pub fn brokers(&self) -> Vec<&'static Descriptor> {
        let offered =
            |broker: &&Descriptor| broker.broker == PAPER || self.0.config.ndollar.base_url.is_some();
        descriptors().into_iter().filter(offered).collect()
    }

    fn broker(&self, name: &str) -> Result<&'static Descriptor, Error> {
        let offered = self.brokers();
        let known = offered.iter().map(|broker| broker.broker).collect::<Vec<_>>().join(", ");
        offered
            .into_iter()
            .find(|broker| broker.broker == name)
            .ok_or_else(|| Error::invalid("broker", format!("no broker {name:?} here; there are {known}")))
    }

    /// What a paper account begins with.
    fn starting_cash(&self, new: &NewAccount) -> Result<Decimal, Error> {
        if !new.fields.is_empty() {
            return Err(Error::invalid("broker", "a paper account needs no credentials"));
        }
        if new.currency.as_deref().unwrap_or(FEED_CURRENCY) != FEED_CURRENCY {
            return Err(Error::invalid("currency", format!("the running feed quotes {FEED_CURRENCY} only")));
        }
        check_cash(new.cash.unwrap_or(self.0.config.paper.cash))
    }

    pub async fn open_account(&self, caller: &Acting, mut new: NewAccount) -> Result<AccountView, Error> {
        let broker = self.broker(&new.broker)?;
        let at = self.0.kernel.clock.now();
        let mut account = Account {
            id: TradingAccountId::new(self.0.kernel.rng, at),
            user_id: caller.user,
            broker: broker.broker.to_owned(),
            name: check_name(new.name.as_deref().unwrap_or(broker.name))?,
            currency: FEED_CURRENCY.to_owned(),
            zone: check_zone(new.time_zone.as_deref().unwrap_or("UTC"))?,
            status: AccountStatus::Active,
            user_id_broker: None,
            auth_mode: "user_token".to_owned(),
            connection_id: None,
            created_at: at,
            last_verified_at: None,
            expires_at: new.expires_at,
        };
        let (mut cash, mut prepared) = (None, None);
        if broker.broker == PAPER {
            cash = Some(self.starting_cash(&new)?);
        } else {
            account.currency.clone_from(&self.0.config.ndollar.currency);
            take_settings(&mut account, &mut new.fields)?;
            check_fields(broker, &new.fields)?;
            let vault = self.0.vault.connections();
            prepared = Some(vault.prepare(caller.user, broker.broker, &new.fields).await?);
        }
        let mut tx = self.0.kernel.db.begin().await?;
        if store::count(&mut tx, caller.user).await? >= MOST {
            let words = format!("there are {MOST} trading accounts already");
            return tx.refuse(Error::Conflict(words)).await;
        }
        if let Some(prepared) = &prepared {
            account.connection_id = Some(self.0.vault.connections().keep(&mut tx, prepared).await?);
        }
        store::insert(&mut tx, &account).await?;
        if let Some(cash) = cash {
            let new = Locked {
                account: account.id,
                state: State::new(cash),
                market_time: self.0.market.source().market_time,
                day: at.day_in(&account.zone),
                day_worth: cash,
            };
            paper::insert(&mut tx, &account, new).await?;
        }
        let row = Event::new("account.linked").by(caller).resource(account.id);
        let details = json!({ "broker": account.broker, "connection_id": account.connection_id, "auth_mode": account.auth_mode, "cash": cash.map(Num) });
        self.0.audit.append(&mut tx, row.details(details)).await?;
        tx.commit().await?;
        Ok(AccountView::new(account, cash.map(|cash| (cash, cash))))
    }

    /// The person's accounts, oldest first, with what is on those of paper.
    pub async fn accounts(&self, user: UserId) -> Result<Vec<AccountView>, Error> {
        let mut conn = self.0.kernel.db.read().await?;
        let mut views = Vec::new();
        for account in store::list(&mut conn, user).await? {
            let state = if account.is_paper() { paper::find(&mut conn, account.id).await? } else { None };
            let state = state.map(|state| self.up_to_date(state));
            let money = state.map(|state| (state.cash, self.worth(&state)));
            views.push(AccountView::new(account, money));
        }
        Ok(views)
    }

    /// What `mandates` asks about accounts that a mandate is to cover; those that are not the person's are left out.
    pub async fn account_facts(
        &self,
        user: UserId,
        ids: &[TradingAccountId],
    ) -> Result<Vec<AccountFacts>, Error> {
        let accounts = self.list_accounts(user).await?;
        let asked = accounts.into_iter().filter(|account| ids.contains(&account.id));
        Ok(asked
            .map(|account| AccountFacts {
                account: account.id,
                live: !account.is_paper(),
                currency: account.currency,
                zone: account.zone,
            })
            .collect())
    }

    pub(in crate::trading) async fn list_accounts(&self, user: UserId) -> Result<Vec<Account>, Error> {
        Ok(store::list(&mut self.0.kernel.db.read().await?, user).await?)
    }

    pub(in crate::trading) async fn account(
        &self,
        user: UserId,
        id: TradingAccountId,
    ) -> Result<Account, Error> {
        let mut conn = self.0.kernel.db.read().await?;
        store::find(&mut conn, user, id).await?.ok_or(Error::NotFound("trading account"))
    }

    /// Swaps the credential; id and mandates stay.
    pub async fn replace_credentials(
        &self,
        caller: &Acting,
        id: TradingAccountId,
        mut fields: Secrets,
        expires_at: Option<At>,
    ) -> Result<AccountView, Error> {
        let mut account = self.account(caller.user, id).await?;
        if account.is_paper() {
            return Err(Error::Conflict("a paper account has no credentials".into()));
        }
        let before = account.clone();
        take_settings(&mut account, &mut fields)?;
        if account.auth_mode != before.auth_mode || account.user_id_broker != before.user_id_broker {
            return Err(Error::invalid("auth_mode", "whose account it is cannot change; link a new one"));
        }
        check_fields(self.broker(&account.broker)?, &fields)?;
        let vault = self.0.vault.connections();
        let connection = before.connection_id.ok_or(Error::NotFound("credentials"))?;
        let kept = vault.get(&mut self.0.kernel.db.read().await?, caller.user, connection).await?;
        let prepared = vault.prepare_swap(&kept, &fields).await?;
        let mut tx = self.0.kernel.db.begin().await?;
        vault.keep(&mut tx, &prepared).await?;
        store::set_status(&mut tx, (caller.user, id), AccountStatus::Active, None, expires_at).await?;
        let row = Event::new("account.credentials_replaced").by(caller).resource(id);
        let row = row.details(json!({ "connection_id": connection }));
        self.0.audit.append(&mut tx, row).await?;
        tx.commit().await?;
        Ok(AccountView::new(self.account(caller.user, id).await?, None))
    }

    pub async fn close_account(&self, caller: &Acting, id: TradingAccountId) -> Result<(), Error> {
        let mut tx = self.0.kernel.db.begin().await?;
        if orders::has_open(&mut tx, caller.user, id).await? {
            return tx.refuse(Error::Conflict("cancel its open orders first".into())).await;
        }
        let Some(account) = store::find(&mut tx, caller.user, id).await? else {
            return tx.refuse(Error::NotFound("trading account")).await;
        };
        if let Some(connection) = account.connection_id {
            self.0.vault.connections().destroy(&mut tx, caller.user, connection).await?;
        }
        store::delete(&mut tx, caller.user, id).await?;
        self.0.audit.append(&mut tx, Event::new("account.deleted").by(caller).resource(id)).await?;
        tx.commit().await?;
        Ok(())
    }
}
