//! Structured fields: what is read is read the same with spaces around it, and when its
//! members are joined again. Run with `tests/fuzz/run structured`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rawget::http::structured::{Item, Member, Parameters, dictionary, item, list};

fuzz_target!(|data: &[u8]| {
    let spaced = [b"  ", data, b" "].concat();
    assert_eq!(item(data), item(&spaced));
    assert_eq!(list(data), list(&spaced));
    assert_eq!(dictionary(data), dictionary(&spaced));
    if let Some(parsed) = item(data) {
        let written = written_item(&parsed.value);
        assert_eq!(item(&written).as_ref(), Some(&parsed));
    }
    if let Some(parsed) = list(data) {
        let written = parsed.value.iter().map(written_member).collect::<Vec<_>>().join(&b", "[..]);
        assert_eq!(list(&written).as_ref(), Some(&parsed));
    }
});

fn written_member(member: &Member<'_>) -> Vec<u8> {
    match member {
        Member::Item(item) => written_item(item),
        Member::InnerList(items, parameters) => {
            let items = items.iter().map(written_item).collect::<Vec<_>>().join(&b" "[..]);
            [&b"("[..], &items, b")", &written_parameters(parameters)].concat()
        }
    }
}

fn written_item(item: &Item<'_>) -> Vec<u8> {
    [item.bare.text, &written_parameters(&item.parameters)].concat()
}

fn written_parameters(parameters: &Parameters<'_>) -> Vec<u8> {
    let one = |(key, value): &(&[u8], Option<rawget::http::structured::BareItem<'_>>)| match value {
        Some(value) => [&b";"[..], key, b"=", value.text].concat(),
        None => [&b";"[..], key].concat(),
    };
    parameters.iter().map(one).collect::<Vec<_>>().concat()
}
