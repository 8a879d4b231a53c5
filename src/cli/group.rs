//! A group of options: a struct that clap's derive reads, and the spelling of its fields.

use std::any::Any;

use clap::Command;

use super::packed_names::Names;

/// A group of options: one struct.
pub(super) struct Group {
    pub(super) names: Names,
    /// Adds the group to a command, under its heading.
    pub(super) add: fn(Command) -> Command,
}

/// The options of one struct.
pub(super) trait Fields {
    /// The field at `number`, in the order of the definition.
    fn field(&mut self, number: usize) -> Option<&mut dyn Any>;
}

/// Defines a group of options as clap's derive reads it, and their spelling.
macro_rules! options {
    ($(#[$outer:meta])* $visible:vis struct $name:ident {
        $( $(#[$($attribute:tt)*])* $field_visible:vis $field:ident: $type:ty, )*
    }) => {
        $(#[$outer])*
        #[derive(clap::Args, Clone, Debug, Default)]
        #[group(skip)]
        $visible struct $name {
            $( $(#[$($attribute)*])* $field_visible $field: $type, )*
        }

        pub(super) const NAMES: super::packed_names::Names = {
            const LIST: &[super::name::Name] = &[$(
                super::name::Name::of(stringify!($field), stringify!($type), &[$(stringify!($($attribute)*)),*]),
            )*];
            super::packed_names::Names(&super::packed_names::packed::<{ super::packed_names::packed_length(LIST) }>(LIST))
        };

        impl super::group::Fields for $name {
            fn field(&mut self, number: usize) -> Option<&mut dyn std::any::Any> {
                let fields = [$(&mut self.$field as &mut dyn std::any::Any),*];
                fields.into_iter().nth(number)
            }
        }
    };
}
