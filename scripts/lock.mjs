/**
 * A lock between processes, as a folder whose time its holder renews. Runs on Node 18 without a dependency.
 * A holder that was killed renews nothing, so its lock is taken over after `staleMs`.
 */
import { mkdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const renewMs = 1_000;
const staleMs = 10_000;

/**
 * Runs `work` while holding the lock at `path`. `onWait` is called once when another process holds it.
 * @template T
 * @param {string} path
 * @param {{ work: () => Promise<T>, onWait: () => void }} options
 * @returns {Promise<T>}
 */
export async function withLock(path, { work, onWait }) {
  mkdirSync(dirname(path), { recursive: true });
  for (let waited = false; !take(path); waited = true) {
    if (!waited) onWait();
    await delay(200);
  }
  const renewal = setInterval(() => renew(path), renewMs);
  const release = () => rmSync(path, { recursive: true, force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    process.off("exit", release);
    release();
  }
}

/** @param {string} path */
function take(path) {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  }
  const held = statSync(path, { throwIfNoEntry: false });
  if (held && Date.now() - held.mtimeMs > staleMs) rmSync(path, { recursive: true, force: true });
  return false;
}

/** @param {string} path */
function renew(path) {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch (error) {
    // Somebody cleaned the folder away: the work goes on, only without its lock.
    if (errorCode(error) !== "ENOENT") throw error;
  }
}

/** @param {unknown} error */
const errorCode = (error) => /** @type {NodeJS.ErrnoException} */ (error).code;
