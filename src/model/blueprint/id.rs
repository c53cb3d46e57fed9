//! Ids: each is an index that fits only its own list. There are ids of fleets, pools, workloads,
//! endpoints and egresses, of clusters of a fleet, and of members of a cluster.

use super::{Egress, Endpoint, Fleet, Pool, Workload};

/// Lets an id index the lists of its items.
macro_rules! index_by {
    ($id:ty: $item:ty $(, $life:lifetime)?) => {
        impl$(<$life>)? ::std::ops::Index<$id> for Vec<$item> {
            type Output = $item;

            fn index(&self, id: $id) -> &$item {
                &self[id.index()]
            }
        }

        impl$(<$life>)? ::std::ops::IndexMut<$id> for Vec<$item> {
            fn index_mut(&mut self, id: $id) -> &mut $item {
                &mut self[id.index()]
            }
        }
    };
}

pub(in crate::model) use index_by;

/// Defines ids, their integer types, and the lists of the blueprint that they index.
macro_rules! ids {
    ($($(#[$doc:meta])* $id:ident($number:ty) $(of $item:ty)?;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $id($number);

        impl $id {
            /// The id of the item at a place of its list.
            ///
            /// # Panics
            ///
            /// If the list is longer than checked scenarios allow.
            #[expect(clippy::cast_possible_truncation, reason = "asserted")]
            pub const fn new(index: usize) -> Self {
                assert!(index <= <$number>::MAX as usize, "a scenario has few items of a kind");
                Self(index as $number)
            }

            /// The place of the item in its list.
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// The ids of a list of `count` items, in order.
            pub fn all(count: usize) -> impl Iterator<Item = Self> + Clone {
                (0..count).map(Self::new)
            }
        }

        $(index_by!($id: $item);)?
    )*};
}

ids! {
    /// A fleet of the blueprint.
    FleetId(u16) of Fleet;
    /// A node pool of the blueprint.
    PoolId(u16) of Pool;
    /// A workload of the blueprint.
    WorkloadId(u16) of Workload;
    /// An endpoint of the blueprint.
    EndpointId(u16) of Endpoint;
    /// An egress of the blueprint.
    EgressId(u16) of Egress;
    /// A cluster that a fleet serves, numbered within the fleet.
    ClusterId(u32);
    /// A collector, numbered through all fleets as in events. Within its fleet it has an index.
    CollectorId(u32);
    /// A replica, existing or not, numbered within its cluster: its ordinal.
    MemberId(u32);
}
