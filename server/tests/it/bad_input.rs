//! What a server function says to what it cannot read: whose fault it is, and nothing of how it reads.

use app::kit::Error;
use app::kit::permission::Role;
use app::kit::wire;
use axum::body::Body;
use http::{Method, header};

use crate::support::{Answer, Client, World};

on_both!(what_cannot_be_read_is_refused_plainly, a_page_of_another_build_does_nothing);

async fn post(client: &Client, path: &str, body: impl Into<Body>) -> Answer {
    let request = client.request(Method::POST, &format!("/api/app/{path}")).header(header::ACCEPT, "application/json");
    client.send(request.header(header::CONTENT_TYPE, "application/json"), body.into()).await
}

async fn what_cannot_be_read_is_refused_plainly(world: World) {
    let owner = world.member(&world.tenant("nile").await, Role::Owner).await;
    let list = "customers/api/list_customers";
    for (body, status) in [(r#"{"query":{"limit":-5}}"#, 400), ("{bad", 400), ("{}", 422), ("", 400)] {
        let answer = post(&owner, list, body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
        assert!(!answer.body.contains("Bug") && !answer.body.contains("line 1") && !answer.body.contains("serializ"), "{}", answer.body);
    }
    let large = format!(r#"{{"query":"{}"}}"#, "x".repeat(3 * 1024 * 1024));
    assert_eq!(post(&owner, list, large).await.status, 413);
    let missing = owner.call("/api/app/customers/api/create_customer", &[("email", "a@b.example")]).await;
    assert_eq!((missing.status, missing.told()), (422, Error::field("name", "is required")));
    let fields = [("member", owner.user.to_string()), ("role", "emperor".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let unknown = owner.call("/api/app/members/api/change_member_role", &fields).await;
    assert_eq!(unknown.status, 400, "{}", unknown.body);
    assert!(!unknown.body.contains("emperor"), "{}", unknown.body);
    // A form without JavaScript is led back to its page.
    assert_eq!(owner.submit("/api/app/customers/api/create_customer", &[("email", "a@b.example")]).await.status, 302);
}

/// What was built from other sources could send what is meant otherwise here, and would take the answer for something else.
async fn a_page_of_another_build_does_nothing(world: World) {
    let owner = world.member(&world.tenant("nile").await, Role::Owner).await;
    let create = async |accept: &str| {
        let request = owner.request(Method::POST, "/api/app/customers/api/create_customer").header(header::ACCEPT, accept);
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        owner.send(request, Body::from("name=Built+elsewhere")).await
    };
    let other = wire::CONTENT_TYPE.replace(wire::BUILD, "0123456789abcdef");
    let refused = create(&other).await.expect(406);
    assert_eq!(refused.body, wire::OF_ANOTHER_BUILD);
    assert!(!owner.get("/customers").await.expect(200).body.contains("Built elsewhere"));
    create(wire::CONTENT_TYPE).await.expect(200);
    assert!(owner.get("/customers").await.expect(200).body.contains("Built elsewhere"));
}
