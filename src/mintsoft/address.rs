//! Where a call may go: https to public addresses, or, when the switch for the sandbox is on, the loopback too. Pure:
//! the client asks these rules before it connects and again for every address that a name resolves to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::UpstreamError;

/// The longest address that is taken.
const LENGTH_MAX: usize = 2_000;

/// Brings an account's `api_url` into the one form that accounts are compared by: scheme and host in lower case, no
/// `/api`, no slash at the end. Refuses what could never be called: other schemes, a user in the address, a query.
///
/// ```
/// # use logistics_ledger::mintsoft::normalise_api_url;
/// assert_eq!(normalise_api_url(" https://API.mintsoft.co.uk/api/ ").unwrap(), "https://api.mintsoft.co.uk");
/// ```
pub fn normalise_api_url(text: &str) -> Result<String, UpstreamError> {
    let text = text.trim();
    if text.len() > LENGTH_MAX {
        return bad("it is too long");
    }
    let Ok(url) = Url::parse(text) else { return bad("it is no URL; write https:// and the host") };
    if !matches!(url.scheme(), "https" | "http") {
        return bad("it must begin with https://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return bad("it must not hold a user or a password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return bad("it must end with the host or a path");
    }
    if url.host().is_none() || url.cannot_be_a_base() {
        return bad("it has no host");
    }
    let whole = url.as_str().trim_end_matches('/');
    let cut = whole.len().saturating_sub("/api".len());
    let root = match whole.get(cut..) {
        Some(end) if end.eq_ignore_ascii_case("/api") => whole[..cut].trim_end_matches('/'),
        _ => whole,
    };
    Ok(root.to_owned())
}

/// The root of an API address to which calls may be made: https, and no address inside somebody's network unless the
/// switch for the sandbox is on. What a name resolves to is looked at again before every connection.
pub fn callable_api_url(text: &str, insecure: bool) -> Result<String, UpstreamError> {
    callable_root(text, insecure)?;
    normalise_api_url(text)
}

/// The root that calls are made under, once the scheme and a host that is itself an address are found allowed.
pub(super) fn callable_root(api_url: &str, insecure: bool) -> Result<Url, UpstreamError> {
    let root = normalise_api_url(api_url)?;
    let Ok(url) = Url::parse(&root) else { return bad("it is no URL; write https:// and the host") };
    if url.scheme() != "https" && !insecure {
        return bad("it must begin with https://");
    }
    if let Some(Host::Domain(name)) = url.host()
        && is_inside_name(name)
        && !(insecure && is_this_machine(name))
    {
        return bad(NOT_PUBLIC);
    }
    let literal = match url.host() {
        Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
        _ => None,
    };
    match literal {
        Some(ip) if !may_call(ip, insecure) => bad(NOT_PUBLIC),
        _ => Ok(url),
    }
}

/// What is said of an address inside somebody's network.
pub(super) const NOT_PUBLIC: &str = "it does not lead to a public address";

/// Whether a call may go to that address.
pub(super) fn may_call(ip: IpAddr, insecure: bool) -> bool {
    let ip = ip.to_canonical();
    is_public(ip) || (insecure && ip.is_loopback())
}

/// Whether the name is one of those that lead inside by agreement (RFC 6761, 6762, 8375), whatever a resolver says.
fn is_inside_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let last = name.rsplit('.').next().unwrap_or(name);
    matches!(last, "localhost" | "local" | "internal" | "localdomain") || name.ends_with("home.arpa")
}

/// Whether the name is this machine's own.
fn is_this_machine(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost")
}

fn bad<T>(why: &'static str) -> Result<T, UpstreamError> {
    Err(UpstreamError::BadUrl { why })
}

/// Whether the address is reachable for everybody and belongs to nobody's inside.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || a == 0
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

/// Only 2000::/3 is handed out; within it, the ranges that wrap an IPv4 address or are for documents are refused too.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    let wraps_v4 = a == 0x2002 || (a == 0x2001 && b == 0);
    let documents = (a == 0x2001 && b == 0x0db8) || (a == 0x3fff && b < 0x1000);
    let special = a == 0x2001 && b < 0x0200;
    (0x2000..0x4000).contains(&a) && !wraps_v4 && !documents && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str) -> String {
        normalise_api_url(text).expect_err(text).to_string()
    }

    #[test]
    fn the_root_has_no_api_and_no_slash_however_it_was_written() {
        for text in [
            "https://api.mintsoft.co.uk",
            "https://API.Mintsoft.co.uk/",
            "https://api.mintsoft.co.uk/api",
            "https://api.mintsoft.co.uk/API/",
            " HTTPS://api.mintsoft.co.uk:443//api// ",
        ] {
            assert_eq!(normalise_api_url(text).expect(text), "https://api.mintsoft.co.uk", "{text}");
        }
        assert_eq!(normalise_api_url("http://localhost:81/x/api").expect("a path"), "http://localhost:81/x");
    }

    #[test]
    fn what_could_never_be_called_is_refused_with_the_reason() {
        assert!(why("ftp://api.mintsoft.co.uk").contains("https://"));
        assert!(why("api.mintsoft.co.uk").contains("no URL"));
        assert!(why("https://ada:secret@api.mintsoft.co.uk").contains("user"));
        assert!(!why("https://ada:secret@api.mintsoft.co.uk").contains("secret"));
        assert!(why("https://api.mintsoft.co.uk/?a=1").contains("end with"));
        assert!(why("https://api.mintsoft.co.uk/#x").contains("end with"));
        assert!(why(&format!("https://x/{}", "a".repeat(3_000))).contains("long"));
    }

    #[test]
    fn http_and_the_loopback_need_the_switch() {
        assert!(callable_root("http://api.mintsoft.co.uk", false).is_err());
        assert!(callable_root("https://127.0.0.1", false).is_err());
        assert!(callable_root("http://127.0.0.1:9", true).is_ok());
        assert!(callable_root("http://[::1]:9", true).is_ok());
        assert!(callable_root("https://10.0.0.1", true).is_err(), "the switch opens the loopback alone");
    }

    #[test]
    fn an_address_in_disguise_is_seen_through() {
        for host in ["2130706433", "0x7f.1", "127.1", "0", "[::ffff:10.0.0.1]", "[::ffff:7f00:1]", "[::]"] {
            assert!(callable_root(&format!("https://{host}"), false).is_err(), "{host}");
        }
    }

    #[test]
    fn only_public_addresses_may_be_called() {
        for inside in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.2",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:192.168.1.1",
            "64:ff9b::a00:1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2002:a00:1::",
            "2001::1",
            "3fff::1",
        ] {
            assert!(!may_call(inside.parse().expect(inside), false), "{inside}");
        }
        for outside in
            ["1.1.1.1", "100.128.0.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "2a00:1450::1"]
        {
            assert!(may_call(outside.parse().expect(outside), false), "{outside}");
        }
    }
}
