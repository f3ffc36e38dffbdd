/** What `createGateway` says of options that are wrong, and whom it makes at the first start. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGateway, type GatewayOptions } from "@trueline/gateway";
import { expect, it, onTestFinished } from "vitest";

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "trueline-options-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

it("RN4: limits that are wrong are told together, a sentence each", async () => {
  const options = { limits: { steps: 0, connections: "many" }, access: { nothing: 1 } };
  const gateway = createGateway({
    ...(options as unknown as GatewayOptions),
    store: { directory: "/dev/null" },
  });
  const error = await gateway.ready.catch((refused: Error) => refused);
  expect(error).toMatchObject({
    name: "GatewayOptionsError",
    mistakes: [
      expect.stringMatching(/^limits\.connections: expected a number, got text$/),
      expect.stringMatching(/^limits\.steps: /),
      "access.nothing: there is no such option",
    ],
  });
  expect(String(error)).not.toMatch(/[{}\n]/);
});

it("AU1: where nobody is told the password no administrator is made, and a warning says what to do", async () => {
  const store = { directory: temporaryDirectory() };
  const warnings: string[] = [];
  const silent = () => undefined;
  const log = {
    debug: silent,
    info: silent,
    error: silent,
    warn: (_: object, said: string) => void warnings.push(said),
  };
  const untold = createGateway({ store, log });
  await untold.ready;
  await untold.close();
  expect(warnings).toEqual([expect.stringMatching(/trueline user add .*onFirstAdministrator/)]);

  const made: string[] = [];
  const told = createGateway({
    store,
    log,
    accounts: { onFirstAdministrator: ({ email }) => void made.push(email) },
  });
  await told.ready;
  await told.close();
  expect(made).toEqual(["admin@localhost"]);
});
