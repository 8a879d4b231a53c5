//! What status codes mean, in a few words (RFC 9110 §15, and the RFCs that registered the others).

/// The meaning of `status`; that of its class where it is not registered.
pub(super) fn meaning(status: u16) -> &'static str {
    let known = MEANINGS.iter().find(|(code, _)| *code == status).map(|(_, meaning)| *meaning);
    known.unwrap_or(match status {
        100..200 => "an interim response of a kind that is not registered; the final one follows",
        200..300 => "a success of a kind that is not registered, taken as 200",
        300..400 => "a redirection of a kind that is not registered, taken as 300",
        400..500 => "the request is at fault, in a way that is not registered, taken as 400",
        500..600 => "the server is at fault, in a way that is not registered, taken as 500",
        _ => "no status code of HTTP, taken as an error of the server",
    })
}

const MEANINGS: [(u16, &str); 64] = [
    (100, "the server is willing to take the content"),
    (101, "the connection changes to another protocol"),
    (102, "the server is still working on the request"),
    (103, "fields that will probably be in the final response"),
    (104, "the server supports resuming this upload"),
    (200, "the request succeeded"),
    (201, "a resource was created"),
    (202, "accepted, but not done yet"),
    (203, "a success, changed by a proxy on the way"),
    (204, "there is no content"),
    (205, "reset the form that the request came from"),
    (206, "a part of the content, as requested"),
    (207, "the results of several requests in one (WebDAV)"),
    (208, "members of this collection were listed before (WebDAV)"),
    (226, "the content is a difference to an earlier version"),
    (300, "there are several representations to choose from"),
    (301, "use the new URL from now on; POST may become GET"),
    (302, "at another URL for now; POST may become GET"),
    (303, "the result is at another URL, to be fetched by GET"),
    (304, "not modified: the stored response is still valid"),
    (305, "to be requested by a proxy; deprecated"),
    (306, "no longer used"),
    (307, "at another URL for now, by the same method"),
    (308, "use the new URL from now on, by the same method"),
    (400, "the server considers the request malformed"),
    (401, "credentials are missing or not good enough"),
    (402, "payment is required"),
    (403, "the server understands the request and refuses it"),
    (404, "nothing is here, or the server hides it"),
    (405, "the method is not allowed here"),
    (406, "no form of it matches the Accept fields"),
    (407, "the proxy wants credentials"),
    (408, "the request did not come in time"),
    (409, "the request conflicts with the current state"),
    (410, "gone, and not likely to come back"),
    (411, "the server wants a Content-Length"),
    (412, "a condition of the request does not hold"),
    (413, "the request's content is too large for the server"),
    (414, "the request's target is too long for the server"),
    (415, "the server does not take this type or coding of content"),
    (416, "no requested range exists"),
    (417, "the server cannot do what Expect asks for"),
    (418, "a teapot: a joke, not in use"),
    (421, "the server does not serve that host"),
    (422, "well formed, but cannot be processed"),
    (423, "locked (WebDAV)"),
    (424, "another request on which this depends failed (WebDAV)"),
    (425, "not taken in TLS early data, which may be a replay"),
    (426, "the server wants another protocol"),
    (428, "the server wants a condition in the request"),
    (429, "too many requests in a given time"),
    (431, "the request's fields are too large for the server"),
    (451, "not available for legal reasons"),
    (500, "something unexpected happened in the server"),
    (501, "the server does not know the method"),
    (502, "a gateway got an invalid response from the server behind it"),
    (503, "not available now: overloaded or in maintenance"),
    (504, "a gateway got no response in time from the server behind it"),
    (505, "the server does not speak this version of HTTP"),
    (506, "content negotiation is misconfigured in the server"),
    (507, "the server has no room left for this (WebDAV)"),
    (508, "the server found an endless loop (WebDAV)"),
    (510, "the request lacks an extension that the server wants; obsolete"),
    (511, "a login to the network is needed first"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::status::is_registered;

    #[test]
    fn every_registered_code_has_its_own_meaning() {
        for status in (100..600).filter(|&status| is_registered(status)) {
            assert!(MEANINGS.iter().any(|(code, _)| *code == status), "{status}");
        }
        assert!(MEANINGS.is_sorted_by_key(|(code, _)| *code));
        assert_eq!(meaning(599), meaning(520));
    }
}
