/** What a peer's server is to the process that it runs in. */
import type { Source } from "../source.ts";

export interface ServerOptions {
  readonly source: Source;
  /** Whether events must be kept for clients that come back. */
  readonly resumable: boolean;
  /** Where a server may keep things; emptied afterwards. */
  readonly directory: string;
}

export interface Server {
  readonly port: number;
  close(): Promise<void>;
}

export type StartServer = (options: ServerOptions) => Promise<Server>;
