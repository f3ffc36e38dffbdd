/** The contract as a document says what is served, and what is served stands in the document (EV1). */
import { eventTypes } from "@trueline/protocol";
import { expect, it } from "vitest";
import { openGateway } from "./support/gateway.ts";

interface Document {
  readonly openapi: string;
  readonly paths: Record<
    string,
    Record<
      string,
      {
        responses: Record<string, { description: string }>;
        parameters?: { name: string; in: string; required: boolean; schema: object }[];
      }
    >
  >;
  readonly components: { readonly schemas: Record<string, { oneOf?: unknown[] }> };
}

it("EV1: OpenAPI 3.1 has every operation, every event and every frame", async () => {
  const { call } = await openGateway();
  const { body: document } = await call<Document>("/v1/openapi.json");
  expect(document.openapi).toBe("3.1.0");
  const { schemas } = document.components;
  expect(schemas.Event?.oneOf).toHaveLength(eventTypes.length);
  for (const type of eventTypes) expect(schemas).toHaveProperty([`EventData.${type}`]);
  for (const type of ["welcome", "ack", "refused", "pong", "reset", "going_away", "error"])
    expect(schemas).toHaveProperty([`Frame.${type}`]);
  for (const name of ["ClientFrame", "ServerFrame", "Error"]) expect(schemas).toHaveProperty([name]);
});

it("EV1: every reference of the document leads somewhere in it", async () => {
  const { call } = await openGateway();
  const { body: document } = await call<object>("/v1/openapi.json");
  const references = new Set<string>();
  JSON.stringify(document, (key, value) => {
    if (key === "$ref") references.add(value);
    return value;
  });
  const target = (reference: string): unknown =>
    reference
      .slice(2)
      .split("/")
      .reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], document);
  expect([...references].filter((reference) => target(reference) === undefined)).toEqual([]);
  expect(references.size).toBeGreaterThan(5);
});

it("EV1: every operation of the document is served", async () => {
  const { call } = await openGateway();
  const { body: document } = await call<Document>("/v1/openapi.json");
  const optional = ["/v1/auth/oidc/start", "/v1/auth/oidc/callback", "/v1/auth/oidc/session"];
  for (const [path, methods] of Object.entries(document.paths)) {
    if (optional.includes(path)) continue;
    for (const method of Object.keys(methods)) {
      if (path === "/v1/events" || path === "/v1/ws") continue;
      // Without credentials, so that nothing is done: what is not served is told apart all the same.
      const answer = await call(path.replaceAll(/\{\w+\}/g, "none"), { method: method.toUpperCase() });
      expect([path, method, JSON.stringify(answer.body)]).not.toEqual([
        path,
        method,
        expect.stringContaining("no such route"),
      ]);
      expect([path, method, answer.status]).not.toEqual([path, method, 405]);
    }
  }
});

it("EV1: the document names query parameters, and the refusals that a call can have", async () => {
  const { call, login } = await openGateway();
  const { body } = await call<Document>("/v1/openapi.json");
  const audit = body.paths["/v1/admin/audit"]?.get;
  const names = audit?.parameters?.map((parameter) => [parameter.name, parameter.in, parameter.required]);
  expect(names?.sort()).toEqual(
    ["action", "before", "from", "limit", "to", "user"].map((name) => [name, "query", false]),
  );
  expect(audit?.parameters?.find(({ name }) => name === "limit")?.schema).toMatchObject({
    type: "integer",
    minimum: 1,
    maximum: 500,
    default: 50,
  });
  const responses = (path: string, method = "get") => body.paths[path]?.[method]?.responses ?? {};
  expect(responses("/readyz")["503"]?.description).toContain("Not ready");
  expect(responses("/metrics")["403"]?.description).toContain("forbidden");
  for (const path of ["/v1/admin/users", "/v1/admin/audit", "/v1/events", "/v1/ws"])
    expect([path, responses(path)["400"]?.description]).toEqual([path, "`invalid_request`"]);
  for (const [path, methods] of Object.entries(body.paths))
    for (const method of Object.keys(methods))
      expect([
        path,
        responses(path, method)["403"]?.description.includes("origin_not_allowed") ?? false,
      ]).toEqual([path, path.startsWith("/v1/")]);
  const token = (await login()).accessToken;
  expect((await call("/v1/admin/users?limit=501", { token })).status).toBe(400);
  expect((await call("/v1/admin/audit?from=yesterday", { token })).status).toBe(400);
});
