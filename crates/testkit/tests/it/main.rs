//! The store in memory keeps the contract of stores.

mod memory_store {
    use storage::memory::MemoryStore;

    testkit::store_contract!(|| Box::new(MemoryStore::new()));
}
