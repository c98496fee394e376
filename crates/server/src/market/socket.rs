//! One listener of the live prices.
//!
//! INVARIANT: a listener costs bounded memory: one frame at a time is sent, what it is too slow for is skipped, and one
//! that takes nothing for [`PATIENCE`] is dropped.
//! INVARIANT: nothing is sent later than [`CHECK`] after the listener's token has ended or its session was revoked
//! here; revocations on other nodes are seen by asking the database each second.

use std::{collections::BTreeMap, ops::ControlFlow, sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{Market, service::Frames};
use crate::kernel::{self, Acting, seconds};

/// Longest message of a client.
pub(super) const MESSAGE_BYTES: usize = 16 * 1024;
const PATIENCE: Duration = seconds(5);
const CHECK: Duration = Duration::from_millis(250);
/// How long before its token ends a client is told.
const NOTICE: Duration = seconds(60);
const MOST_SYMBOLS: usize = 200;

const POLICY: u16 = 1008;
const GOING_AWAY: u16 = 1001;
const UNAUTHORIZED: u16 = 4401;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    #[default]
    Ltp,
    Quote,
    Full,
}

impl Mode {
    const fn name(self) -> &'static str {
        match self {
            Self::Ltp => "ltp",
            Self::Quote => "quote",
            Self::Full => "full",
        }
    }
}

/// What a client may say.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
enum Op {
    Subscribe {
        #[serde(default)]
        symbols: Vec<String>,
        #[serde(default)]
        mode: Mode,
        #[serde(default)]
        indicators: Vec<Value>,
    },
    /// From all when no symbols are named.
    Unsubscribe {
        #[serde(default)]
        symbols: Vec<String>,
    },
    Auth {
        token: String,
    },
    Ping {},
}

/// Closes a socket whose client may not listen, before anything is read.
pub(super) async fn refuse(mut socket: WebSocket, why: String) {
    // the client may be gone; then there is nobody to tell
    let _ = tokio::time::timeout(PATIENCE, socket.send(close(POLICY, &why))).await;
}

/// Serves a listener until it goes, its token ends or the server stops.
pub(super) async fn serve(socket: WebSocket, market: Market, caller: Acting) {
    let quotes = market.frames();
    let events = market.0.kernel.bus.subscribe();
    let listener = Listener { socket, market, caller, symbols: BTreeMap::new(), told: false, checked: 0 };
    listener.run(quotes, events).await;
}

struct Listener {
    socket: WebSocket,
    market: Market,
    caller: Acting,
    symbols: BTreeMap<String, Mode>,
    /// That the token ends soon.
    told: bool,
    /// Checks since the session was last looked up.
    checked: u32,
}

/// Go on, or stop; a close frame was sent where one was due.
type Next = ControlFlow<()>;

impl Listener {
    async fn run(mut self, mut quotes: Receiver<Arc<Frames>>, mut events: Receiver<Arc<kernel::Message>>) {
        let shutdown = self.market.0.kernel.shutdown.clone();
        let mut checks = tokio::time::interval(CHECK);
        checks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let ready =
            json!({ "op": "ready", "source": self.market.source(), "expires_at": self.caller.expires_at });
        let mut next = self.say(&ready).await;
        while next.is_continue() {
            next = tokio::select! {
                () = shutdown.cancelled() => self.end(GOING_AWAY, "the server is stopping").await,
                _ = checks.tick() => self.check().await,
                event = events.recv() => self.hear(event).await,
                message = self.socket.recv() => match message {
                    Some(Ok(message)) => self.read(message).await,
                    _ => Next::Break(()),
                },
                frames = quotes.recv() => match frames {
                    Ok(frames) => self.pass(&frames).await,
                    // it was too slow: it skips to the next tick
                    Err(RecvError::Lagged(_)) => Next::Continue(()),
                    Err(RecvError::Closed) => Next::Break(()),
                },
            };
        }
    }

    async fn pass(&mut self, frames: &Frames) -> Next {
        match self.symbols.get(&frames.symbol) {
            Some(mode) => self.send(Message::Text(frames.text[*mode as usize].clone())).await,
            None => Next::Continue(()),
        }
    }

    async fn read(&mut self, message: Message) -> Next {
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => return self.object("bad_frame", "send JSON as text").await,
            Message::Close(_) => return Next::Break(()),
            Message::Ping(_) | Message::Pong(_) => return Next::Continue(()),
        };
        match serde_json::from_str(&text) {
            Ok(Op::Subscribe { symbols, mode, indicators }) => {
                self.subscribe(symbols, mode, &indicators).await
            }
            Ok(Op::Unsubscribe { symbols }) => {
                self.symbols.retain(|symbol, _| !symbols.is_empty() && !symbols.contains(symbol));
                self.say(&json!({ "op": "unsubscribed", "symbols": symbols })).await
            }
            Ok(Op::Auth { token }) => self.renew(&token).await,
            Ok(Op::Ping {}) => self.say(&json!({ "op": "pong" })).await,
            Err(error) => self.object("bad_frame", &format!("this is not understood: {error}")).await,
        }
    }

    async fn subscribe(&mut self, symbols: Vec<String>, mode: Mode, indicators: &[Value]) -> Next {
        if !indicators.is_empty() {
            return self.object("indicators_not_available", "this feed computes no indicators").await;
        }
        let (known, unknown): (Vec<_>, Vec<_>) =
            symbols.into_iter().take(MOST_SYMBOLS).partition(|symbol| self.market.is_known(symbol));
        if !unknown.is_empty() {
            let names: Vec<_> = self.market.symbols().iter().map(|symbol| symbol.symbol).collect();
            let shown: Vec<String> = unknown.iter().map(|symbol| symbol.chars().take(64).collect()).collect();
            let detail = format!("no symbols {}; known are {}", shown.join(", "), names.join(", "));
            self.object("unknown_symbol", &detail).await?;
        }
        if known.is_empty() {
            return Next::Continue(());
        }
        self.symbols.extend(known.iter().map(|symbol| (symbol.clone(), mode)));
        self.say(&json!({ "op": "subscribed", "symbols": known, "mode": mode.name() })).await?;
        for symbol in known {
            if let Some(frames) = self.market.frame(&symbol) {
                self.pass(&frames).await?;
            }
        }
        Next::Continue(())
    }

    /// A fresh token of the same person goes on where the old one ends.
    async fn renew(&mut self, token: &str) -> Next {
        let mut origin = self.caller.origin.clone();
        origin.at = self.market.0.kernel.clock.now();
        match self.market.0.sessions.authenticate(token, &origin).await {
            Ok(caller) if caller.user == self.caller.user => {
                (self.caller, self.told) = (caller, false);
                self.say(&json!({ "op": "authenticated", "expires_at": self.caller.expires_at })).await
            }
            Ok(_) => self.object("other_user", "this token is another person's").await,
            Err(problem) => self.object(problem.code, &problem.detail).await,
        }
    }

    /// Whether the token and its session still hold.
    async fn check(&mut self) -> Next {
        let kernel = &self.market.0.kernel;
        let now = kernel.clock.now();
        if now >= self.caller.expires_at {
            return self.end(UNAUTHORIZED, "the token has expired").await;
        }
        // one node hears its own bus; where there may be several, the database is asked each second
        let each = if kernel.db.engine_name() == "sqlite" { 120 } else { 4 };
        self.checked = (self.checked + 1) % each;
        if self.checked == 0 {
            self.look_up().await?;
        }
        let left = self.caller.expires_at.since(now);
        if left <= NOTICE && !self.told {
            self.told = true;
            let detail = "send {\"op\":\"auth\",\"token\":…} with a fresh access token";
            return self.say(&json!({ "op": "expiring", "in": left.as_secs(), "detail": detail })).await;
        }
        Next::Continue(())
    }

    async fn look_up(&mut self) -> Next {
        let Some(session) = self.caller.session() else { return Next::Continue(()) };
        match self.market.0.sessions.is_live(self.caller.user, session).await {
            Ok(true) => Next::Continue(()),
            Ok(false) => self.end(UNAUTHORIZED, "the session has ended").await,
            // the database cannot be asked: fail closed
            Err(problem) => self.end(UNAUTHORIZED, &problem.detail).await,
        }
    }

    async fn hear(&mut self, event: Result<Arc<kernel::Message>, RecvError>) -> Next {
        match event {
            Ok(event) if event.topic == "session.revoked" && event.user == Some(self.caller.user.0) => {
                self.look_up().await
            }
            Ok(_) => Next::Continue(()),
            Err(RecvError::Lagged(_)) => self.look_up().await,
            Err(RecvError::Closed) => Next::Break(()),
        }
    }

    async fn object(&mut self, code: &str, detail: &str) -> Next {
        self.say(&json!({ "op": "error", "code": code, "detail": detail })).await
    }

    async fn say(&mut self, value: &Value) -> Next {
        self.send(Message::Text(Utf8Bytes::from(value.to_string()))).await
    }

    async fn send(&mut self, message: Message) -> Next {
        match tokio::time::timeout(PATIENCE, self.socket.send(message)).await {
            Ok(Ok(())) => Next::Continue(()),
            _ => Next::Break(()),
        }
    }

    async fn end(&mut self, code: u16, why: &str) -> Next {
        // whether or not it is heard, this is the end
        let _ = self.send(close(code, why)).await;
        Next::Break(())
    }
}

/// A close frame; its reason may have 123 bytes (RFC 6455, section 5.5).
fn close(code: u16, why: &str) -> Message {
    let mut end = why.len().min(123);
    while !why.is_char_boundary(end) {
        end -= 1;
    }
    Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::from(&why[..end]) }))
}
