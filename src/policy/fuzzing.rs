//! Properties of cookies, for any bytes.

use super::cookie::{CookieRequest, Jar};

pub(crate) fn cookie_file(data: &[u8]) {
    let mut jar = Jar::default();
    jar.read(data, 0, false);
    let written = jar.to_bytes(0);
    let mut again = Jar::default();
    again.read(&written, 0, false);
    assert_eq!(String::from_utf8_lossy(&again.to_bytes(0)), String::from_utf8_lossy(&written));
}

pub(crate) fn set_cookie(data: &[u8]) {
    let mut jar = Jar::default();
    let asked = CookieRequest {
        host: "a.b.example",
        path: b"/c/d",
        is_secure: data.len().is_multiple_of(2),
        is_users: true,
    };
    for field in data.split(|&byte| byte == b'\n') {
        let _ = jar.set(field, &asked, 0);
    }
    let field = jar.field(&asked, 0, None).unwrap_or_default();
    assert!(field.len() <= super::cookie::MAX_FIELD);
    assert!(!field.iter().any(|&byte| matches!(byte, b'\r' | b'\n' | 0)));
}
