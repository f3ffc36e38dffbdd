/** Passwords as argon2id hashes, computed on the thread pool, so that a login costs the event loop nothing. */
import { type Algorithm, hash, verify } from "@node-rs/argon2";
import type { PasswordHasher } from "@trueline/server";

/** The library declares it as a `const enum`, which cannot be imported when types are stripped. */
const argon2id = 2 as Algorithm.Argon2id;

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
const parameters = { algorithm: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const argon2Hasher: PasswordHasher = {
  hash: (password) => hash(password, parameters),
  verify: (hashed, password) => verify(hashed, password),
};
