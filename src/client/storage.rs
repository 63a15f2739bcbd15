//! What this device keeps between visits (IndexedDB, per account, wiped at sign-out).
