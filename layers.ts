/**
 * The layer law: what each folder may import, and what to do instead. `npm run lint` and `npm test` enforce it
 * (scripts/check-layers.ts). It is exhaustive: source in a folder that is not named here fails the check, so a new folder
 * begins with a decision about its place.
 *
 *     node → stores, agents → server → protocol → kit        web → client → protocol        probe → client        cli → node, probe
 *     migrate: languages → model
 */
export interface Layer {
  /** The longest folder that matches a file is its layer. `*` stands for one folder name. */
  readonly folder: string;
  /** Folders of the layers that it may import, beside itself. */
  readonly imports: readonly string[];
  /** npm packages that it may import; "declared": whatever its package.json declares. */
  readonly packages: readonly string[] | "declared";
  /** Modules of Node that it may import. */
  readonly builtins: readonly string[] | "any";
  /** Why, and what to do instead. Shown with each violation. */
  readonly because: string;
}

const kit = "kit/src";
const protocol = "gateway/protocol/src";
const ports = "gateway/server/src/ports";
const server = "gateway/server/src";
const testing = "gateway/server/src/testing";
const client = "gateway/client/src";
const node = "gateway/node/src";
const model = "migrate/model/src";

/** Modules of Node that compute, and touch neither file, socket nor process. */
const computing = [
  "node:async_hooks",
  "node:crypto",
  "node:events",
  "node:timers",
  "node:timers/promises",
  "node:util",
];

const free = { packages: "declared", builtins: "any" } as const;

export const layers: readonly Layer[] = [
  {
    folder: kit,
    imports: [],
    packages: [],
    builtins: [],
    because: "kit is shared by browser and server and does no I/O: pass what it needs as an argument.",
  },
  {
    folder: protocol,
    imports: [kit],
    packages: ["zod"],
    builtins: [],
    because:
      "the protocol is what browser and server share: what runs on Node only belongs into gateway/server or gateway/node.",
  },
  {
    folder: ports,
    imports: [kit, protocol],
    packages: ["zod"],
    builtins: [],
    because:
      "a port says what the engine needs and knows no one who needs or gives it: move the shared type into the port.",
  },
  {
    folder: server,
    imports: [ports, kit, protocol],
    packages: ["zod", "@opentelemetry/api"],
    builtins: computing,
    because:
      "the engine knows no socket, HTTP server, file or database: describe what it needs as a port in gateway/server/src/ports, and let gateway/node or gateway/stores give it.",
  },
  {
    folder: testing,
    imports: [server, ports, kit, protocol],
    packages: ["zod", "vitest", "fast-check"],
    builtins: "any",
    because:
      "contract suites and fakes are for the tests of every adapter: they know the engine and no adapter.",
  },
  {
    folder: "gateway/stores/src",
    imports: [server, ports, protocol, kit],
    ...free,
    because:
      "a store stands behind the engine's ports and knows nothing of agents, transport or configuration: let gateway/node wire it.",
  },
  {
    folder: "gateway/agents/src",
    imports: [server, ports, protocol, kit],
    ...free,
    because:
      "agents stand behind the engine's ports and know nothing of stores or transport: let gateway/node wire them.",
  },
  {
    folder: node,
    imports: [server, ports, protocol, kit, "gateway/stores/src", "gateway/agents/src", "gateway/web"],
    ...free,
    because:
      "the node wires the gateway; only cli and programs of others stand above it. What the client also needs belongs into the protocol.",
  },
  {
    folder: client,
    imports: [protocol, kit],
    packages: ["react"],
    builtins: [],
    because:
      "the client runs in browsers: what it shares with the server belongs into the protocol, what needs Node is passed in.",
  },
  {
    folder: "gateway/web/src",
    imports: [client, protocol, kit],
    packages: "declared",
    builtins: [],
    because: "pages talk to the gateway through the client only: add what is missing to gateway/client.",
  },
  {
    folder: "gateway/web",
    imports: [],
    ...free,
    because: "beside the pages there is only where they lie and how they are built.",
  },
  {
    folder: "probe/src",
    imports: [client, protocol, kit],
    ...free,
    because:
      "the probe sees a gateway as its users do, from outside: over the wire contract, never through the server. It reads raw frames, since a client that drops doubles would hide them.",
  },
  {
    folder: model,
    imports: [],
    packages: [],
    builtins: [],
    because:
      "the vocabulary of the migration is plain data: a verb belongs into the stage that carries it out.",
  },
  {
    folder: "migrate/python/src",
    imports: [model],
    packages: "declared",
    builtins: ["node:buffer", "node:fs"],
    because:
      "a language says what one source means, and reads it; what is done about it, and every write, belongs into the engine.",
  },
  {
    folder: "migrate/python/bench",
    imports: ["migrate/python/src", model],
    ...free,
    because: "it measures the package as it is used: through its entry.",
  },
  {
    folder: "cli",
    imports: [node, "probe/src", client, protocol, kit],
    ...free,
    because: "the command line starts and asks; what it shows is computed in gateway/node or probe.",
  },
  {
    folder: "examples/*",
    imports: [node, client, protocol, kit, "gateway/agents/src"],
    ...free,
    because: "an example uses what a user of the published packages can use, and nothing else.",
  },
  {
    folder: "gateway/client/examples",
    imports: [client],
    ...free,
    because:
      "the example of the client's README uses what a user of the published package can use, and nothing else.",
  },
  {
    folder: "bench",
    imports: [node, client, protocol, kit, server, ports, "gateway/stores/src"],
    ...free,
    because:
      "a benchmark measures the product as it is wired: nothing under test/ or testing/ may be in the measured path.",
  },
  {
    folder: "scripts",
    imports: ["."],
    ...free,
    because: "scripts work on the repository from outside; no product code in them.",
  },
  {
    folder: ".",
    imports: [],
    ...free,
    because: "the root has configuration only; programs belong into a folder with a layer.",
  },
];

/** What a folder must not load at run time, not even through the packages it imports. */
export const absences = [
  {
    folder: client,
    unwanted: "zod",
    because:
      "a browser needs no schemas (60 KB): take values from @trueline/protocol/wire, and only types from @trueline/protocol.",
  },
] as const;

/** Folders whose files are tests: they may import any layer, and they alone the `testing` folders. */
export const testFolder = "test";
export const testingFolder = "testing";
