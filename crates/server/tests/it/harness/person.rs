//! People with an HTTP client.

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

/// An answer: status, headers, and the body as JSON (`Null` where it is none).
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
    pub text: String,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The body, after checking the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.body
    }

    /// Checks status and problem code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status.as_u16(), self.code()), (status, code), "{}", self.text);
        self.body
    }
}

/// Somebody who uses the server.
#[derive(Clone)]
pub struct Person {
    pub client: Client,
    pub url: String,
    pub name: String,
    pub email: String,
    pub password: String,
    pub token: Option<String>,
    pub refresh_token: Option<String>,
    /// `usr_…`
    pub id: String,
}

impl Person {
    pub fn named(url: &str, name: &str) -> Self {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self {
            client,
            url: url.to_owned(),
            name: name.to_owned(),
            email: format!("{name}@example.com"),
            password: format!("{name} keeps a quiet green kettle"),
            token: None,
            refresh_token: None,
            id: String::new(),
        }
    }

    pub fn stranger(url: &str) -> Self {
        Self::named(url, "nobody")
    }

    pub async fn register(url: &str, name: &str) -> Self {
        let person = Self::named(url, name);
        let body = json!({ "email": person.email, "password": person.password, "name": name });
        person.post("/v1/auth/register", body).await.expect(201);
        person
    }

    pub async fn sign_in(&self) -> Self {
        let body = json!({ "email": self.email, "password": self.password, "delivery": "body" });
        let anonymous = Self { token: None, ..self.clone() };
        let answer = anonymous.post("/v1/auth/login", body).await.expect(200);
        Self {
            token: answer["access_token"].as_str().map(str::to_owned),
            refresh_token: answer["refresh_token"].as_str().map(str::to_owned),
            id: answer["user"]["user_id"].as_str().unwrap().to_owned(),
            ..self.clone()
        }
    }

    /// The same person at another node.
    pub fn at(&self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self.clone() }
    }

    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        Answer { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::Null), text }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// Presents a refresh token in the body.
    pub async fn refresh(&self, token: &str) -> Answer {
        let request = self.client.post(format!("{}/v1/auth/refresh", self.url));
        self.send(request.json(&json!({ "refresh_token": token }))).await
    }
}
