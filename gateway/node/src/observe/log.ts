/** Structured logs, one JSON object a line. What is named like a secret is masked wherever it stands (AU5). */
import { type Logger, redact } from "@trueline/server";
import { pino, stdSerializers } from "pino";

export const logLevels = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];

/** `write` gets whole lines; absent: standard error, so that standard output stays the program's own. */
export function createLogger(level: LogLevel, write?: (line: string) => void): Logger {
  const destination = write ? { write } : pino.destination({ dest: 2, sync: false });
  const logger = pino(
    { level, base: { name: "trueline" }, timestamp: pino.stdTimeFunctions.isoTime },
    destination,
  );
  const clean = (fields: object): object => redact(serialized(fields)) as object;
  return {
    debug: (fields, message) => logger.debug(clean(fields), message),
    info: (fields, message) => logger.info(clean(fields), message),
    warn: (fields, message) => logger.warn(clean(fields), message),
    error: (fields, message) => logger.error(clean(fields), message),
  };
}

/** Errors are turned into data before they are searched for secrets, not after. */
function serialized(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? stdSerializers.err(value) : value,
    ]),
  );
}
