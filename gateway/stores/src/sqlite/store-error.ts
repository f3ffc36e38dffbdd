/**
 * Why a store could not be opened or used, said so that whoever runs the gateway knows which file it is and what to do.
 * Everything that SQLite and the file system throw on opening goes through `explain`.
 */
import { statfsSync } from "node:fs";
import { dirname } from "node:path";

/** The sentence says what to do. */
export const storeErrors = {
  /** The file is no SQLite database, or damaged: not all of it can be read. */
  corrupt:
    "Move it away (with its -wal and -shm files) and put a backup in its place, or start with an empty one.",
  /** A sound SQLite database that another program made. */
  foreign: "Point Trueline at another data directory, or move the file away.",
  /** Written by a newer version of Trueline. */
  newer_schema: "Start the newer version, or restore the backup made before the update.",
  /** The data directory or a file in it may not be read or written. */
  no_permission: "Give the user that runs Trueline the right to read and write the data directory.",
  /** No space is left on the device. Nothing of what was to be written is there. */
  disk_full: "Free some space on the device of the data directory.",
  /** Another process has the data directory. */
  in_use: "Stop that process, or choose another data directory.",
  /** The device or the file system failed. */
  io_error: "Check the device and the file system of the data directory.",
} as const;
export type StoreErrorCode = keyof typeof storeErrors;

export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;
  readonly file: string;

  /** `what` is a sentence about `file` without its full stop. */
  constructor(code: StoreErrorCode, file: string, what: string, options?: ErrorOptions) {
    super(`${file}: ${what}. ${storeErrors[code]}`, options);
    this.code = code;
    this.file = file;
  }
}

/** What a thrown error means for `file`; an error that is not the store's own comes back as it is. */
export function explain(error: unknown, file: string): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error;
  const errno = (error as { code?: unknown }).code;
  if (typeof errno !== "string") return error;
  const code = codeOf(errno, file);
  return code === undefined ? error : new StoreError(code, file, error.message, { cause: error });
}

/** What `work` gives; what it throws is explained. */
export function explained<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explain(error, file);
  }
}

function codeOf(errno: string, file: string): StoreErrorCode | undefined {
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(errno)) return "corrupt";
  if (/^(SQLITE_FULL|ENOSPC|EDQUOT)/.test(errno)) return "disk_full";
  if (/^SQLITE_(BUSY|LOCKED)/.test(errno)) return "in_use";
  if (/^(SQLITE_(READONLY|PERM|AUTH)|EACCES|EPERM|EROFS)/.test(errno)) return "no_permission";
  // SQLite says these also where it found no room for a helper file, or may not make one.
  if (/^SQLITE_(IOERR|CANTOPEN)/.test(errno)) return isDeviceFull(file) ? "disk_full" : cannotOpen(errno);
  return /^E(IO|NOENT|NOTDIR|EXIST|ISDIR|NAMETOOLONG|LOOP)/.test(errno) ? "io_error" : undefined;
}

const cannotOpen = (errno: string): StoreErrorCode =>
  errno.startsWith("SQLITE_CANTOPEN") ? "no_permission" : "io_error";

function isDeviceFull(file: string): boolean {
  try {
    return statfsSync(dirname(file)).bavail === 0;
  } catch (error) {
    // Asked only to explain another error, which is the one to report.
    return (error as { code?: unknown }).code === "ENOSPC";
  }
}
