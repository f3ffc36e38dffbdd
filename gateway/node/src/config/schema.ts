/**
 * What a gateway can be told, with unit, default and what zero means. Flags, environment and file are all checked by this
 * one schema; its JSON Schema is `trueline up --schema`'s answer. Secrets are named by the environment variable they are in.
 */
import { accessLimitsSchema, limitsSchema, objectivesSchema } from "@trueline/server";
import { z } from "zod";
import { logLevels } from "../observe/log.ts";

const name = z.string().min(1).max(100);
/** US dollars for a million tokens. */
const price = z.number().min(0);

export const modelSchema = z.strictObject({
  /** What agents call it. */
  name,
  provider: z.enum(["openai-compatible", "openai", "anthropic"]),
  /** What the provider calls it. */
  model: z.string().min(1),
  /** Where the provider's API is, up to and including `/v1`. Needed for openai-compatible. */
  baseUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** The environment variable that holds the key. Needed for openai and anthropic; absent: none is sent. */
  apiKeyEnv: z.string().min(1).optional(),
  price: z.strictObject({ input: price, output: price }).optional(),
  /** How often a call is tried again that failed before its first part. 0: never. */
  retries: z.int().min(0).max(10).default(2),
  /** Most tokens of one answer. Absent: the provider's own bound. */
  maxOutputTokens: z.int().positive().optional(),
  temperature: z.number().min(0).max(2).optional(),
});
export type ModelConfig = z.output<typeof modelSchema>;

export const agentSchema = z.strictObject({
  name,
  /** Of `models`, or `offline`: the built-in one, which needs no key and is no language model. */
  model: name,
  /** What it does, for people. */
  description: z.string().min(1).max(500),
  instructions: z.string().default(""),
  /** Whether messages that name no agent go to it. Absent everywhere: the first. */
  default: z.boolean().default(false),
});
export type AgentConfig = z.output<typeof agentSchema>;

export const oidcSchema = z.strictObject({
  issuer: z.url({ protocol: /^https?$/ }),
  /** What people call the provider, on the sign-in page. Absent: the issuer's host. */
  name: z.string().trim().min(1).max(60).optional(),
  clientId: z.string().min(1),
  /** The environment variable that holds the client's secret; absent: a public client. */
  clientSecretEnv: z.string().min(1).optional(),
  /** Where people reach this gateway, `https://chat.example.com`. */
  publicUrl: z.url({ protocol: /^https?$/ }),
  scope: z.string().min(1).default("openid email profile"),
  /** Whether somebody new gets an account at the first sign-in. */
  signUp: z.boolean().default(true),
  /** Take the provider's e-mail addresses as verified, though it does not say so (Entra ID). */
  trustEmail: z.boolean().default(false),
});

/** The probe beside the gateway: walks its golden path as a client does, over its own address (HC2). */
const probeSchema = z.strictObject({
  /** Seconds from one walk to the next. 0: none. Absent: 30 with the demo, none otherwise. */
  everySeconds: numeric(z.number().min(0).max(86_400)).optional(),
  /** Who is told when the golden path or a service level is in trouble, and when it is well again. */
  webhooks: z
    .array(
      z.strictObject({
        /** The environment variable that holds the address. */
        urlEnv: z.string().min(1),
        format: z.enum(["slack", "teams", "json"]).default("json"),
      }),
    )
    .default([]),
});

export const configSchema = z.strictObject({
  /** The address that is listened on. */
  host: z.string().min(1).default("127.0.0.1"),
  /** 0: any free one. */
  port: numeric(z.int().min(0).max(65_535)).default(8080),
  /** The data directory, made when it is not there. Relative to the working directory. */
  data: z.string().min(1).default("./.trueline"),
  /** Makes the users ada@example.com and bob@example.com. Only on loopback. */
  demo: flag(false),
  /** Pages that may use the gateway beside those of its own origin, `https://app.example.com`. */
  origins: list(z.url({ protocol: /^https?$/ })),
  /** Proxies in front whose X-Forwarded-For is believed. 0: none. */
  trustedProxies: numeric(z.int().min(0).max(10)).default(0),
  /** Whether the chat and operations pages are served. */
  pages: flag(true),
  /** The e-mail address of the administrator whom the first start makes. */
  administrator: z.email().optional(),
  /** The environment variable with the token that may read /metrics; absent: loopback and administrators. */
  metricsTokenEnv: z.string().min(1).optional(),
  /** Where traces are sent, as OTLP over HTTP. Absent: nowhere. */
  tracesEndpoint: z.url({ protocol: /^https?$/ }).optional(),
  logLevel: z.enum(logLevels).default("info"),
  /** `normal`: an acknowledged event survives `kill -9`. `full`: a power cut too, for one fsync a commit. */
  synchronous: z.enum(["normal", "full"]).default("normal"),
  limits: limitsSchema.prefault({}),
  access: accessLimitsSchema.prefault({}),
  probe: probeSchema.prefault({}),
  /** What the service levels aim at (HC3). */
  objectives: objectivesSchema.prefault({}),
  models: z.array(modelSchema).default([]),
  agents: z.array(agentSchema).default([]),
  oidc: oidcSchema.optional(),
});
export type Config = z.output<typeof configSchema>;

/** Flags and the environment have only text. */
function numeric(schema: z.ZodType<number>) {
  return z.preprocess(
    (given) => (typeof given === "string" && /^-?\d+$/.test(given) ? Number(given) : given),
    schema,
  );
}

function flag(byDefault: boolean) {
  const text = { true: true, false: false, "1": true, "0": false } as const;
  return z
    .preprocess(
      (given) => (typeof given === "string" ? (text[given as keyof typeof text] ?? given) : given),
      z.boolean(),
    )
    .default(byDefault);
}

/** In the environment: separated by commas. */
function list(item: z.ZodType<string>) {
  return z
    .preprocess(
      (given) => (typeof given === "string" ? given.split(",").map((part) => part.trim()) : given),
      z.array(item),
    )
    .default([]);
}

/** A mistake of a field, by its path. */
export interface FieldMistake {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What one field alone cannot show; for a configuration whose fields are right, each by itself. */
export function mistakesOfWhole({ host, demo, models, agents }: Config): readonly FieldMistake[] {
  const mistakes: FieldMistake[] = [];
  const mistake = (path: readonly PropertyKey[], message: string): void =>
    void mistakes.push({ path, message });
  if (demo && !isLoopbackHost(host))
    mistake(["demo"], `the demo users have a known password, so it runs on loopback only, not on ${host}`);
  for (const [index, model] of models.entries()) {
    if (model.provider === "openai-compatible" && !model.baseUrl)
      mistake(["models", index, "baseUrl"], "an openai-compatible model needs the address of its API");
    if (model.provider !== "openai-compatible" && !model.apiKeyEnv)
      mistake(
        ["models", index, "apiKeyEnv"],
        `${model.provider} needs a key: name the variable that holds it`,
      );
    if (model.name === "offline")
      mistake(["models", index, "name"], '"offline" is the name of the built-in model');
  }
  const known = new Set(["offline", ...models.map((model) => model.name)]);
  for (const [index, agent] of agents.entries())
    if (!known.has(agent.model))
      mistake(
        ["agents", index, "model"],
        `there is no model of this name; there is ${[...known].join(", ")}`,
      );
  if (agents.filter((agent) => agent.default).length > 1)
    mistake(["agents"], "more than one agent is the default");
  return [...mistakes, ...repeatsIn(models, "models"), ...repeatsIn(agents, "agents")];
}

function repeatsIn(items: readonly { readonly name: string }[], key: string): readonly FieldMistake[] {
  return items.flatMap(({ name }, index) =>
    items.findIndex((other) => other.name === name) === index
      ? []
      : [{ path: [key, index, "name"], message: `"${name}" is there twice` }],
  );
}

export const isLoopbackHost = (host: string): boolean =>
  host === "localhost" || host === "::1" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
