//! An amount spread over others by their size, to the last minor unit: each gets its share rounded down, and what is
//! left goes one by one to those with the largest remainder, the first among equals.

/// `total` over `weights`; the parts add up to `total`. Weights below zero take parts below zero. Where the weights add
/// up to nought, the first takes all.
pub fn spread(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|w| i128::from(*w)).sum();
    let mut parts = vec![0i64; weights.len()];
    if sum == 0 {
        if let Some(first) = parts.first_mut() {
            *first = total;
        }
        return parts;
    }
    let mut remainders = Vec::with_capacity(weights.len());
    let mut given = 0i128;
    for (i, weight) in weights.iter().enumerate() {
        let product = i128::from(total) * i128::from(*weight);
        let share = product.div_euclid(sum);
        remainders.push((product.rem_euclid(sum), i));
        parts[i] = i64::try_from(share).unwrap_or(0);
        given += share;
    }
    remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let left = i128::from(total) - given;
    let step = if left < 0 { -1 } else { 1 };
    let missing = usize::try_from(left.unsigned_abs()).unwrap_or(0);
    for (_, i) in remainders.iter().cycle().take(missing) {
        parts[*i] += step;
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_largest_remainder_takes_what_is_left() {
        assert_eq!(spread(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(spread(10, &[333, 333, 334]), [3, 3, 4]);
        assert_eq!(spread(-15, &[100, -200]), [15, -30]);
        assert_eq!(spread(7, &[0, 0]), [7, 0]);
        assert_eq!(spread(7, &[]), [0i64; 0]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(total in -1_000_000_000i64..1_000_000_000, weights in proptest::collection::vec(-1_000_000i64..1_000_000, 1..20)) {
            prop_assert_eq!(spread(total, &weights).iter().sum::<i64>(), total);
        }

        #[test]
        fn nobody_gets_more_than_a_unit_beyond_the_share(total in 0i64..1_000_000_000, weights in proptest::collection::vec(1i64..1_000_000, 1..20)) {
            let sum: i64 = weights.iter().sum();
            for (part, weight) in spread(total, &weights).into_iter().zip(&weights) {
                let exact = i128::from(total) * i128::from(*weight);
                prop_assert!((i128::from(part) * i128::from(sum) - exact).abs() < i128::from(sum));
            }
        }
    }
}
