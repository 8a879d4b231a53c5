use super::*;

fn item_type(value: &str) -> Option<Type> {
    item(value.as_bytes()).map(|parsed| parsed.value.bare.kind)
}

fn list_length(value: &str) -> Option<usize> {
    list(value.as_bytes()).map(|parsed| parsed.value.len())
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
        assert_eq!(item_type(value), Some(kind), "{value}");
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
        assert_eq!(item_type(value), None, "{value}");
    }
}

#[test]
fn lists_and_inner_lists() {
    assert_eq!(list_length(""), Some(0));
    assert_eq!(list_length("a, b\t,\"c,d\""), Some(3));
    assert_eq!(list_length("(a b);x=1, ( c ), ()"), Some(3));
    for value in ["a,", ",a", "a,,b", "a b", "(a", "(a,b)", "((a))", "(a\"b\")", "(a)b"] {
        assert_eq!(list_length(value), None, "{value}");
    }
}

#[test]
fn parameters_and_repeated_keys_are_kept() {
    let parsed = dictionary(b"a=1;x;y=\"z\", b, a=(c d);e").expect("a dictionary");
    assert!(parsed.has_repeated_key);
    let keys: Vec<_> = parsed.value.iter().map(|(key, _)| *key).collect();
    assert_eq!(keys, [b"a", b"b", b"a"]);
    let Member::Item(first) = &parsed.value[0].1 else { panic!("an item") };
    assert_eq!(first.parameters.len(), 2);
    assert!(parsed.value[1].1.is(Type::Boolean));
    assert!(
        matches!(&parsed.value[2].1, Member::InnerList(items, parameters) if items.len() == 2 && parameters.len() == 1)
    );
    assert!(list(b"a;x=1;x=2").is_some_and(|parsed| parsed.has_repeated_key));
    assert!(list(b"a;x=1, b;x=2").is_some_and(|parsed| !parsed.has_repeated_key));
}

#[test]
fn no_prefix_or_mutation_panics() {
    let sample = br#"a=(b "c\"";d=?1 :QQ==:);e, f=%"%c3%bc", g=@-1, h=1.5;i=*j"#;
    for at in 0..sample.len() {
        let _ = dictionary(&sample[..at]);
        for byte in [0, b' ', b'"', b'(', b')', b'%', b':', b';', b'=', 0xFF] {
            let mut mutated = sample.to_vec();
            mutated[at] = byte;
            let _ = (dictionary(&mutated), list(&mutated), item(&mutated));
        }
    }
}
