//! One contract, kept by the real and by the simulated file system.

mod contract;

use platform::real::RealFileSystem;
use platform::simulated::SimulatedFileSystem;

macro_rules! contract_tests {
    ($($name:ident),* $(,)?) => {
        mod real {
            $(#[test]
            fn $name() {
                let folder = tempfile::tempdir().unwrap();
                super::contract::$name(&super::RealFileSystem, folder.path());
            })*
        }
        mod simulated {
            $(#[test]
            fn $name() {
                super::contract::$name(&super::SimulatedFileSystem::new(), std::path::Path::new("/"));
            })*
        }
    };
}

contract_tests!(
    appended_bytes_are_read_at_their_offsets,
    create_empties_and_open_append_goes_on,
    truncate_cuts_and_later_appends_go_on_from_there,
    missing_files_and_folders_are_not_found,
    rename_replaces_files_and_empty_folders_only,
    a_renamed_or_removed_file_stays_open,
    hard_links_share_their_bytes,
    folders_are_created_listed_and_removed,
    a_lock_is_exclusive_until_dropped,
    maps_cover_what_was_asked_for,
    write_atomic_replaces_the_whole_file,
    read_refuses_what_is_too_large,
);
