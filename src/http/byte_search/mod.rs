//! Where a byte stands: the switch of the feature `extras`, whose search has vectors.

#[cfg(not(feature = "extras"))]
#[path = "disabled.rs"]
mod imp;
#[cfg(feature = "extras")]
#[path = "enabled.rs"]
mod imp;

pub use imp::find_byte;

#[cfg(test)]
mod tests {
    use super::find_byte;

    #[test]
    fn the_first_one_is_found_wherever_it_stands() {
        for length in 0..100 {
            for at in 0..length {
                let mut bytes = vec![b'a'; length];
                bytes[at] = b'\n';
                assert_eq!(find_byte(&bytes, b'\n'), Some(at));
                bytes[at + 1..].fill(b'\x0B');
                assert_eq!(find_byte(&bytes, b'\n'), Some(at));
                bytes[at + 1..].fill(b'\n');
                assert_eq!(find_byte(&bytes, b'\n'), Some(at));
                bytes.fill(0x8A);
                assert_eq!(find_byte(&bytes, b'\n'), None);
            }
        }
    }
}
