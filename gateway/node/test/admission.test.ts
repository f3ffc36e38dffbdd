import { expect, it } from "vitest";
import { closeIfRevoked } from "../src/admission.ts";

it("AU3: access that cannot be checked again closes the connection, and does not sign its user out", async () => {
  const logger = { error: () => undefined };
  const recheck = () => Promise.reject(new Error("disk full"));
  const engine = { authenticator: { recheck }, observer: { logger } } as never;
  const reasons: string[] = [];
  await closeIfRevoked(engine, { identity: {} } as never, (reason) => void reasons.push(reason));
  expect(reasons).toEqual(["internal_error"]);
});
