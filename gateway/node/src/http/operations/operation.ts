/** What one HTTP call looks like. The calls themselves are in the tables beside this file. */
import type { ErrorCode } from "@trueline/protocol";
import type { z } from "zod";

export interface Operation {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Parameters as `:name`. */
  readonly path: string;
  readonly summary: string;
  /** `bearer`: with an access token. */
  readonly access: "public" | "bearer";
  readonly body?: z.ZodType;
  /** Whether a body may be left out. */
  readonly bodyOptional?: true;
  /** Of the query string; what is not named there is refused. */
  readonly query?: z.ZodObject;
  readonly status: number;
  /** Of the same answer, when it is no success. */
  readonly otherwise?: { readonly status: number; readonly when: string };
  /** Absent: the answer has no body, or one that is not JSON. */
  readonly answer?: z.ZodType;
  /** Of an answer that is not JSON. */
  readonly mediaType?: string;
  /** Beside those that every call can have. */
  readonly errors: readonly ErrorCode[];
}
