//! The order of sizes by their settings.

/// Places of sizes in the ranges of the free settings.
pub(super) struct Lattice<'a> {
    places: &'a [Vec<usize>],
    /// Whether more is not always better in a setting.
    full: Vec<bool>,
}

impl<'a> Lattice<'a> {
    /// The lattice of sizes, in which more is better until the draws say otherwise.
    pub(super) fn new(places: &'a [Vec<usize>]) -> Self {
        let settings = places.first().map_or(0, Vec::len);
        Self {
            places,
            full: vec![false; settings],
        }
    }

    /// Number of sizes.
    pub(super) const fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether a size is another one with less of something, and equal in settings in which more is
    /// not always better.
    pub(super) fn is_below(&self, lesser: usize, greater: usize) -> bool {
        let pairs = self.places[lesser].iter().zip(&self.places[greater]);
        lesser != greater
            && pairs.zip(&self.full).all(
                |((less, more), &is_full)| {
                    if is_full { less == more } else { less <= more }
                },
            )
    }

    /// Settings in which two sizes differ.
    pub(super) fn differing(&self, left: usize, right: usize) -> Vec<usize> {
        let pairs = self.places[left].iter().zip(&self.places[right]);
        let differing = pairs.enumerate().filter(|(_, (left, right))| left != right);
        differing.map(|(setting, _)| setting).collect()
    }

    /// The size that differs from `size` in one setting, in which it is as `other`.
    pub(super) fn moved(&self, size: usize, setting: usize, other: usize) -> Option<usize> {
        let mut place = self.places[size].clone();
        place[setting] = self.places[other][setting];
        self.places.iter().position(|each| *each == place)
    }

    /// For each setting that is not searched in full, the size with its greatest value and otherwise
    /// as `size`.
    pub(super) fn greatest(&self, size: usize) -> Vec<(usize, usize)> {
        let monotone = (0..self.full.len()).filter(|&setting| !self.full[setting]);
        let greatest = monotone.filter_map(|setting| {
            let is_alike = |&other: &usize| {
                let differing = self.differing(size, other);
                differing.iter().all(|&at| at == setting)
            };
            let alike = (0..self.len()).filter(is_alike);
            let greatest = alike.max_by_key(|&other| self.places[other][setting])?;
            (greatest != size).then_some((setting, greatest))
        });
        greatest.collect()
    }

    /// From now on more is not better in this setting.
    pub(super) fn search_in_full(&mut self, setting: usize) {
        self.full[setting] = true;
    }

    /// The settings in which more is not always better.
    pub(super) fn searched_in_full(&self) -> Vec<usize> {
        (0..self.full.len()).filter(|&at| self.full[at]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Lattice;

    #[test]
    fn a_setting_searched_in_full_compares_nothing() {
        let places = vec![vec![0, 0], vec![0, 1], vec![1, 0], vec![1, 1]];
        let mut lattice = Lattice::new(&places);
        assert!(lattice.is_below(0, 3) && lattice.is_below(1, 3) && !lattice.is_below(1, 2));
        assert_eq!(lattice.moved(3, 0, 0), Some(1));
        lattice.search_in_full(0);
        assert!(!lattice.is_below(0, 3) && lattice.is_below(2, 3));
        assert_eq!(lattice.searched_in_full(), [0]);
    }
}
