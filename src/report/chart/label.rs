//! Labels beside the ends of lines, moved apart so that no label covers another.

/// The heights at which labels of `height` pixels stand, as near as possible to `wanted`, inside
/// `from..=to`, in the order given.
pub(super) fn spread(wanted: &[i32], height: i32, (from, to): (i32, i32)) -> Vec<i32> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|&index| wanted[index]);
    let mut placed = vec![0; wanted.len()];
    let mut next = from;
    for &index in &order {
        placed[index] = wanted[index].max(next);
        next = placed[index] + height;
    }
    // Labels that were pushed past the lower edge come back up, and push the others.
    let mut limit = to;
    for &index in order.iter().rev() {
        placed[index] = placed[index].min(limit);
        limit = placed[index] - height;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn labels_keep_their_distance() {
        assert_eq!(spread(&[10, 12, 50], 16, (0, 100)), [10, 26, 50]);
        assert_eq!(spread(&[98, 100], 16, (0, 100)), [84, 100]);
        assert_eq!(spread(&[12, 10], 16, (0, 100)), [26, 10]);
    }
}
