use super::*;

const NOW: i64 = 1_000_000_000;

/// `http://HOST/PATH` or `https://…`, as a request of the user's.
fn asked(url: &str) -> CookieRequest<'_> {
    let (scheme, rest) = url.split_once("://").expect("a scheme");
    let (host, path) = rest.split_at(rest.find('/').expect("a path"));
    CookieRequest { host, path: path.as_bytes(), is_secure: scheme == "https", is_users: true }
}

fn set(jar: &mut Jar, url: &str, field: &str) -> Result<(), Refused> {
    jar.set(field.as_bytes(), &asked(url), NOW).map(|_| ())
}

fn sent(jar: &Jar, url: &str) -> String {
    String::from_utf8(jar.clone().field(&asked(url), NOW, None).unwrap_or_default()).expect("text")
}

fn read(text: &str) -> Jar {
    let mut jar = Jar::default();
    jar.read(text.as_bytes(), NOW, true);
    jar
}

#[test]
fn a_cookie_goes_back_to_its_host_and_path() {
    let mut jar = Jar::default();
    set(&mut jar, "http://a.example.com/x/y", "h=1").unwrap();
    set(&mut jar, "http://a.example.com/x/y", "d=2; Domain=.Example.com; Path=/").unwrap();
    assert_eq!(sent(&jar, "http://a.example.com/x"), "h=1; d=2");
    assert_eq!(sent(&jar, "http://a.example.com/xy"), "d=2");
    assert_eq!(sent(&jar, "http://b.example.com/x"), "d=2");
    assert_eq!(sent(&jar, "http://b.a.example.com/x"), "d=2");
    assert_eq!(sent(&jar, "http://example.org/x"), "");
}

#[test]
fn domains_of_others_are_refused() {
    let mut jar = Jar::default();
    for (url, domain, refused) in [
        ("http://a.example.com/", "other.com", Refused::OtherDomain),
        ("http://a.example.com/", "b.a.example.com", Refused::OtherDomain),
        ("http://a.example.com/", "example.com.", Refused::OtherDomain),
        ("http://a.example.com/", "ex\u{e4}mple.com", Refused::OtherDomain),
        ("http://a.example.com/", "com", Refused::PublicSuffix),
        ("http://a.example.com./", "com.", Refused::PublicSuffix),
        ("http://127.0.0.1/", "0.0.1", Refused::OtherDomain),
        ("http://127.0.0.1/", "1", Refused::OtherDomain),
    ] {
        assert_eq!(set(&mut jar, url, &format!("a=b; Domain={domain}")), Err(refused), "{domain}");
    }
    assert_eq!(set(&mut jar, "http://localhost/", "a=b; Domain=localhost"), Ok(()));
    assert_eq!(set(&mut jar, "http://127.0.0.1/", "a=b; Domain=127.0.0.1"), Ok(()));
    assert_eq!(set(&mut jar, "http://2001:db8::1/", "a=b; Domain=[2001:DB8::1]"), Ok(()));
    assert!(jar.cookies().all(|cookie| cookie.id.is_host_only));
}

#[cfg(feature = "extras")]
#[test]
fn nobody_sets_cookies_for_a_public_suffix() {
    let mut jar = Jar::default();
    assert_eq!(set(&mut jar, "http://a.co.uk/", "a=b; Domain=CO.uk"), Err(Refused::PublicSuffix));
    assert_eq!(set(&mut jar, "http://a.github.io/", "a=b; Domain=github.io"), Err(Refused::PublicSuffix));
    assert_eq!(set(&mut jar, "http://github.io/", "a=b; Domain=github.io"), Ok(()));
    assert_eq!(sent(&jar, "http://a.github.io/"), "");
}

#[test]
fn secure_cookies_keep_to_tls() {
    let mut jar = Jar::default();
    let plain = "http://example.com/a/b";
    assert_eq!(set(&mut jar, plain, "s=1; Secure"), Err(Refused::SecureOverPlain));
    set(&mut jar, "https://example.com/a/b", "s=1; Secure; Domain=example.com").unwrap();
    assert_eq!(sent(&jar, plain), "");
    assert_eq!(sent(&jar, "https://example.com/a/b"), "s=1");
    for field in ["s=2", "s=2; Path=/a/x", "s=; Max-Age=0"] {
        assert_eq!(set(&mut jar, plain, field), Err(Refused::HidesSecure), "{field}");
    }
    assert_eq!(set(&mut jar, "http://x.example.com/a/b", "s=2"), Err(Refused::HidesSecure));
    assert_eq!(set(&mut jar, plain, "s=2; Path=/"), Ok(()), "the path is not below the Secure one's");
}

#[test]
fn prefixes_keep_their_promises() {
    let mut jar = Jar::default();
    let url = "https://example.com/";
    for (field, result) in [
        ("__Secure-a=b", Err(Refused::Prefix(NamePrefix::Secure))),
        ("__SECURE-a=b; Secure", Ok(())),
        ("__Host-a=b; Secure; Path=/; Domain=example.com", Err(Refused::Prefix(NamePrefix::Host))),
        ("__Host-a=b; Secure", Err(Refused::Prefix(NamePrefix::Host))),
        ("__host-a=b; Path=/", Err(Refused::Prefix(NamePrefix::Host))),
        ("__Host-a=b; Secure; Path=/", Ok(())),
        ("__Http-a=b; Secure", Err(Refused::Prefix(NamePrefix::Http))),
        ("__http-a=b; HttpOnly", Err(Refused::Prefix(NamePrefix::Http))),
        ("__Http-a=b; Secure; HttpOnly", Ok(())),
        ("__Host-Http-a=b; Secure; Path=/", Err(Refused::Prefix(NamePrefix::HostHttp))),
        ("__Host-Http-a=b; Secure; HttpOnly", Err(Refused::Prefix(NamePrefix::HostHttp))),
        ("__Host-Http-a=b; Secure; HttpOnly; Path=/", Ok(())),
    ] {
        assert_eq!(set(&mut jar, url, field), result, "{field}");
    }
}

#[test]
fn a_cookie_is_replaced_in_its_place_and_removed_when_it_ends() {
    let mut jar = Jar::default();
    let url = "http://example.com/";
    for field in ["a=1", "b=2; Path=/", "a=3", "c=4", "deep=5; Path=/x"] {
        set(&mut jar, url, field).unwrap();
    }
    assert_eq!(sent(&jar, "http://example.com/x"), "deep=5; a=3; b=2; c=4");
    let ended = jar.set(b"b=; Max-Age=0", &asked(url), NOW);
    assert_eq!(ended, Ok(SetCookieOutcome::Ended { name: b"b".to_vec() }));
    assert_eq!(sent(&jar, url), "a=3; c=4");
    set(&mut jar, url, "e=6; Max-Age=10").unwrap();
    assert_eq!(jar.field(&asked(url), NOW + 9, None).unwrap(), b"a=3; c=4; e=6");
    assert_eq!(jar.field(&asked(url), NOW + 10, None).unwrap(), b"a=3; c=4");
}

#[test]
fn the_field_has_the_literal_behind_and_a_limit() {
    let mut jar = Jar::default();
    let url = "http://example.com/";
    assert_eq!(jar.field(&asked(url), NOW, None), None);
    assert_eq!(jar.field(&asked(url), NOW, Some(b"x=y")).unwrap(), b"x=y");
    for name in ["a", "b", "c"] {
        set(&mut jar, url, &format!("{name}={}", "v".repeat(4000))).unwrap();
    }
    let field = jar.field(&asked(url), NOW, Some(b"x=y")).unwrap();
    assert!(field.len() < 8190 && field.starts_with(b"a=") && field.ends_with(b"v; x=y"));
    assert_eq!(field.iter().filter(|&&byte| byte == b'=').count(), 3);
    // What the user types is sent as long as it is.
    assert_eq!(jar.field(&asked(url), NOW, Some(&[b'l'; 9000])).unwrap().len(), 9000);
}

#[test]
fn a_jar_survives_its_file() {
    let mut jar = Jar::default();
    let url = "https://a.example.com/x/y";
    for field in
        ["one=1", "two=2; Domain=example.com; Path=/; HttpOnly; Secure", "three=a b=c; Max-Age=60", "empty="]
    {
        set(&mut jar, url, field).unwrap();
    }
    let bytes = jar.to_bytes(NOW);
    let lines: Vec<_> = str::from_utf8(&bytes).unwrap().lines().skip(3).collect();
    assert_eq!(
        lines,
        [
            "a.example.com\tFALSE\t/x\tFALSE\t0\tempty\t",
            "a.example.com\tFALSE\t/x\tFALSE\t1000000060\tthree\ta b=c",
            "#HttpOnly_.example.com\tTRUE\t/\tTRUE\t0\ttwo\t2",
            "a.example.com\tFALSE\t/x\tFALSE\t0\tone\t1",
        ]
    );
    let mut again = Jar::default();
    again.read(&bytes, NOW, true);
    assert_eq!(again.to_bytes(NOW), bytes);
    assert_eq!(sent(&again, url), sent(&jar, url));
    let mut later = Jar::default();
    later.read(&bytes, NOW + 60, false);
    assert!(later.stored.is_empty());
}

#[test]
fn files_of_others_are_read() {
    let mut jar = read(
        "# a comment\r\n\
         Example.com\tTRUE\t/\tFALSE\t22147483647\ta\t1\r\n\
         .example.com\tTRUE\t/\tFALSE\t0\tno-value\n\
         example.com\tFALSE\t/\tFALSE\t1\tended\t1\n\
         example.com\tFALSE\t/\tFALSE\tsoon\tbad\t1\n\
         example.com\tFALSE\t/\tFALSE\t0\ttoo\tmany\tfields\n\
         example.com\tFALSE\t/\tFALSE\t0\tbad\tx\x01\n\
         example.com\tFALSE\t/\tFALSE\t0\t__Secure-a\tx\n\
         Set-Cookie: d=2; Domain=.example.com\n\
         set-cookie: any=3\n\
         nonsense\n\
         example.com\tFALSE\t/\tFALSE\t0\ta\t4\n\
         Example.com\tTRUE\t/\tFALSE\t22147483647\ta\t5",
    );
    assert_eq!(sent(&jar, "http://example.com/"), "a=5; a=4; any=3; d=2; no-value=");
    assert_eq!(sent(&jar, "http://x.example.com/"), "a=5; any=3; d=2; no-value=");
    let away = CookieRequest { is_users: false, ..asked("http://example.org/") };
    assert_eq!(jar.field(&away, NOW, None), None, "a cookie without a domain stays with the user's hosts");
}

#[test]
fn lines_that_curl_reads_are_read() {
    let jar = read(
        "\u{FEFF}example.com\tFALSE\t/\tFALSE\t0\ta\t1\n\
         \texample.com\t\tFALSE\t/\tFALSE\t0\tb\t2\t\n\
         example.com\tFALSE\tFALSE\t0\tc\t3\n\
         example.com\tFALSE\t/\tFALSE\t0\t\tno-name\n\
         \t example.com\tFALSE\t/\tFALSE\t0\td\tspace\n",
    );
    assert_eq!(sent(&jar, "http://example.com/x"), "c=3; b=2; a=1");
    let written = String::from_utf8(jar.to_bytes(NOW)).expect("text");
    assert!(!written.contains("space"), "no host begins with a space: {written}");
}

#[test]
fn a_long_line_of_a_file_keeps_no_other_cookie_back() {
    let line = |name: &str, value: &str| format!("example.com\tFALSE\t/\tFALSE\t0\t{name}\t{value}\n");
    let jar = read(&[line("short", "1"), line("long", &"v".repeat(9000))].concat());
    assert_eq!(sent(&jar, "http://example.com/"), "short=1");
}

#[test]
fn of_many_cookies_that_fit_curl_sends_some() {
    let lines = (0..=MAX_SENT).map(|number| format!("example.com\tFALSE\t/\tFALSE\t0\tn{number}\t1\n"));
    let mut jar = read(&lines.collect::<String>());
    let withheld = |jar: &Jar| {
        jar.withheld(&asked("http://example.com/"), NOW, Some(0))
            .into_iter()
            .map(|(_, why)| why)
            .collect::<Vec<_>>()
    };
    assert!(withheld(&jar).is_empty());
    jar.as_curl = true;
    assert_eq!(withheld(&jar), ["as with curl, 150 cookies are sent at most"]);
}

#[test]
fn responses_cannot_fill_the_memory() {
    let names = |jar: &Jar| {
        let written = String::from_utf8(jar.to_bytes(NOW)).unwrap();
        let name = |line: &str| line.split('\t').nth(5).map(str::to_owned);
        written.lines().filter_map(name).collect::<HashSet<_>>()
    };
    let mut jar = read("example.com\tFALSE\t/\tFALSE\t0\tfile\t1\n");
    let site = |number: usize| format!("http://h{}.example/", number / 50);
    let fill = |jar: &mut Jar, attributes: &str| {
        for number in 0..MAX_FRESH {
            set(jar, &site(number), &format!("n{number}=1{attributes}")).unwrap();
        }
    };
    fill(&mut jar, "");
    // No domain has more than its share: the least recently used go.
    jar.field(&asked(&site(0)), NOW, None).expect("cookies");
    set(&mut jar, &site(50), "n50=2").unwrap();
    set(&mut jar, &site(0), "one-more=1").unwrap();
    let left = names(&jar);
    assert!(["file", "n0", "n49", "n50", "n81", "one-more", "n2999"].iter().all(|name| left.contains(*name)));
    assert!((51..81).all(|number| !left.contains(&format!("n{number}"))));
    // One has: what it has too many goes.
    for number in 0..100 {
        set(&mut jar, "http://much.example/", &format!("m{number}=1")).unwrap();
    }
    let left = names(&jar);
    assert!(left.contains("m99") && !left.contains("m0") && left.contains("n2999") && left.contains("file"));
    assert!(left.len() <= MAX_FRESH + 1);
    // Those that have expired go before all others.
    let mut jar = Jar::default();
    fill(&mut jar, "; Max-Age=5");
    let later = asked("http://example.com/");
    jar.set(b"late=1", &later, NOW + 9).unwrap();
    assert_eq!(jar.stored.len(), 1);
}

#[test]
fn nothing_panics() {
    let pieces = ["a", "=", ";", "\t", " ", "Domain", ".", "Path=/", "Max-Age=-", "\"", "\u{e9}", "__Host-"];
    for a in pieces {
        for b in pieces {
            for c in pieces {
                let mut jar = Jar::default();
                let field = [a, b, c].concat();
                let _ = set(&mut jar, "https://example.com/", &field);
                jar.read([field.as_bytes(), b"\n", &jar.to_bytes(NOW)].concat().as_slice(), NOW, true);
                let _ = jar.field(&asked("http://h/"), i64::MAX, Some(b"x"));
            }
        }
    }
}

#[test]
fn what_is_written_is_read_again_as_it_was() {
    for line in [
        "..a.example\tFALSE\t/\tFALSE\t9\tn\tv",
        ".#a\tFALSE\t/\tFALSE\t9\tn\tv",
        ".set-cookie:a=b; Max-Age=9\tFALSE\t/\tFALSE\t9\tn\tv",
        "Set-Cookie: a=b; Max-Age=9",
    ] {
        let mut jar = Jar::default();
        jar.read(line.as_bytes(), 0, false);
        let written = jar.to_bytes(0);
        let mut again = Jar::default();
        again.read(&written, 0, false);
        assert_eq!(again.to_bytes(0), written, "{line}");
    }
}
