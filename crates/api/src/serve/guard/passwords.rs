//! Passwords against bcrypt's hashes, which are slow by design: what was compared once is known from then on.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};

use parking_lot::Mutex;
use tokio::sync::Semaphore;

/// The most comparisons that are remembered; guesses beyond it push all others out.
const KNOWN_MAX: usize = 256;

/// Compared with where there is no such user, so that the time of the answer does not tell.
const NOBODY: &str = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";

/// Compares passwords, one at a time: whoever guesses cannot take all cores.
pub(crate) struct Passwords {
    turn: Semaphore,
    /// By keyed hashes of user, hash and password; passwords themselves are not kept.
    known: Mutex<HashMap<(u64, u64), bool>>,
    keys: (RandomState, RandomState),
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            turn: Semaphore::new(1),
            known: Mutex::default(),
            keys: (RandomState::new(), RandomState::new()),
        }
    }
}

impl Passwords {
    /// Whether there is such a user with such a password.
    pub(crate) async fn are_right(
        &self,
        users: &BTreeMap<String, String>,
        user: String,
        password: String,
    ) -> bool {
        let hash = users.get(&user).cloned();
        let is_user = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let parts = (&user, &hash, &password);
        let key = (self.keys.0.hash_one(parts), self.keys.1.hash_one(parts));
        if let Some(known) = self.known.lock().get(&key) {
            return is_user && *known;
        }
        let Ok(_turn) = self.turn.acquire().await else { return false };
        let compared = tokio::task::spawn_blocking(move || bcrypt::verify(password, &hash).unwrap_or(false));
        let right = compared.await.unwrap_or(false);
        let mut known = self.known.lock();
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(key, right);
        is_user && right
    }
}
