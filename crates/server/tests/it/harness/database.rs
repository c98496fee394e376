//! A database of its own for each test: a file, or a fresh PostgreSQL database.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// Dropped with the test.
pub struct TestDatabase {
    admin: Option<String>,
    name: String,
    url: Option<String>,
}

impl TestDatabase {
    pub async fn create() -> Self {
        let admin = std::env::var("MANDATE_TEST_DATABASE_URL").ok().filter(|url| !url.is_empty());
        let name = format!("mandate_test_{}", hex::encode(mandate::kernel::Rng::system().bytes::<8>()));
        let Some(admin_url) = admin.clone() else { return Self { admin, name, url: None } };
        let mut conn = PgConnection::connect(&admin_url).await.unwrap();
        conn.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        let mut url = url::Url::parse(&admin_url).unwrap();
        url.set_path(&name);
        Self { admin, name, url: Some(url.to_string()) }
    }

    /// `None` for SQLite.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some(admin) = self.admin.take() else { return };
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                if let Ok(mut conn) = PgConnection::connect(&admin).await {
                    let _ = conn.execute(AssertSqlSafe(sql)).await;
                }
            });
        });
        let _ = dropped.join();
    }
}
