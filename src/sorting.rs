//! Sorting, compiled once: the standard library's is compiled anew for each type that is sorted, in 3 to 4 KB.

use std::cmp::Ordering;

/// Sorts `items` by what `key` gives of each. Those with the same key stay in their order.
pub(crate) fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    let order = order(items.len(), &|one, other| key(&items[one]).cmp(&key(&items[other])));
    arrange(order, &mut |one, other| items.swap(one, other));
}

/// For each place, the number of the item that belongs there.
fn order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&one, &other| compare(one, other));
    order
}

/// Moves the items into `order`, from cycle to cycle.
fn arrange(mut order: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    for start in 0..order.len() {
        let mut at = start;
        while order[at] != start {
            let next = order[at];
            swap(at, next);
            order[at] = at;
            at = next;
        }
        order[at] = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::cmp::Reverse;

    #[test]
    fn items_are_sorted_and_equal_ones_stay_in_order() {
        let mut seed = 1_u32;
        for length in 0..200 {
            let mut items: Vec<(u32, usize)> = (0..length)
                .map(|number| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (seed >> 28, number)
                })
                .collect();
            let mut expected = items.clone();
            expected.sort_by_key(|&(key, _)| Reverse(key));
            sort_by_key(&mut items, |&(key, _)| Reverse(key));
            assert_eq!(items, expected);
        }
    }
}
