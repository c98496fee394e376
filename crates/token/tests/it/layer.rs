//! The tower layer, as a resource server mounts it.

use std::convert::Infallible;
use std::sync::Arc;

use http::{Request, Response};
use mandate_token::{Algorithm, Audience, Claims, Verifier, VerifyLayer};
use tower::{Layer as _, Service as _, service_fn};

use crate::sign::{Keys, NOW, claims};

async fn answer(layer: &VerifyLayer, headers: &[&str]) -> Response<String> {
    let mut service = layer.layer(service_fn(async |request: Request<()>| {
        let claims: &Arc<Claims> = request.extensions().get().expect("claims");
        Ok::<_, Infallible>(Response::new(claims.sub.clone()))
    }));
    let mut request = Request::builder();
    for header in headers {
        request = request.header("authorization", *header);
    }
    service.call(request.body(()).unwrap()).await.unwrap()
}

#[tokio::test]
async fn lets_verified_requests_through_and_challenges_the_others() {
    let keys = Keys::fresh();
    let audience = Audience::new("trading_platform").leeway(0).jwks(&[Algorithm::EdDsa], keys.jwks());
    let verifier = Arc::new(Verifier::new(audience));
    let token = keys.sign(Algorithm::EdDsa, &claims());
    let (good, lower) = (format!("Bearer {token}"), format!("bearer {token}"));

    let layer = VerifyLayer::new(verifier.clone(), || NOW);
    for header in [&good, &lower] {
        let ok = answer(&layer, &[header]).await;
        assert_eq!((ok.status().as_u16(), ok.body().as_str()), (200, claims()["sub"].as_str().unwrap()));
    }
    for (headers, challenge) in [
        (vec![], "Bearer"),
        (vec!["Basic YTpi"], "Bearer"),
        (vec![good.as_str(), good.as_str()], "Bearer"),
        (vec!["Bearer x"], r#"Bearer error="invalid_token", error_description="malformed""#),
    ] {
        let refused = answer(&layer, &headers).await;
        assert_eq!(refused.status(), 401);
        assert_eq!(refused.headers()["www-authenticate"], challenge);
        assert_eq!(refused.body(), "");
    }
    let late = answer(&VerifyLayer::new(verifier, || NOW + 900), &[&good]).await;
    assert_eq!(
        late.headers()["www-authenticate"],
        r#"Bearer error="invalid_token", error_description="expired""#
    );
}
