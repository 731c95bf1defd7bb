//! A browser or a machine that talks to the program's router without a network.

use std::net::{Ipv4Addr, SocketAddr};

use app::api_keys::ApiScope;
use app::auth::SessionId;
use app::kit::id::UserId;
use app::kit::permission::Role;
use app::kit::scope::Scope;
use app::kit::secret::{Sealer, fingerprint, token};
use app::kit::wire;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Method, Request, header};
use http_body_util::BodyExt as _;
use sea_orm::ConnectionTrait as _;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use tower::ServiceExt as _;

use super::World;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    /// As text; what is none has replacement characters.
    pub body: String,
    bytes: Vec<u8>,
}

impl Answer {
    /// What a server function or an upload tells a page that runs.
    pub fn told<T: DeserializeOwned>(&self) -> T {
        wire::read(&self.bytes).unwrap_or_else(|e| panic!("{e}: {} {}", self.status, self.body))
    }

    pub fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {} {}", self.status, self.body))
    }

    /// Where it redirects to; empty where it does not.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// A header's value; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// Itself, if the status is the one hoped for.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

/// A browser with the cookie of a session, a machine with a key, or nobody.
#[derive(Clone)]
pub struct Client {
    router: Router,
    cookie: Option<String>,
    key: Option<String>,
    /// Who it is and with which session; of a machine or nobody: an id of nobody.
    pub user: UserId,
    pub session: SessionId,
}

impl Client {
    /// A page, as a browser asks for it.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).header(header::ACCEPT, "text/html"), Body::empty()).await
    }

    /// Data, as a machine asks for it.
    pub async fn get_json(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).header(header::ACCEPT, "application/json"), Body::empty()).await
    }

    /// A body of JSON.
    pub async fn json(&self, method: Method, path: &str, body: &Json) -> Answer {
        let request = self.request(method, path).header(header::ACCEPT, "application/json");
        self.send(request.header(header::CONTENT_TYPE, "application/json"), Body::from(body.to_string())).await
    }

    pub async fn post(&self, path: &str, body: &Json) -> Answer {
        self.json(Method::POST, path, body).await
    }

    /// A server function called by a page that runs.
    pub async fn call(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.form(path, fields, wire::CONTENT_TYPE).await
    }

    /// The same posted by a form without JavaScript.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.form(path, fields, "text/html").await
    }

    async fn form(&self, path: &str, fields: &[(&str, &str)], accept: &str) -> Answer {
        let escape = app::kit::paging::escape;
        let body: Vec<String> = fields.iter().map(|(k, v)| format!("{k}={}", escape(v))).collect();
        let request = self.request(Method::POST, path).header(header::ACCEPT, accept).header(header::REFERER, "http://localhost/");
        self.send(request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"), Body::from(body.join("&"))).await
    }

    /// One file as a browser's form sends it.
    pub async fn upload(&self, path: &str, field: &str, name: &str, bytes: &[u8]) -> Answer {
        let mut body = format!("--x\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n").into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--x--\r\n");
        let request = self.request(Method::POST, path).header(header::ACCEPT, wire::CONTENT_TYPE);
        self.send(request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=x"), Body::from(body)).await
    }

    /// Its cookie, for a request that goes over a network.
    pub fn cookie_header(&self) -> String {
        format!("tenantry={}", self.cookie.as_deref().unwrap_or_default())
    }

    /// A request as a browser on the same site, or a machine, would send it.
    pub fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, format!("tenantry={cookie}"));
        }
        match &self.key {
            Some(key) => request.header(header::AUTHORIZATION, format!("Bearer {key}")),
            None => request.header("sec-fetch-site", "same-origin"),
        }
    }

    pub async fn send(&self, request: http::request::Builder, body: Body) -> Answer {
        let mut request = request.body(body).expect("a request");
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000))));
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
            bytes: body.into(),
        }
    }
}

impl World {
    /// The program's router over this world.
    pub fn router(&self) -> Router {
        let site = server::site::Site::find(Some(self.folder().join("site")));
        let options = site.options(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        server::http::router(server::http::Parts {
            db: self.db.clone(),
            sealer: Sealer::new(&Sealer::generate().expect("a key")).expect("a sealer"),
            site,
            options,
            tls: false,
            trust_proxy: false,
            metrics_token: None,
            stop: tokio_util::sync::CancellationToken::new(),
        })
    }

    /// Nobody.
    pub fn stranger(&self) -> Client {
        Client { router: self.router(), cookie: None, key: None, user: UserId::new(), session: SessionId::new() }
    }

    /// A new person with that role in the scope's organization, signed in.
    pub async fn member(&self, scope: &Scope, role: Role) -> Client {
        let user = UserId::new();
        let email = format!("{}@{}.example", role.word(), user);
        self.insert(
            "users (id, email, name, password_hash, password_changed_at, created_at) VALUES ($1, $2, $3, '$argon2id$v=19$m=19456,t=2,p=1$dGVzdHRlc3R0ZXN0dGVzdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', $4, $4)",
            [user.0.into(), email.into(), format!("A {}", role.label()).into(), self.now.into()],
        )
        .await;
        let membership = [scope.seller().id.0.into(), user.0.into(), role.into(), self.now.into()];
        self.insert("memberships (organization_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)", membership).await;
        let (session, cookie) = self.begin_session(scope, user).await;
        Client { cookie: Some(cookie), user, session, ..self.stranger() }
    }

    /// Another session of a person, in the scope's organization.
    pub async fn session_of(&self, scope: &Scope, user: UserId) -> SessionId {
        self.begin_session(scope, user).await.0
    }

    async fn begin_session(&self, scope: &Scope, user: UserId) -> (SessionId, String) {
        let (session, cookie) = (SessionId::new(), token().expect("a token"));
        let values = [
            session.0.into(),
            fingerprint(&cookie).into(),
            user.0.into(),
            scope.seller().id.0.into(),
            false.into(),
            self.now.into(),
            (self.now + chrono::TimeDelta::days(1)).into(),
        ];
        let sessions = "sessions (id, token_hash, user_id, organization_id, awaits_second_factor, created_at, last_seen_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $6, $7)";
        self.insert(sessions, values).await;
        (session, cookie)
    }

    /// A machine with a new key of the scope's organization.
    pub async fn machine(&self, scope: &Scope, allows: ApiScope) -> Client {
        let made = app::api_keys::store::create(scope, "A machine", allows).await.expect("a key");
        Client { key: Some(made.key), ..self.stranger() }
    }

    async fn insert(&self, into: &str, values: impl IntoIterator<Item = sea_orm::Value>) {
        self.db.connection().execute_raw(self.db.sql(format!("INSERT INTO {into}"), values)).await.expect("a row");
    }
}
