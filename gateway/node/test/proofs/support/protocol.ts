/** What passes between a proof and the gateway in its process. */
import type { AccessLimits, Limits } from "@trueline/server";

export interface Settings {
  readonly directory: string;
  /** 0: any. */
  readonly port: number;
  readonly linesFile: string;
  readonly pieceMs: number;
  readonly limits: Partial<Limits>;
  readonly access: Partial<AccessLimits>;
  readonly log: "silent" | "warn" | "debug";
}

/** `collect`: after the garbage was collected. */
export interface Question {
  readonly collect: boolean;
}

export interface Numbers {
  readonly type: "numbers";
  readonly heapUsed: number;
  readonly rss: number;
  /** Of `process.getActiveResourcesInfo()`: how many of each. */
  readonly resources: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
}

export type Answer = { readonly type: "ready"; readonly url: string; readonly port: number } | Numbers;
