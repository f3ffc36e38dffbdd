/** The network between browser and gateway, as a thing that can be pulled: a TCP relay on a port of its own. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Cable {
  /** Where the browser goes. */
  readonly url: string;
  /** Cuts every connection; new ones are cut at once. */
  pull(): void;
  plug(): void;
  close(): Promise<void>;
}

export async function layCable(port: number): Promise<Cable> {
  const ends = new Set<Socket>();
  let pulled = false;
  const hold = (socket: Socket): void => {
    ends.add(socket);
    socket.on("close", () => ends.delete(socket));
    // A cut connection is what this is for; the close that follows says all there is to know.
    socket.on("error", () => socket.destroy());
  };

  const server = createServer((browser) => {
    hold(browser);
    if (pulled) {
      browser.resetAndDestroy();
      return;
    }
    const gateway = connect(port, "127.0.0.1");
    hold(gateway);
    browser.pipe(gateway).pipe(browser);
    browser.on("close", () => gateway.destroy());
    gateway.on("close", () => browser.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const cut = (): void => {
    for (const end of [...ends]) end.resetAndDestroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pull() {
      pulled = true;
      cut();
    },
    plug() {
      pulled = false;
    },
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
