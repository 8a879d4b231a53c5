use super::*;

fn item(value: &str) -> Option<Type> {
    Parser { rest: value.as_bytes(), has_repeated_key: false }.whole(Parser::item).map(|item| item.kind)
}

fn list(value: &str) -> Option<usize> {
    Parser { rest: value.as_bytes(), has_repeated_key: false }.whole(Parser::list).map(|list| list.len())
}

fn judged(name: &str, value: &str) -> Result<(), Problem> {
    check(DEFINITIONS.iter().find(|definition| definition.name == name).unwrap(), value.as_bytes())
}

#[test]
fn bare_items_have_their_types() {
    for (value, kind) in [
        ("0", Type::Integer),
        ("-999999999999999", Type::Integer),
        ("123456789012.125", Type::Decimal),
        (r#""a \"b\" \\""#, Type::String),
        ("*a/b:c!", Type::Token),
        ("a;b=1;c", Type::Token),
        (":cHJldGVuZA==:", Type::Bytes),
        (":cHJldGVuZA:", Type::Bytes),
        ("::", Type::Bytes),
        ("?1", Type::Boolean),
        ("@1659578233", Type::Date),
        ("@-1", Type::Date),
        (r#"%"a %c3%bc""#, Type::DisplayString),
        ("  5  ", Type::Integer),
    ] {
        assert_eq!(item(value), Some(kind), "{value}");
    }
}

#[test]
fn what_is_no_item_does_not_parse() {
    for value in [
        "",
        "-",
        "1234567890123456",
        "1.",
        ".5",
        "1.1234",
        "1234567890123.1",
        "--1",
        "1-",
        "\"a",
        "\"\\a\"",
        "\"\u{fc}\"",
        "a b",
        "a,",
        ":a:",
        ":a=:",
        ":abc==:",
        ":ab=:",
        ":a b:",
        ":ab",
        "?2",
        "?",
        "@1.5",
        "@",
        "@a",
        "%\"%C3%BC\"",
        "%\"%c3\"",
        "%\"a",
        "%a",
        "a;B",
        "a; ",
        "a;",
        "a ;b",
        "\ta",
        "'a'",
        "(a)",
    ] {
        assert_eq!(item(value), None, "{value}");
    }
}

#[test]
fn lists_and_inner_lists() {
    assert_eq!(list(""), Some(0));
    assert_eq!(list("a, b\t,\"c,d\""), Some(3));
    assert_eq!(list("(a b);x=1, ( c ), ()"), Some(3));
    for value in ["a,", ",a", "a,,b", "a b", "(a", "(a,b)", "((a))", "(a\"b\")", "(a)b"] {
        assert_eq!(list(value), None, "{value}");
    }
}

#[test]
fn fields_are_checked_for_their_types() {
    for (name, value) in [
        ("Accept-CH", "Sec-CH-UA, DPR"),
        ("Cache-Status", "ExampleCache; hit; ttl=376, \"b\""),
        ("Cache-Groups", "\"a\", \"b\";x"),
        ("Cross-Origin-Opener-Policy", "same-origin; report-to=\"a\""),
        ("Deprecation", "@1688169599"),
        ("Origin-Agent-Cluster", "?1"),
        ("Reporting-Endpoints", "a=\"https://x/\", b=\"/y\""),
        ("Content-Digest", "sha-256=:cHJldGVuZA==:"),
        ("Permissions-Policy", "a=(), b=(self \"https://x\"), c=*, d=self"),
        ("Priority", "u=1, i"),
        ("No-Vary-Search", "params=(\"a\"), key-order"),
    ] {
        assert_eq!(judged(name, value), Ok(()), "{name}: {value}");
    }
}

#[test]
fn wrong_types_and_repeated_keys_are_told_from_bad_syntax() {
    for name in ["Accept-CH", "Deprecation", "Permissions-Policy", "Priority"] {
        assert_eq!(judged(name, "a b"), Err(Problem::Syntax), "{name}");
    }
    for (name, value) in [
        ("Accept-CH", "\"DPR\""),
        ("Accept-CH", "(DPR)"),
        ("Cache-Groups", "a"),
        ("Cross-Origin-Embedder-Policy", "\"require-corp\""),
        ("Deprecation", "?1"),
        ("Deprecation", "1688169599"),
        ("Origin-Agent-Cluster", "1"),
        ("Reporting-Endpoints", "a=b"),
        ("Reporting-Endpoints", "a"),
        ("Repr-Digest", "sha-256=\"x\""),
        ("Permissions-Policy", "a=none"),
        ("Permissions-Policy", "a"),
    ] {
        assert!(matches!(judged(name, value), Err(Problem::Type(_))), "{name}: {value}");
    }
    assert_eq!(judged("Priority", "u=1, u=2"), Err(Problem::RepeatedKey));
    assert_eq!(judged("Accept-CH", "a;x=1;x=2"), Err(Problem::RepeatedKey));
    assert_eq!(judged("Accept-CH", "a;x=1, b;x=2"), Ok(()));
}

#[test]
fn no_prefix_or_mutation_panics() {
    let sample = br#"a=(b "c\"";d=?1 :QQ==:);e, f=%"%c3%bc", g=@-1, h=1.5;i=*j"#;
    for definition in DEFINITIONS {
        for at in 0..sample.len() {
            let _ = check(definition, &sample[..at]);
            for byte in [0, b' ', b'"', b'(', b')', b'%', b':', b';', b'=', 0xFF] {
                let mut mutated = sample.to_vec();
                mutated[at] = byte;
                let _ = check(definition, &mutated);
            }
        }
    }
}
