/** OpenAPI 3.1 of the whole wire contract, generated from the table of operations and the schemas of the protocol (EV1). */
import {
  clientFrameSchema,
  type ErrorCode,
  errorBodySchema,
  errorCodes,
  eventData,
  eventSchema,
  serverFrames,
} from "@trueline/protocol";
import { z } from "zod";
import { type Operation, operations } from "./operations.ts";

type Json = Record<string, unknown>;

export function openApiDocument(version: string): Json {
  return {
    openapi: "3.1.0",
    info: {
      title: "Trueline gateway",
      version,
      description:
        "A person sends a message; an agent runs; that person, and nobody else, sees every step in order.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    paths: paths(),
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
      schemas: {
        Error: jsonSchema(errorBodySchema),
        Event: jsonSchema(eventSchema),
        ...eventComponents(),
        ClientFrame: jsonSchema(clientFrameSchema, "input"),
        ServerFrame: {
          description: "One JSON object of a text frame; a frame holds one, or an array of them in order.",
          anyOf: [
            ...Object.keys(serverFrames).map((type) => ({ $ref: `#/components/schemas/Frame.${type}` })),
            { $ref: "#/components/schemas/Event" },
          ],
        },
        ...Object.fromEntries(
          Object.entries(serverFrames).map(([type, schema]) => [`Frame.${type}`, jsonSchema(schema)]),
        ),
      },
    },
  };
}

function eventComponents(): Json {
  return Object.fromEntries(
    Object.entries(eventData).map(([type, schema]) => [`EventData.${type}`, jsonSchema(schema)]),
  );
}

function paths(): Json {
  const all: Record<string, Json> = {};
  for (const [operationId, operation] of Object.entries(operations) as [string, Operation][]) {
    const path = operation.path.replaceAll(/:(\w+)/g, "{$1}");
    all[path] = { ...all[path], [operation.method.toLowerCase()]: describe(operationId, operation) };
  }
  return all;
}

function describe(operationId: string, operation: Operation): Json {
  const parameters = parametersOf(operation);
  return {
    operationId,
    summary: operation.summary,
    ...(operation.access === "bearer" ? { security: [{ bearer: [] }] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(operation.body
      ? {
          requestBody: {
            required: !operation.bodyOptional,
            content: jsonContent(jsonSchema(operation.body, "input")),
          },
        }
      : {}),
    responses: { [operation.status]: success(operation), ...failures(operation), ...otherwise(operation) },
  };
}

function parametersOf({ path, query }: Operation): Json[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: text,
  }));
  if (path === operations.streamEvents.path) return [{ name: "Last-Event-ID", in: "header", schema: text }];
  if (path === operations.openSocket.path) return [{ name: "ticket", in: "query", schema: text }];
  return [...inPath, ...(query ? inQuery(query) : [])];
}

function inQuery(query: z.ZodObject): Json[] {
  const { properties, required = [] } = jsonSchema(query, "input") as {
    properties: Json;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}

const text = { type: "string" };

function success({ answer, mediaType, status }: Operation): Json {
  const description = status === 101 ? "The socket is open; send hello first." : "Done.";
  if (answer) return { description, content: jsonContent(jsonSchema(answer)) };
  return mediaType ? { description, content: { [mediaType]: {} } } : { description };
}

function otherwise({ otherwise, mediaType }: Operation): Json {
  if (!otherwise) return {};
  const { status, when } = otherwise;
  return { [status]: { description: when, ...(mediaType ? { content: { [mediaType]: {} } } : {}) } };
}

/** One response by status; its description lists the codes that it can have. */
function failures(operation: Operation): Json {
  const codes: ErrorCode[] = [...operation.errors, "internal_error"];
  if (operation.access === "bearer") codes.push("unauthorized", "going_away", "store_unavailable");
  if (operation.body) codes.push("payload_too_large");
  if (operation.body || operation.query) codes.push("invalid_request");
  // A page of elsewhere is refused before anything else is looked at (AU2).
  if (operation.path.startsWith("/v1/")) codes.push("origin_not_allowed");
  const byStatus = Map.groupBy(new Set(codes), (code) => errorCodes[code]);
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      status,
      {
        description: some.map((code) => `\`${code}\``).join(", "),
        content: jsonContent({ $ref: "#/components/schemas/Error" }),
      },
    ]),
  );
}

const jsonContent = (schema: Json): Json => ({ "application/json": { schema } });

function jsonSchema(schema: z.ZodType, io: "input" | "output" = "output"): Json {
  const {
    $schema: _dialect,
    $defs: _json,
    ...rest
  } = z.toJSONSchema(schema, { io, target: "draft-2020-12" });
  return JSON.parse(JSON.stringify(rest, anyJson));
}

/**
 * `z.json()` is the only schema of ours that holds itself, and becomes a reference to the root that the schema had before it
 * stood in this document. What it takes is any JSON, and that is the empty schema.
 */
const anyJson = (_key: string, value: unknown): unknown =>
  String((value as { $ref?: unknown } | null)?.$ref).startsWith("#/$defs/") ? {} : value;
