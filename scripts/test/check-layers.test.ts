import { expect, it } from "vitest";
import { findViolations, type Package } from "../check-layers.ts";

const packages = new Map<string, Package>([
  ["@trueline/kit", { folder: "kit", entries: new Map([["", "kit/src/index.ts"]]) }],
  [
    "@trueline/protocol",
    {
      folder: "gateway/protocol",
      entries: new Map([
        ["", "gateway/protocol/src/index.ts"],
        ["/wire", "gateway/protocol/src/wire.ts"],
      ]),
    },
  ],
  ["@trueline/server", { folder: "gateway/server", entries: new Map() }],
  ["@trueline/stores", { folder: "gateway/stores", entries: new Map() }],
]);

const check = (files: Record<string, string>) =>
  findViolations({ packages, files: new Map(Object.entries(files)) });

it("lets the arrows of the architecture pass", () => {
  const violations = check({
    "kit/src/index.ts": "export const a = 1;",
    "gateway/server/src/log.ts": `import { a } from "@trueline/kit"; import type { Port } from "./ports/port.ts";`,
    "gateway/server/src/ports/port.ts": `import type { A } from "@trueline/protocol"; export interface Port {}`,
    "gateway/stores/src/log.ts": `import type { Port } from "@trueline/server"; import { open } from "node:fs";`,
    "gateway/stores/test/log.test.ts": `import { suite } from "@trueline/server/testing"; import "vitest";`,
  });
  expect(violations).toEqual([]);
});

it.each([
  [
    "a store in the engine",
    "gateway/server/src/a.ts",
    `import "@trueline/stores"`,
    "may not import gateway/stores",
  ],
  ["a socket library in the engine", "gateway/server/src/a.ts", `import "ws"`, "may not use this package"],
  ["HTTP in the engine", "gateway/server/src/a.ts", `import "node:http"`, "may not use this module of Node"],
  [
    "HTTP by its short name",
    "gateway/server/src/a.ts",
    `await import("http")`,
    "may not use this module of Node",
  ],
  [
    "Node in the protocol",
    "gateway/protocol/src/a.ts",
    `export * from "node:fs"`,
    "may not use this module of Node",
  ],
  [
    "types of the server in the client",
    "gateway/client/src/a.ts",
    `import type { A } from "@trueline/server"`,
    "may not import",
  ],
  [
    "fakes in shipped code",
    "gateway/stores/src/a.ts",
    `import "@trueline/server/testing"`,
    "only tests import it",
  ],
  ["fakes by path", "gateway/server/src/a.ts", `import "./testing/fake.ts"`, "only tests import it"],
  [
    "tests in shipped code",
    "gateway/server/src/a.ts",
    `import "../test/a.ts"`,
    "only tests import what is under test/",
  ],
  [
    "another package by path",
    "gateway/stores/src/a.ts",
    `import "../../server/src/a.ts"`,
    "import another package by its name",
  ],
  ["the engine in a port", "gateway/server/src/ports/a.ts", `import "../log.ts"`, "may not import it"],
  ["a folder that nobody named", "gateway/new/src/a.ts", "", "belongs to no layer"],
  ["a folder at the root", "tools/a.ts", "", "belongs to no layer"],
])("refuses %s", (_, path, source, reason) => {
  expect(check({ [path]: source })).toEqual([expect.stringContaining(reason)]);
});

it("says what to do instead", () => {
  expect(check({ "kit/src/a.ts": `import "node:fs"` })[0]).toContain("pass what it needs as an argument");
});

it("refuses a cycle at run time, once, and lets a cycle of types pass", () => {
  const cycle = { "kit/src/a.ts": `import "./b.ts"`, "kit/src/b.ts": `import "./a.ts"` };
  expect(check(cycle)).toEqual([expect.stringContaining("kit/src/a.ts → kit/src/b.ts → kit/src/a.ts")]);
  expect(check({ ...cycle, "kit/src/b.ts": `import type { A } from "./a.ts"` })).toEqual([]);
});

it("refuses schemas that the client loads through the protocol, and lets their types pass", () => {
  const files = {
    "gateway/protocol/src/index.ts": `import "zod"`,
    "gateway/protocol/src/wire.ts": `import type { z } from "zod"`,
  };
  const violations = check({
    ...files,
    "gateway/client/src/a.ts": `import { events } from "@trueline/protocol"`,
  });
  expect(violations).toEqual([
    expect.stringContaining("gateway/client/src/a.ts → gateway/protocol/src/index.ts → zod"),
  ]);
  const source = `import { codes } from "@trueline/protocol/wire"; import type { Event } from "@trueline/protocol"`;
  expect(check({ ...files, "gateway/client/src/a.ts": source })).toEqual([]);
});
