//! Addresses: which peers may speak for others.

use std::net::IpAddr;

use http::HeaderMap;

/// Addresses whose forwarding headers are believed. Empty: nobody's.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpAddr>);

impl TrustedProxies {
    pub fn new(addresses: Vec<IpAddr>) -> Self {
        Self(addresses)
    }

    /// The client's address: the peer's, or, behind a trusted proxy, the last untrusted one in `X-Forwarded-For`.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.0.contains(&peer) {
            return peer;
        }
        let forwarded = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|part| part.trim().parse::<IpAddr>().ok())
            .collect::<Vec<_>>();
        forwarded.into_iter().rev().find(|address| !self.0.contains(address)).unwrap_or(peer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_peers_forward() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "1.1.1.1, 2.2.2.2, 10.0.0.1".parse().unwrap());
        assert_eq!(TrustedProxies::default().client(proxy, &headers), proxy);
        let trusted = TrustedProxies::new(vec![proxy]);
        assert_eq!(trusted.client(proxy, &headers).to_string(), "2.2.2.2");
        assert_eq!(trusted.client("9.9.9.9".parse().unwrap(), &headers).to_string(), "9.9.9.9");
    }
}
