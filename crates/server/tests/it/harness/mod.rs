//! A server per test, people who are signed in, and the real binary for crash tests.

#![allow(dead_code)] // each slice uses the parts it needs

mod binary;
mod database;
mod person;
mod proof;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mandate::app::App;
use mandate::config::Config;
use mandate::http::Quotas;
use mandate::kernel::{Clock, Kernel, Secret, SettableClock};
use tokio::net::TcpListener;

pub use binary::{Binary, path};
pub use database::TestDatabase;
pub use person::{Answer, Person};
pub use proof::{Proof, rounds};

/// A running server in this process.
pub struct TestApp {
    pub app: App,
    /// `http://127.0.0.1:PORT`
    pub url: String,
    pub clock: Arc<SettableClock>,
    pub data: Arc<tempfile::TempDir>,
    pub database: Arc<TestDatabase>,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with(|_| ()).await
    }

    /// With settings changed.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let data = Arc::new(tempfile::tempdir().unwrap());
        let database = Arc::new(TestDatabase::create().await);
        Self::open(data, database, Arc::default(), change).await
    }

    /// Another node over the same data.
    pub async fn second_node(&self) -> Self {
        Self::open(self.data.clone(), self.database.clone(), self.clock.clone(), |_| ()).await
    }

    /// A server over what another one left.
    pub async fn again(
        data: Arc<tempfile::TempDir>,
        database: Arc<TestDatabase>,
        clock: Arc<SettableClock>,
    ) -> Self {
        Self::open(data, database, clock, |_| ()).await
    }

    async fn open(
        data: Arc<tempfile::TempDir>,
        database: Arc<TestDatabase>,
        clock: Arc<SettableClock>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut config = Config {
            data_dir: data.path().join("data"),
            listen: address,
            database_url: database.url().map(|url| Secret::new(url.to_owned())),
            database_connections: 8,
            // races are not to be slowed; a test of the limits sets its own
            limits: Quotas::unlimited(),
            ..Config::default()
        };
        change(&mut config);
        let kernel = Kernel::open(&config, clock.clone()).await.unwrap();
        let app = App::build(&config, kernel).await.unwrap();
        app.start();
        let router = mandate::http::router(app.clone());
        let shutdown = app.kernel.shutdown.clone();
        tokio::spawn(async move {
            axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
                .with_graceful_shutdown(shutdown.cancelled_owned())
                .await
                .unwrap();
        });
        Self { app, url: format!("http://{address}"), clock, data, database }
    }

    /// Stops in good order and starts again over the same data, on another port.
    pub async fn restart(self) -> Self {
        let (data, database, clock) = (self.data.clone(), self.database.clone(), self.clock.clone());
        self.stop().await;
        Self::open(data, database, clock, |_| ()).await
    }

    /// Somebody nobody knows.
    pub fn stranger(&self) -> Person {
        Person::stranger(&self.url)
    }

    /// A registered person who is signed in with a body-delivered session.
    pub async fn person(&self, name: &str) -> Person {
        let person = Person::register(&self.url, name).await;
        person.sign_in().await
    }

    /// A signed-in person with the role `admin`.
    pub async fn admin(&self, name: &str) -> Person {
        use mandate::accounts::NewUser;
        use mandate::kernel::Origin;
        let person = Person::named(&self.url, name);
        let new = NewUser {
            email: person.email.clone(),
            name: name.to_owned(),
            phone: None,
            password: Some(Secret::new(person.password.clone())),
            roles: vec!["admin".into(), "user".into()],
        };
        let origin = Origin::system(self.clock.now());
        self.app.accounts.create(new, "admin.user_created", &origin).await.unwrap();
        person.sign_in().await
    }

    /// Ends the server and closes its database.
    pub async fn stop(self) {
        self.app.stop().await;
    }
}

/// Waits until `ready` answers `Some`, at most ten seconds.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut ready: impl FnMut() -> F) -> T {
    for _ in 0..400 {
        if let Some(value) = ready().await {
            return value;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{what} did not happen within ten seconds");
}
