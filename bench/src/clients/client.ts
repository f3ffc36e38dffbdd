/** What the load process needs of a client, whatever library is behind it. */
import type { ShownEvent } from "../stream-check.ts";

export interface ClientOptions {
  readonly port: number;
  readonly user: string;
  readonly onEvent: (event: ShownEvent) => void;
}

export interface Client {
  /** Asks for a run, whose text pieces then come to all clients of the user. `id` is unique for the user. */
  start(id: string): void;
  /** Loses the connection, as when a cable is pulled. Resolves when it is gone. */
  drop(): Promise<void>;
  /** Connects again, as far as that is the same for every server: an upgraded socket on which nothing was said yet. */
  reconnect(): Promise<void>;
  /** Asks for what it missed. Resolves when the server has accepted that. */
  resume(): Promise<void>;
}

export type OpenClient = (options: ClientOptions) => Promise<Client>;
